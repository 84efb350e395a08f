/**
 * Counts of one feature or output by fixed bins: all that monitoring knows of values. Bins are fixed before the first window
 * is counted, so every score of a series is on one scale.
 */

export type NumericBins = {
  readonly kind: "numeric";
  readonly name: string;
  /** Strictly rising. Bin i holds [edge i, edge i+1); the last one also its upper edge. */
  readonly edges: readonly number[];
};
export type CategoricalBins = {
  readonly kind: "categorical";
  readonly name: string;
  readonly values: readonly string[];
};
export type Bins = NumericBins | CategoricalBins;

/** Mean and sum of squared deviations of `n` finite values; parts add up by the parallel formula (Chan et al. 1979). */
export type Moments = { readonly n: number; readonly mean: number; readonly m2: number };

export type BinCounts = {
  readonly name: string;
  readonly cells: readonly number[];
  readonly under: number;
  readonly over: number;
  readonly unseen: number;
  readonly nulls: number;
  readonly nan: number;
  readonly moments: Moments | null;
};

export const cellCount = (bins: Bins): number =>
  bins.kind === "numeric" ? bins.edges.length - 1 : bins.values.length;

export const emptyCounts = (bins: Bins): BinCounts => ({
  name: bins.name,
  cells: Array.from({ length: cellCount(bins) }, () => 0),
  under: 0,
  over: 0,
  unseen: 0,
  nulls: 0,
  nan: 0,
  moments: null,
});

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Values that are there: neither null nor not-a-number. */
export const presentCount = ({ cells, under, over, unseen }: BinCounts): number =>
  total(cells) + under + over + unseen;
/** Nulls and not-a-numbers: in a float tensor they are the same thing. */
export const missingCount = ({ nulls, nan }: BinCounts): number => nulls + nan;
export const valueCount = (counts: BinCounts): number => presentCount(counts) + missingCount(counts);
/** Values beyond every bin: below the first edge, above the last, or no known value. */
export const outsideCount = ({ under, over, unseen }: BinCounts): number => under + over + unseen;

/**
 * The cells that the shape is scored by, in an order that means something for numbers: under, bins, over; for categories the
 * known values, then one cell for all unknown ones. Nulls are no part of the shape; they are judged by their own share.
 */
export function shapeCells(bins: Bins, counts: BinCounts): readonly number[] {
  if (bins.kind === "categorical") return [...counts.cells, counts.unseen + counts.under + counts.over];
  return [counts.under, ...counts.cells, counts.over + counts.unseen];
}

export function mergeMoments(a: Moments | null, b: Moments | null): Moments | null {
  if (a === null || a.n === 0) return b;
  if (b === null || b.n === 0) return a;
  const n = a.n + b.n;
  const delta = b.mean - a.mean;
  return {
    n,
    mean: a.mean + (delta * b.n) / n,
    m2: a.m2 + b.m2 + (delta * delta * a.n * b.n) / n,
  };
}

/** The counts of both. Throws when they are of different bins: those are never added up. */
export function mergeCounts(a: BinCounts, b: BinCounts): BinCounts {
  if (a.name !== b.name || a.cells.length !== b.cells.length)
    throw new RangeError(`Counts of ${a.name} and ${b.name} are of different bins.`);
  return {
    name: a.name,
    cells: a.cells.map((count, index) => count + (b.cells[index] ?? 0)),
    under: a.under + b.under,
    over: a.over + b.over,
    unseen: a.unseen + b.unseen,
    nulls: a.nulls + b.nulls,
    nan: a.nan + b.nan,
    moments: mergeMoments(a.moments, b.moments),
  };
}

/** Standard deviation of the values counted, as a population; null without moments or spread. */
export function standardDeviation(moments: Moments | null): number | null {
  if (moments === null || moments.n < 2) return null;
  const sd = Math.sqrt(moments.m2 / moments.n);
  return sd > 0 ? sd : null;
}
