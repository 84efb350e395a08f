/**
 * How far two binned distributions lie apart. `reference` and `current` are counts in the same cells. Every distance is 0 for equal counts
 * and finite for any others; null when either side is empty, because then there is nothing to compare.
 */

type Cells = readonly number[];

/** Added to each cell before taking shares, on both sides: deterministic, without a cliff at empty cells. Stored beside scores as `add-0.5`. */
export const SMOOTHING = 0.5;

const sum = (cells: Cells): number => cells.reduce((total, count) => total + count, 0);

function shares(cells: Cells, smoothing: number): number[] {
  const all = sum(cells) + smoothing * cells.length;
  return cells.map((count) => (count + smoothing) / all);
}

const isComparable = (reference: Cells, current: Cells): boolean =>
  reference.length === current.length && sum(reference) > 0 && sum(current) > 0;

/** What each cell adds to the population stability index, (c - r) ln(c / r) on smoothed shares. Never negative. */
export function psiParts(reference: Cells, current: Cells, smoothing = SMOOTHING): readonly number[] | null {
  if (!isComparable(reference, current)) return null;
  const r = shares(reference, smoothing);
  const c = shares(current, smoothing);
  return r.map((share, index) => {
    const other = c[index] ?? 0;
    return share === other ? 0 : (other - share) * Math.log(other / share);
  });
}

/** Population stability index: the symmetrised Kullback-Leibler divergence, natural logarithm. */
export function psi(reference: Cells, current: Cells, smoothing = SMOOTHING): number | null {
  const parts = psiParts(reference, current, smoothing);
  return parts === null ? null : sum(parts);
}

/** Jensen-Shannon distance: root of the divergence to base 2, from 0 to 1. Needs no smoothing. */
export function jensenShannon(reference: Cells, current: Cells): number | null {
  if (!isComparable(reference, current)) return null;
  const r = shares(reference, 0);
  const c = shares(current, 0);
  const divergence = r.reduce((total, p, index) => {
    const q = c[index] ?? 0;
    const middle = (p + q) / 2;
    const left = p > 0 ? p * Math.log2(p / middle) : 0;
    const right = q > 0 ? q * Math.log2(q / middle) : 0;
    return total + (left + right) / 2;
  }, 0);
  return Math.sqrt(Math.min(1, Math.max(0, divergence)));
}

/** Largest difference between the shares of a cell: for categories. */
export function largestDifference(reference: Cells, current: Cells): number | null {
  if (!isComparable(reference, current)) return null;
  const c = shares(current, 0);
  return Math.max(...shares(reference, 0).map((share, index) => Math.abs(share - (c[index] ?? 0))));
}

/** Kolmogorov-Smirnov: largest difference of the cumulative shares, read at the cells' edges, so never above that of the raw values. */
export function kolmogorovSmirnov(reference: Cells, current: Cells): number | null {
  if (!isComparable(reference, current)) return null;
  const all = [sum(reference), sum(current)] as const;
  let largest = 0;
  let [left, right] = [0, 0];
  for (const [index, count] of reference.entries()) {
    left += count;
    right += current[index] ?? 0;
    largest = Math.max(largest, Math.abs(left / all[0] - right / all[1]));
  }
  return Math.min(1, largest);
}

/** Area between two straight lines that go from `from` to `to` in difference, over `width`. */
function areaBetween(from: number, to: number, width: number): number {
  if (from * to >= 0) return (width * (Math.abs(from) + Math.abs(to))) / 2;
  return (width * (from * from + to * to)) / (2 * (Math.abs(from) + Math.abs(to)));
}

/**
 * Wasserstein-1 distance in the feature's own unit, with mass spread evenly inside each bin. `reference` and `current` are [under, bins..., over];
 * what lies under or over counts as if it lay on the outermost edge, so this is a lower bound where much does.
 */
export function wasserstein(edges: readonly number[], reference: Cells, current: Cells): number | null {
  if (!isComparable(reference, current) || reference.length !== edges.length + 1) return null;
  const all = [sum(reference), sum(current)] as const;
  let before = (current[0] ?? 0) / all[1] - (reference[0] ?? 0) / all[0];
  let area = 0;
  for (let bin = 0; bin + 1 < edges.length; bin += 1) {
    const after = before + (current[bin + 1] ?? 0) / all[1] - (reference[bin + 1] ?? 0) / all[0];
    area += areaBetween(before, after, (edges[bin + 1] ?? 0) - (edges[bin] ?? 0));
    before = after;
  }
  return area;
}
