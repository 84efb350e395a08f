import { createPublicKey, hash, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import type { BundleVerdict } from "#lib/domain/audit/bundle-verdict.ts";
import type { BundleVerifier } from "#lib/domain/audit/bundle-verifier.ts";
import { createBundleVerifier } from "#lib/domain/audit/bundle-verifier.ts";
import type { HashFunction } from "#lib/domain/audit/bytes.ts";
import type { NoteKey, VerifySignature } from "#lib/domain/audit/signed-note.ts";

/** Reads a bundle from disk in constant memory and hands its lines to the verifier. */

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1 << 20;
/** The largest entry Slipway writes is well under 1 MB. */
const MAX_LINE_BYTES = 16 << 20;

export const sha256: HashFunction = (bytes) => hash("sha256", bytes, "buffer");

/** Ed25519 by node:crypto. A key that is no point of the curve verifies nothing. */
export function createSignatureCheck(): VerifySignature {
  const known = new Map<string, KeyObject>();
  return (publicKey, message, signature) => {
    const x = Buffer.from(publicKey).toString("base64url");
    try {
      const key =
        known.get(x) ?? createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
      known.set(x, key);
      return verify(null, message, key, signature);
    } catch {
      return false;
    }
  };
}

/** Rejects only when the file cannot be read. */
export async function verifyBundleFile(
  path: string,
  options: { readonly trusted: readonly NoteKey[]; readonly since: string | null; readonly witnessed?: readonly string[] },
): Promise<BundleVerdict> {
  const verifier = createBundleVerifier({
    ...options,
    hash: sha256,
    verifySignature: createSignatureCheck(),
  });
  let rest: Buffer = Buffer.alloc(0);
  let lines = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes: Buffer =
      rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, Buffer.from(chunk)]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      const verdict = feed(verifier, bytes.subarray(start, end));
      if (verdict !== null) return verdict;
      lines += 1;
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > MAX_LINE_BYTES) {
      return {
        status: "malformed",
        line: lines + 1,
        message: `the line is longer than ${MAX_LINE_BYTES} bytes`,
      };
    }
  }
  return verifier.end(rest.length > 0);
}

function feed(verifier: BundleVerifier, line: Buffer): BundleVerdict | null {
  return verifier.line(isUtf8(line) ? line.toString("utf8") : null);
}
