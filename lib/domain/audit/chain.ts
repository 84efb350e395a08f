import type { HashFunction } from "./bytes.ts";
import { concatBytes } from "./bytes.ts";

const CHAIN_PREFIX = new Uint8Array([2]);

/** What the first entry's chain hash is linked to: 32 zero bytes. */
export const CHAIN_START: Uint8Array = new Uint8Array(32);

/**
 * sha256(0x02 || previous chain hash || leaf hash). Redundant beside the tree, kept because it names the first bad
 * entry in one pass and needs no tree: plain SQL can check it.
 */
export function nextChainHash(previous: Uint8Array, leaf: Uint8Array, hash: HashFunction): Uint8Array {
  return hash(concatBytes(CHAIN_PREFIX, previous, leaf));
}
