import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const NONCE = 12;
const TAG = 16;

const keyOf = (secret: string): Buffer => Buffer.from(hkdfSync("sha256", secret, "slipway", "target credentials v1", 32));

/** Encrypts headers (AES-256-GCM; key by HKDF from the installation's secret; bound to the target's id). Nonce, tag, text. */
export function sealHeaders(secret: string, targetId: string, headers: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", keyOf(secret), nonce).setAAD(Buffer.from(targetId));
  const text = Buffer.concat([cipher.update(JSON.stringify(headers), "utf8"), cipher.final()]);
  return Uint8Array.from(Buffer.concat([nonce, cipher.getAuthTag(), text]));
}

/** The headers again. Throws when the bytes were changed, belong to another target or were sealed with another secret. */
export function openHeaders(secret: string, targetId: string, sealed: Uint8Array | null): Record<string, string> {
  if (sealed === null) return {};
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv("aes-256-gcm", keyOf(secret), bytes.subarray(0, NONCE)).setAAD(Buffer.from(targetId));
  decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  const text = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString("utf8");
  return JSON.parse(text) as Record<string, string>;
}
