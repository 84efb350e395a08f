import { equalBytes } from "#lib/domain/audit/bytes.ts";
import { nextChainHash } from "#lib/domain/audit/chain.ts";
import type { Frontier } from "#lib/domain/audit/merkle.ts";
import { appendLeaf, leafHash } from "#lib/domain/audit/merkle.ts";
import type { MerkleNode } from "#lib/domain/audit/merkle.ts";
import type { StoredLeaf } from "./audit-store.ts";
import { sha256 } from "./sha256.ts";

/** Where a walk over the trail stands: everything up to here has been derived from the leaves' own bytes. */
export type Position = { readonly frontier: Frontier; readonly chainHash: Uint8Array };

export type Replayed =
  | {
      readonly ok: true;
      readonly position: Position;
      readonly completed: readonly MerkleNode[];
      /** Entries whose text was pruned: their stored hash took its place. */
      readonly missing: readonly number[];
    }
  | { readonly ok: false; readonly seq: number; readonly message: string };

/** Walks over entries that must follow `position` directly; stops at the first whose stored number or hashes do not come from its bytes. */
export function replayLeaves(position: Position, leaves: readonly StoredLeaf[]): Replayed {
  let { frontier, chainHash } = position;
  const completed: MerkleNode[] = [];
  const missing: number[] = [];
  for (const stored of leaves) {
    const seq = frontier.size;
    if (stored.seq !== seq)
      return { ok: false, seq, message: `entry ${seq} is missing; the next one is ${stored.seq}` };
    const isPruned = isTextPruned(stored);
    if (isPruned) missing.push(seq);
    const hash = isPruned ? stored.leafHash : leafHash(stored.leaf, sha256);
    if (!equalBytes(hash, stored.leafHash))
      return { ok: false, seq, message: "the entry's text does not have its stored hash" };
    chainHash = nextChainHash(chainHash, hash, sha256);
    if (!equalBytes(chainHash, stored.chainHash))
      return { ok: false, seq, message: "the entry does not follow from the one before it" };
    const grown = appendLeaf(frontier, hash, sha256);
    frontier = grown.frontier;
    completed.push(...grown.completed);
  }
  return { ok: true, position: { frontier, chainHash }, completed, missing };
}

/** Whether only the hash of the entry is left, by an act of pruning. */
export const isTextPruned = ({ leaf, pruned }: StoredLeaf): boolean => leaf.length === 0 && (pruned ?? null) !== null;
