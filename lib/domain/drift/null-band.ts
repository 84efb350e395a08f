import { chiSquareQuantile } from "./tail-probabilities.ts";

/**
 * What a score would be by chance alone. With equal distributions PSI is distributed as (1/n + 1/m) chi-square(cells - 1), to within about 6 %
 * (simulated): a PSI of 0.1 is noise at 100 rows and news at 10 000, so a score is read against this and never against a fixed figure only.
 */

/** Cells that at least one side has counts in: an empty cell adds nothing to chance. */
export function occupiedCells(reference: readonly number[], current: readonly number[]): number {
  return reference.filter((count, index) => count + (current[index] ?? 0) > 0).length;
}

/** The PSI that chance exceeds with chance `tail` between samples of `n` and `m` in this many cells. */
export function psiNullBand(cells: number, n: number, m: number, tail = 0.01): number {
  if (n <= 0 || m <= 0) return Number.POSITIVE_INFINITY;
  return chiSquareQuantile(tail, cells - 1) * (1 / n + 1 / m);
}

/**
 * Fewest values for which chance stays below half the floor: below this no verdict is given.
 * Infinity when the reference alone is too small for it.
 */
export function minimumSample(cells: number, referenceCount: number, floor: number, tail = 0.01): number {
  const perUnit = floor / 2 / Math.max(chiSquareQuantile(tail, cells - 1), Number.MIN_VALUE);
  const left = perUnit - 1 / referenceCount;
  return left <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(1 / left);
}
