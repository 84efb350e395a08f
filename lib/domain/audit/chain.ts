import type { HashFunction } from "./bytes.ts";

const CHAIN_PREFIX = 0x02;

/** What the first entry's chain hash is linked to: 32 zero bytes. */
export const CHAIN_START: Uint8Array = new Uint8Array(32);

/**
 * sha256(0x02 || previous chain hash || leaf hash). Redundant beside the tree, kept because it names the first bad
 * entry in one pass and needs no tree: plain SQL can check it.
 */
export function nextChainHash(
  previous: Uint8Array,
  leaf: Uint8Array,
  hash: HashFunction,
): Uint8Array {
  const message = new Uint8Array(1 + previous.length + leaf.length);
  message[0] = CHAIN_PREFIX;
  message.set(previous, 1);
  message.set(leaf, 1 + previous.length);
  return hash(message);
}
