import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fromBase64, fromHex, toBase64, toHex, equalBytes } from "#lib/domain/audit/bytes.ts";
import type { NoteKey, Sign, VerifySignature } from "#lib/domain/audit/signed-note.ts";
import { encodeVerifierKey, keyIdOf } from "#lib/domain/audit/signed-note.ts";
import { AuditFault } from "./audit-fault.ts";
import { createDurableFile, isMissing } from "./durable-file.ts";
import { sha256 } from "./sha256.ts";

/**
 * The Ed25519 key that signs checkpoints. It lives in a file of its own, never in the database: whoever can rewrite the
 * tables must not also be able to sign them. Format of golang.org/x/mod/sumdb/note: `PRIVATE+KEY+<name>+<id>+<base64(0x01 || seed)>`.
 */
export type SigningKey = NoteKey & { readonly sign: Sign; readonly vkey: string };

const PREFIX = "PRIVATE+KEY+";
const ED25519_TYPE = 0x01;
const SEED_BYTES = 32;
const PKCS8_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");
const MODE_OWNER_READS = 0o400;

/** Ed25519 by node:crypto; false for anything that is not a right signature by that key. */
export const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    return verify(
      null,
      message,
      createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }),
      signature,
    );
  } catch {
    return false;
  }
};

/** `null` when there is no such file. Rejects with AUDIT_KEY_UNUSABLE when it cannot be the key of this log. */
export async function readSigningKey(file: string, origin: string): Promise<SigningKey | null> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw new AuditFault("AUDIT_KEY_UNUSABLE", `The audit signing key ${file} cannot be read.`, {
      cause: error,
    });
  }
  const key = parseSigningKey(text.trim());
  if (key === null)
    throw new AuditFault("AUDIT_KEY_UNUSABLE", `The audit signing key ${file} is damaged.`);
  if (key.name !== origin) {
    throw new AuditFault(
      "AUDIT_KEY_UNUSABLE",
      `The audit signing key ${file} belongs to the log ${key.name}, this is ${origin}.`,
    );
  }
  return key;
}

/** Makes a key and keeps it, readable by its owner only. Rejects when the file is there already: a key is never overwritten. */
export async function createSigningKey(file: string, origin: string): Promise<SigningKey> {
  const key = keyFromSeed(origin, randomBytes(SEED_BYTES));
  await createDurableFile(file, `${key.text}\n`, MODE_OWNER_READS);
  return key;
}

function keyFromSeed(name: string, seed: Uint8Array): SigningKey & { readonly text: string } {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEADER, seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = publicBytes(privateKey);
  const id = keyIdOf(name, publicKey, sha256);
  const material = toBase64(Buffer.concat([Buffer.of(ED25519_TYPE), seed]));
  return {
    name,
    id,
    publicKey,
    vkey: encodeVerifierKey(name, publicKey, sha256),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    text: `${PREFIX}${name}+${toHex(id)}+${material}`,
  };
}

function publicBytes(privateKey: KeyObject): Uint8Array {
  // The last 32 bytes of the SubjectPublicKeyInfo are the key itself (RFC 8410).
  return new Uint8Array(
    createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32),
  );
}

function parseSigningKey(text: string): SigningKey | null {
  if (!text.startsWith(PREFIX)) return null;
  const [name = "", idText = "", ...rest] = text.slice(PREFIX.length).split("+");
  const material = fromBase64(rest.join("+"));
  const id = fromHex(idText);
  if (material?.length !== SEED_BYTES + 1 || material[0] !== ED25519_TYPE || id === null)
    return null;
  const key = keyFromSeed(name, material.slice(1));
  return equalBytes(key.id, id) ? key : null;
}
