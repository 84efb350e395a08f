import type { HashFunction } from "./bytes.ts";
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from "./bytes.ts";

/**
 * C2SP signed-note v1.0.0 with Ed25519 keys (signature type 0x01): a text, an empty line, and lines
 * "— <key name> <base64(key id || signature)>". Any tool that reads such notes can check ours.
 */

const ED25519_TYPE = 0x01;
const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** The specification asks for at least 16. */
const MAX_SIGNATURES = 32;
const MAX_NOTE_CHARS = 1_000_000;

export type NoteKey = {
  readonly name: string;
  readonly id: Uint8Array;
  readonly publicKey: Uint8Array;
};

/** Checks one Ed25519 signature (RFC 8032). Must answer false, not throw, for a malformed key. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;
export type Sign = (message: Uint8Array) => Uint8Array;

/** Non-empty, no white space, no plus sign, no control characters. */
export function isKeyName(name: string): boolean {
  return (
    name.length > 0 && name.length <= 255 && name.isWellFormed() && !/[\s+\p{Cc}\p{Z}]/u.test(name)
  );
}

/** First four bytes of sha256(name || 0x0A || 0x01 || public key). */
export function keyIdOf(name: string, publicKey: Uint8Array, hash: HashFunction): Uint8Array {
  return hash(concatBytes(utf8(`${name}\n`), new Uint8Array([ED25519_TYPE]), publicKey)).slice(
    0,
    KEY_ID_BYTES,
  );
}

/** The public key as people pin it: `<name>+<key id in hex>+<base64(0x01 || public key)>`. */
export function encodeVerifierKey(name: string, publicKey: Uint8Array, hash: HashFunction): string {
  if (!isKeyName(name)) throw new RangeError(`"${name}" cannot be a key name.`);
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new RangeError("An Ed25519 public key has 32 bytes.");
  const material = concatBytes(new Uint8Array([ED25519_TYPE]), publicKey);
  return `${name}+${toHex(keyIdOf(name, publicKey, hash))}+${toBase64(material)}`;
}

/** `null` when the text is not an Ed25519 verifier key or its id does not belong to name and key. */
export function parseVerifierKey(text: string, hash: HashFunction): NoteKey | null {
  const [name = "", idText = "", ...rest] = text.split("+");
  // Base64 has plus signs of its own, so what follows the second separator belongs together.
  const material = fromBase64(rest.join("+"));
  const id = fromHex(idText);
  if (!isKeyName(name) || id === null || material === null) return null;
  if (material.length !== PUBLIC_KEY_BYTES + 1 || material[0] !== ED25519_TYPE) return null;
  const publicKey = material.slice(1);
  return equalBytes(id, keyIdOf(name, publicKey, hash)) ? { name, id, publicKey } : null;
}

/** Whether the text may be signed: well-formed, ends in a newline, no control characters but newlines. */
function isNoteText(text: string): boolean {
  return text.endsWith("\n") && text.isWellFormed() && !hasControlCharacters(text);
}

function hasControlCharacters(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}

/** Signs `text` with each signer, in order. Throws RangeError when the text or a name cannot stand in a note. */
export function signNote(
  text: string,
  signers: readonly { readonly name: string; readonly id: Uint8Array; readonly sign: Sign }[],
): string {
  if (!isNoteText(text))
    throw new RangeError("A note's text ends in a newline and holds no control characters.");
  const lines = signers.map(({ name, id, sign }) => {
    if (!isKeyName(name)) throw new RangeError(`"${name}" cannot be a key name.`);
    return `\u2014 ${name} ${toBase64(concatBytes(id, sign(utf8(text))))}\n`;
  });
  return `${text}\n${lines.join("")}`;
}

type NoteSignature = {
  readonly name: string;
  readonly id: Uint8Array;
  readonly signature: Uint8Array;
};

/** Splits a note at its last empty line. `null` when it is not a note. */
export function parseNote(
  note: string,
): { readonly text: string; readonly signatures: readonly NoteSignature[] } | null {
  if (
    note.length > MAX_NOTE_CHARS ||
    !note.endsWith("\n") ||
    !note.isWellFormed() ||
    hasControlCharacters(note)
  ) {
    return null;
  }
  const split = note.lastIndexOf("\n\n");
  if (split < 0) return null;
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const [dash, name, encoded, ...rest] = line.split(" ");
    const bytes = encoded === undefined ? null : fromBase64(encoded);
    if (dash !== "\u2014" || name === undefined || rest.length > 0 || !isKeyName(name)) return null;
    if (bytes === null || bytes.length <= KEY_ID_BYTES) return null;
    signatures.push({
      name,
      id: bytes.slice(0, KEY_ID_BYTES),
      signature: bytes.slice(KEY_ID_BYTES),
    });
  }
  return { text: note.slice(0, split + 1), signatures };
}

export type OpenedNote =
  | { readonly ok: true; readonly text: string; readonly keys: readonly NoteKey[] }
  | { readonly ok: false; readonly refusal: "malformed" | "unknown_key" | "bad_signature" };

/**
 * The text of a note that a trusted key has signed. Signatures by unknown keys are ignored; one bad signature by a
 * known key refuses the whole note. The text of a note that is not `ok` must not be used for anything.
 */
export function openNote(
  note: string,
  trusted: readonly NoteKey[],
  verify: VerifySignature,
): OpenedNote {
  const parsed = parseNote(note);
  if (parsed === null) return { ok: false, refusal: "malformed" };
  const message = utf8(parsed.text);
  const keys: NoteKey[] = [];
  for (const { name, id, signature } of parsed.signatures) {
    const key = trusted.find((known) => known.name === name && equalBytes(known.id, id));
    if (key === undefined) continue;
    if (signature.length !== SIGNATURE_BYTES || !verify(key.publicKey, message, signature)) {
      return { ok: false, refusal: "bad_signature" };
    }
    keys.push(key);
  }
  return keys.length === 0
    ? { ok: false, refusal: "unknown_key" }
    : { ok: true, text: parsed.text, keys };
}
