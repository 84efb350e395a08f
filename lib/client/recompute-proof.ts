import type { AuditProofView } from "#lib/contracts/audit-api.ts";
import type { HashFunction } from "#lib/domain/audit/bytes.ts";
import { equalBytes, fromHex, toHex, utf8 } from "#lib/domain/audit/bytes.ts";
import { openCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import { leafHash } from "#lib/domain/audit/merkle.ts";
import { verifyInclusion } from "#lib/domain/audit/merkle-verify.ts";
import { parseNote, parseVerifierKey, type VerifySignature } from "#lib/domain/audit/signed-note.ts";

/** Recomputes an inclusion proof where the reader sits, from the entry's own text to the signed root. */

export type Recomputed =
  | {
      readonly state: "verified";
      /** False: this browser knows no Ed25519, so the root was compared but its signature was not checked. */
      readonly signatureChecked: boolean;
    }
  | { readonly state: "wrong"; readonly because: string }
  /** Web Crypto is closed to pages without https on another host. */
  | { readonly state: "unavailable"; readonly because: string };

type Subtle = Pick<SubtleCrypto, "digest" | "importKey" | "verify">;

class NeedsDigest extends Error {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    super("a digest that is not known yet");
    this.bytes = bytes;
  }
}

/**
 * Runs a pure function that hashes at once with a hash that only answers later: each unknown digest is fetched and the
 * function runs again, until it has all it needs. Twice the depth of the tree in rounds, so about a hundred at most.
 */
export async function withDigests<T>(
  digest: (bytes: Uint8Array) => Promise<Uint8Array>,
  run: (hash: HashFunction) => T,
): Promise<T> {
  const known = new Map<string, Uint8Array>();
  const hash: HashFunction = (bytes) => {
    const answer = known.get(toHex(bytes));
    if (answer === undefined) throw new NeedsDigest(bytes);
    return answer;
  };
  for (;;) {
    try {
      return run(hash);
    } catch (cause) {
      if (!(cause instanceof NeedsDigest)) throw cause;
      known.set(toHex(cause.bytes), await digest(cause.bytes));
    }
  }
}

/** Checks a proof as the server sent it against the verifier key the reader sees. Never rejects. */
export async function recomputeProof(
  proof: AuditProofView,
  vkey: string,
  subtle: Subtle | undefined,
): Promise<Recomputed> {
  if (subtle === undefined) {
    return {
      state: "unavailable",
      because: "This browser computes hashes on secure pages only. Use the offline verifier.",
    };
  }
  const digest = async (bytes: Uint8Array) =>
    new Uint8Array(await subtle.digest("SHA-256", Uint8Array.from(bytes)));
  const siblings = proof.steps.flatMap(({ hash }) => fromHex(hash) ?? []);
  const root = fromHex(proof.checkpoint.root);
  const claimed = fromHex(proof.leafHash);
  if (root === null || claimed === null || siblings.length !== proof.steps.length)
    return wrong("The proof is not written as a proof is.");
  // A pruned text leaves its hash: that is what the tree is checked with.
  const leaf = proof.leaf === "" ? claimed : await withDigests(digest, (hash) => leafHash(utf8(proof.leaf), hash));
  if (!equalBytes(leaf, claimed)) return wrong("The entry does not have the hash it is listed with.");
  const claim = { index: proof.seq, size: proof.checkpoint.size, leaf, root };
  if (!(await withDigests(digest, (hash) => verifyInclusion(claim, siblings, hash))))
    return wrong("The hashes do not lead to the root of the checkpoint.");
  return checkSignature(proof, vkey, root, digest, subtle);
}

async function checkSignature(
  proof: AuditProofView,
  vkey: string,
  root: Uint8Array,
  digest: (bytes: Uint8Array) => Promise<Uint8Array>,
  subtle: Subtle,
): Promise<Recomputed> {
  const key = await withDigests(digest, (hash) => parseVerifierKey(vkey, hash));
  const note = parseNote(proof.checkpoint.note);
  if (key === null || note === null) return wrong("The checkpoint or its key cannot be read.");
  const genuine: Uint8Array[] = [];
  let signatureChecked = true;
  for (const { name, id, signature } of note.signatures) {
    if (name !== key.name || !equalBytes(id, key.id)) continue;
    const answer = await verifyEd25519(subtle, key.publicKey, utf8(note.text), signature);
    if (answer === "unknown") signatureChecked = false;
    if (answer !== "bad") genuine.push(signature);
  }
  const verify: VerifySignature = (_publicKey, _message, signature) =>
    genuine.some((known) => equalBytes(known, signature));
  const opened = openCheckpoint(proof.checkpoint.note, [key], verify);
  if (!opened.ok) return wrong("The checkpoint is not signed by the key shown on this page.");
  const { checkpoint } = opened;
  if (checkpoint.size !== proof.checkpoint.size || !equalBytes(checkpoint.root, root))
    return wrong("The signed checkpoint names another root.");
  return { state: "verified", signatureChecked };
}

async function verifyEd25519(
  subtle: Subtle,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<"good" | "bad" | "unknown"> {
  try {
    const key = await subtle.importKey("raw", Uint8Array.from(publicKey), "Ed25519", false, [
      "verify",
    ]);
    const good = await subtle.verify(
      "Ed25519",
      key,
      Uint8Array.from(signature),
      Uint8Array.from(message),
    );
    return good ? "good" : "bad";
  } catch {
    return "unknown";
  }
}

const wrong = (because: string): Recomputed => ({ state: "wrong", because });
