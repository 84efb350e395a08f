import { canonicalJson, type JsonValue } from "../audit/canonical-json.ts";
import { toHex, utf8, type HashFunction } from "../audit/bytes.ts";
import { type NoteKey, openNote, type VerifySignature } from "../audit/signed-note.ts";

const FIRST_LINE = "slipway.release-manifest/1";

/** sha256 over the canonical bytes of a manifest, in hex. */
export const manifestDigest = (manifest: JsonValue, hash: HashFunction): string => toHex(hash(utf8(canonicalJson(manifest))));

/** The text that is signed: what it is, whose, and the digest of the manifest. */
export const manifestNoteText = (origin: string, digest: string): string => `${FIRST_LINE}\n${origin}\nsha256:${digest}\n`;

export type ManifestVerdict =
  | { readonly ok: true; readonly digest: string; readonly keys: readonly string[] }
  | { readonly ok: false; readonly fault: "malformed" | "tampered" | "untrusted"; readonly message: string };

/** Whether a manifest is exactly what a trusted key has signed. Needs nothing but the file and the key. */
export function verifyManifest(signed: { readonly manifest: JsonValue; readonly note: string }, trusted: readonly NoteKey[], hash: HashFunction, verify: VerifySignature): ManifestVerdict {
  const opened = openNote(signed.note, trusted, verify);
  if (!opened.ok) {
    if (opened.refusal === "unknown_key") return { ok: false, fault: "untrusted", message: "It was not signed by the key you gave." };
    return { ok: false, fault: opened.refusal === "malformed" ? "malformed" : "tampered", message: "The signature is not right." };
  }
  const [kind, , digestLine = ""] = opened.text.split("\n");
  if (kind !== FIRST_LINE || !digestLine.startsWith("sha256:")) return { ok: false, fault: "malformed", message: "The signed text is not that of a release manifest." };
  const digest = manifestDigest(signed.manifest, hash);
  if (digestLine !== `sha256:${digest}`) return { ok: false, fault: "tampered", message: "The manifest is not the one that was signed." };
  return { ok: true, digest, keys: opened.keys.map(({ name }) => name) };
}
