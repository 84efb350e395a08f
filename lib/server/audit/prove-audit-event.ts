import type { Span } from "#lib/domain/audit/merkle.ts";
import { foldSubtrees, inclusionSpans, subtreesOf } from "#lib/domain/audit/merkle.ts";
import { formatTlogProof } from "#lib/domain/audit/tlog-proof.ts";
import type { AuditStore, StoredCheckpoint, StoredLeaf } from "./audit-store.ts";
import { sha256 } from "./sha256.ts";

/** One hash on the way from the entry to the root, and which entries it stands for. */
export type ProofStep = Span & { readonly hash: Uint8Array };

export type AuditEventProof = {
  readonly entry: StoredLeaf;
  /** The newest checkpoint; it covers the entry. */
  readonly checkpoint: StoredCheckpoint;
  /** From the entry's sibling upwards. */
  readonly steps: readonly ProofStep[];
  /** The same as a C2SP tlog-proof, for a file `<seq>.tlog-proof`. */
  readonly text: string;
};

/** Proves that an entry stands in the signed log, with two queries however long the log is. `missing`: no such entry; `unsigned`: no checkpoint covers it yet. */
export async function proveAuditEvent(
  store: AuditStore,
  seq: number,
): Promise<AuditEventProof | "missing" | "unsigned"> {
  const [entry] = await store.leaves(seq, seq + 1);
  if (entry === undefined) return "missing";
  const checkpoint = await store.latestCheckpoint();
  if (checkpoint === null || checkpoint.size <= seq) return "unsigned";
  const steps = await hashSpans(store, inclusionSpans(seq, checkpoint.size));
  const hashes = steps.map((step) => step.hash);
  return {
    entry,
    checkpoint,
    steps,
    text: formatTlogProof({ index: seq, hashes, checkpoint: checkpoint.note }),
  };
}

/** The hash of each span, from stored subtrees in one query. */
export async function hashSpans(
  store: Pick<AuditStore, "nodes">,
  spans: readonly Span[],
): Promise<readonly ProofStep[]> {
  const parts = spans.map(subtreesOf);
  const hashes = await store.nodes(parts.flat());
  let at = 0;
  return spans.map((span, index) => {
    const count = parts[index]?.length ?? 0;
    const own = hashes.slice(at, at + count);
    at += count;
    return { ...span, hash: foldSubtrees(own, sha256) };
  });
}
