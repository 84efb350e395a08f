import type { HashFunction } from "./bytes.ts";
import { equalBytes } from "./bytes.ts";
import { nodeHash } from "./merkle.ts";

/**
 * Proof verification by RFC 9162 sections 2.1.3.2 and 2.1.4.2. Deliberately shares nothing with the code that makes proofs
 * but the node hash: a mistake in one cannot hide in the other. Total: bad input answers null or false, never throws.
 */

const HASH_BYTES = 32;

const isOdd = (value: number): boolean => value % 2 === 1;
const halve = (value: number): number => Math.floor(value / 2);
const isHash = (value: Uint8Array): boolean => value.length === HASH_BYTES;

/** The root that this leaf and proof lead to in a tree of `size` leaves; `null` when the proof cannot belong to that place. */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  hash: HashFunction,
): Uint8Array | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return null;
  if (index < 0 || index >= size || !isHash(leaf) || !proof.every(isHash)) return null;
  let node = index;
  let last = size - 1;
  let root = leaf;
  for (const sibling of proof) {
    if (last === 0) return null;
    if (isOdd(node) || node === last) {
      root = nodeHash(sibling, root, hash);
      while (!isOdd(node) && node !== 0) {
        node = halve(node);
        last = halve(last);
      }
    } else {
      root = nodeHash(root, sibling, hash);
    }
    node = halve(node);
    last = halve(last);
  }
  return last === 0 ? root : null;
}

/** Whether `leaf` is entry `index` of the tree of `size` leaves that has this root. */
export function verifyInclusion(
  claim: {
    readonly index: number;
    readonly size: number;
    readonly leaf: Uint8Array;
    readonly root: Uint8Array;
  },
  proof: readonly Uint8Array[],
  hash: HashFunction,
): boolean {
  const root = rootFromInclusion(claim.index, claim.size, claim.leaf, proof, hash);
  return root !== null && equalBytes(root, claim.root);
}

export type ConsistencyClaim = {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
};

/** Whether the tree of `oldSize` leaves is the beginning of the tree of `newSize` leaves. An empty old tree begins every tree. */
export function verifyConsistency(
  claim: ConsistencyClaim,
  proof: readonly Uint8Array[],
  hash: HashFunction,
): boolean {
  const { oldSize, newSize, oldRoot, newRoot } = claim;
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize)) return false;
  if (
    oldSize < 0 ||
    oldSize > newSize ||
    !isHash(oldRoot) ||
    !isHash(newRoot) ||
    !proof.every(isHash)
  )
    return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && equalBytes(oldRoot, hash(new Uint8Array(0)));
  return climbBoth(claim, proof, hash);
}

function climbBoth(
  claim: ConsistencyClaim,
  proof: readonly Uint8Array[],
  hash: HashFunction,
): boolean {
  let node = claim.oldSize - 1;
  let last = claim.newSize - 1;
  while (isOdd(node)) {
    node = halve(node);
    last = halve(last);
  }
  // When the old size is a power of two, its root is itself the first element of the path.
  const path = node === 0 ? [claim.oldRoot, ...proof] : proof;
  const [first, ...siblings] = path;
  if (first === undefined) return false;
  let oldRoot = first;
  let newRoot = first;
  for (const sibling of siblings) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      oldRoot = nodeHash(sibling, oldRoot, hash);
      newRoot = nodeHash(sibling, newRoot, hash);
      while (!isOdd(node) && node !== 0) {
        node = halve(node);
        last = halve(last);
      }
    } else {
      newRoot = nodeHash(newRoot, sibling, hash);
    }
    node = halve(node);
    last = halve(last);
  }
  return last === 0 && equalBytes(oldRoot, claim.oldRoot) && equalBytes(newRoot, claim.newRoot);
}
