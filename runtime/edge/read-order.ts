import { createHash, createPublicKey, verify } from "node:crypto";
import { edgeManifest, type CheckInResponse } from "#lib/contracts/edge.ts";
import { desiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { manifestJson } from "#lib/domain/edge/manifest.ts";
import { openNote, parseVerifierKey, type VerifySignature } from "#lib/domain/audit/signed-note.ts";
import type { FilledSlot } from "./slot-file.ts";

const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    return verify(null, message, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }), signature);
  } catch {
    return false;
  }
};

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

/** An order that is by the control plane this device joined, with the document that it names. Throws when it is anything else: nothing in it may then be used. */
export function readOrder({ note, document }: NonNullable<CheckInResponse["order"]>, verifierKey: string): FilledSlot {
  const key = parseVerifierKey(verifierKey, sha256);
  if (key === null) throw new Error("The key that this device trusts cannot be read.");
  const opened = openNote(note, [key], verifyEd25519);
  if (!opened.ok) throw new Error(`The order is not signed by the control plane that this device joined (${opened.refusal}).`);
  const json = manifestJson(opened.text);
  if (json === null) throw new Error("What was signed is not an order to a device.");
  const manifest = edgeManifest.parse(JSON.parse(json));
  if (`sha256:${createHash("sha256").update(document).digest("hex")}` !== manifest.document) throw new Error("The document is not the one that the order names.");
  const version = desiredVersion.parse(JSON.parse(document));
  if (version.versionId !== manifest.versionId) throw new Error("The document is about another version than the order.");
  return { manifest, version };
}
