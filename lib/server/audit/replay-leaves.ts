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
  | { readonly ok: true; readonly position: Position; readonly completed: readonly MerkleNode[] }
  | { readonly ok: false; readonly seq: number; readonly message: string };

/** Walks over entries that must follow `position` directly; stops at the first whose stored number or hashes do not come from its bytes. */
export function replayLeaves(position: Position, leaves: readonly StoredLeaf[]): Replayed {
  let { frontier, chainHash } = position;
  const completed: MerkleNode[] = [];
  for (const stored of leaves) {
    const seq = frontier.size;
    if (stored.seq !== seq)
      return { ok: false, seq, message: `entry ${seq} is missing; the next one is ${stored.seq}` };
    const hash = leafHash(stored.leaf, sha256);
    if (!equalBytes(hash, stored.leafHash))
      return { ok: false, seq, message: "the entry's text does not have its stored hash" };
    chainHash = nextChainHash(chainHash, hash, sha256);
    if (!equalBytes(chainHash, stored.chainHash))
      return { ok: false, seq, message: "the entry does not follow from the one before it" };
    const grown = appendLeaf(frontier, hash, sha256);
    frontier = grown.frontier;
    completed.push(...grown.completed);
  }
  return { ok: true, position: { frontier, chainHash }, completed };
}
