import type { HashFunction } from "../audit/bytes.ts";
import { utf8 } from "../audit/bytes.ts";

/** Said on every work paper, so that anyone draws the same items with a hash function and a list. */
export const SAMPLE_ALGORITHM =
  "The population is numbered from 0 in the order of the trail. Draw i (from 0) is the first 8 bytes of SHA-256 of the text “seed:i” (UTF-8), read as a whole number, big-endian, modulo the size of the population; numbers drawn before are skipped, until there are as many as asked for.";

/**
 * `count` different whole numbers below `size`, reproducible from `seed`. The first 8 bytes modulo `size` favour low numbers by less than
 * one part in 10^12 for populations up to ten million.
 */
export function drawSample(size: number, count: number, seed: string, hash: HashFunction): number[] {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError("A population has a whole number of items.");
  const wanted = Math.min(count, size);
  const drawn = new Set<number>();
  for (let index = 0; drawn.size < wanted; index += 1) {
    const bytes = hash(utf8(`${seed}:${String(index)}`));
    let value = 0n;
    for (const byte of bytes.subarray(0, 8)) value = (value << 8n) | BigInt(byte);
    drawn.add(Number(value % BigInt(size)));
  }
  return [...drawn];
}

/**
 * One-sided upper bound, at `confidence`, on how many items of the population deviate when `found` of `drawn` did: the greatest D for which
 * drawing without replacement would show so few with at least the complementary probability (hypergeometric, exact).
 */
export function deviationBound(size: number, drawn: number, found: number, confidence = 0.95): number {
  if (drawn >= size) return found;
  const alpha = 1 - confidence;
  let low = found;
  let high = size - (drawn - found);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (atMost(size, middle, drawn, found) >= alpha) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Probability that at most `found` of `drawn` deviate when `deviating` of `size` do. */
function atMost(size: number, deviating: number, drawn: number, found: number): number {
  let sum = 0;
  for (let k = Math.max(0, drawn - (size - deviating)); k <= Math.min(found, deviating); k += 1) {
    sum += Math.exp(logChoose(deviating, k) + logChoose(size - deviating, drawn - k) - logChoose(size, drawn));
  }
  return sum;
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  const least = Math.min(k, n - k);
  for (let index = 1; index <= least; index += 1) sum += Math.log((n - least + index) / index);
  return sum;
}
