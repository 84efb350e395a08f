import type { HashFunction } from "./bytes.ts";

/**
 * The RFC 6962 Merkle tree: domain-separated hashes, the compact frontier by which it grows, and which stored
 * subtrees a root or a proof is made of. Sizes and indexes are safe integers, so no bitwise operators on them.
 */

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** Root of a full subtree: covers leaves [index * 2^level, (index + 1) * 2^level). Level 0 is a leaf hash. */
export type NodeRef = { readonly level: number; readonly index: number };
export type MerkleNode = NodeRef & { readonly hash: Uint8Array };

/** Leaves [start, end). Every proof element is the hash of one span. */
export type Span = { readonly start: number; readonly end: number };

/** The roots of the full subtrees that make up a tree of `size` leaves, largest first (one per set bit of size). */
export type Frontier = { readonly size: number; readonly hashes: readonly Uint8Array[] };

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/** sha256(0x00 || leaf) */
export function leafHash(leaf: Uint8Array, hash: HashFunction): Uint8Array {
  const message = new Uint8Array(1 + leaf.length);
  message[0] = LEAF_PREFIX;
  message.set(leaf, 1);
  return hash(message);
}

/** sha256(0x01 || left || right) */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: HashFunction): Uint8Array {
  const message = new Uint8Array(1 + left.length + right.length);
  message[0] = NODE_PREFIX;
  message.set(left, 1);
  message.set(right, 1 + left.length);
  return hash(message);
}

/** Adds one leaf; `completed` are the full subtrees (level 1 and up) that this leaf finished. */
export function appendLeaf(
  frontier: Frontier,
  leaf: Uint8Array,
  hash: HashFunction,
): { readonly frontier: Frontier; readonly completed: readonly MerkleNode[] } {
  const hashes = [...frontier.hashes];
  const completed: MerkleNode[] = [];
  let node = leaf;
  let rest = frontier.size;
  for (let level = 1; rest % 2 === 1; level += 1) {
    const left = hashes.pop();
    if (left === undefined)
      throw new RangeError("The frontier has fewer subtrees than its size says.");
    node = nodeHash(left, node, hash);
    rest = Math.floor(rest / 2);
    completed.push({ level, index: rest, hash: node });
  }
  hashes.push(node);
  return { frontier: { size: frontier.size + 1, hashes }, completed };
}

/** The hash of neighbouring subtrees, largest first: folded from the right. Of none: the hash of nothing, RFC 6962's empty root. */
export function foldSubtrees(hashes: readonly Uint8Array[], hash: HashFunction): Uint8Array {
  return hashes.length === 0
    ? hash(new Uint8Array(0))
    : hashes.reduceRight((right, left) => nodeHash(left, right, hash));
}

export function frontierRoot(frontier: Frontier, hash: HashFunction): Uint8Array {
  return foldSubtrees(frontier.hashes, hash);
}

/** The full subtrees of a span, left to right. The span must start at a multiple of its largest subtree, as spans of proofs do. */
export function subtreesOf(span: Span): readonly NodeRef[] {
  const refs: NodeRef[] = [];
  let start = span.start;
  while (start < span.end) {
    let level = 0;
    let width = 1;
    while (width * 2 <= span.end - start) {
      width *= 2;
      level += 1;
    }
    if (start % width !== 0) throw new RangeError("The span does not start at a subtree.");
    refs.push({ level, index: start / width });
    start += width;
  }
  return refs;
}

/** Largest power of two smaller than `size`, which is at least 2: where RFC 6962 splits a tree. */
function splitPoint(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}

function requireSize(value: number, least: number, most: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}.`);
  }
}

/** PATH(index, D[size]) of RFC 6962 section 2.1.1 as spans, from the leaf's sibling upwards. */
export function inclusionSpans(index: number, size: number): readonly Span[] {
  requireSize(size, 1, Number.MAX_SAFE_INTEGER, "size");
  requireSize(index, 0, size - 1, "index");
  const spans: Span[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      spans.push({ start: middle, end });
      end = middle;
    } else {
      spans.push({ start, end: middle });
      start = middle;
    }
  }
  return spans.reverse();
}

/** PROOF(oldSize, D[newSize]) of RFC 6962 section 2.1.2 as spans. Empty when the sizes are equal or the old tree was empty. */
export function consistencySpans(oldSize: number, newSize: number): readonly Span[] {
  requireSize(newSize, 0, Number.MAX_SAFE_INTEGER, "newSize");
  requireSize(oldSize, 0, newSize, "oldSize");
  if (oldSize === 0) return [];
  const spans: Span[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      spans.push({ start: middle, end });
      end = middle;
    } else {
      spans.push({ start, end: middle });
      start = middle;
    }
  }
  // The old tree's own last subtree is named only when it is not the whole old tree.
  if (start > 0) spans.push({ start, end });
  return spans.reverse();
}

/** Turns spans into proof hashes. `lookup` answers the hash of a stored full subtree or leaf. */
export function proofHashes(
  spans: readonly Span[],
  lookup: (ref: NodeRef) => Uint8Array,
  hash: HashFunction,
): readonly Uint8Array[] {
  return spans.map((span) => foldSubtrees(subtreesOf(span).map(lookup), hash));
}
