import { EMPTY_HISTOGRAM, type SparseHistogram } from "#lib/domain/statistics/histogram.ts";
import type { BinCounts, Moments } from "./bins.ts";
import type { BinnedCounts, PeriodCounts } from "./period.ts";

/** Entries of `now` less those of `before`, by key; what has not grown is left out. */
function less<T>(now: readonly T[], before: readonly T[], keyOf: (entry: T) => string, subtract: (now: T, before: T) => T | null): T[] {
  const known = new Map(before.map((entry) => [keyOf(entry), entry]));
  return now.flatMap((entry) => {
    const earlier = known.get(keyOf(entry));
    const left = earlier === undefined ? entry : subtract(entry, earlier);
    return left === null ? [] : [left];
  });
}

const lists = (now: readonly number[], before: readonly number[]): number[] => now.map((count, index) => count - (before[index] ?? 0));

/** Smallest and largest cannot be taken back; those of the whole hold for the part as limits, and change no sum it is added to. */
const histograms = (now: SparseHistogram, before: SparseHistogram): SparseHistogram => {
  const count = now.count - before.count;
  if (count === 0) return EMPTY_HISTOGRAM;
  return {
    bins: less(now.bins, before.bins, ([bin]) => String(bin), ([bin, a], [, b]) => (a === b ? null : [bin, a - b] as const)),
    count,
    sum: now.sum - before.sum,
    min: now.min,
    max: now.max,
    underflow: now.underflow - before.underflow,
    overflow: now.overflow - before.overflow,
  };
};

/** The values that came to `before` until it was `now`: the parallel formula (Chan et al. 1979) the other way round. */
function moments(now: Moments | null, before: Moments | null): Moments | null {
  if (now === null || before === null || before.n === 0) return now;
  const n = now.n - before.n;
  if (n <= 0) return null;
  const mean = (now.n * now.mean - before.n * before.mean) / n;
  const delta = mean - before.mean;
  return { n, mean, m2: Math.max(0, now.m2 - before.m2 - (delta * delta * before.n * n) / now.n) };
}

const counts = (now: BinCounts, before: BinCounts): BinCounts => ({
  name: now.name,
  cells: lists(now.cells, before.cells),
  under: now.under - before.under,
  over: now.over - before.over,
  unseen: now.unseen - before.unseen,
  nulls: now.nulls - before.nulls,
  nan: now.nan - before.nan,
  moments: moments(now.moments, before.moments),
});

const nameOf = ({ name }: BinCounts): string => name;

const binned = (now: BinnedCounts, before: BinnedCounts): BinnedCounts => ({
  binsHash: now.binsHash,
  rows: now.rows - before.rows,
  rowsSkipped: now.rowsSkipped - before.rowsSkipped,
  oodRows: now.oodRows - before.oodRows,
  features: less(now.features, before.features, nameOf, counts),
  outputs: less(now.outputs, before.outputs, nameOf, counts),
  labelsByScore: less(now.labelsByScore, before.labelsByScore, ([label]) => label, ([label, a], [, b]) => [label, lists(a, b)] as const),
});

/**
 * What came to a cumulative count between two states of it: `before` and this, added up, are `now`. Counts only rise in a window, so nothing in the
 * answer is negative.
 */
export function periodDifference(now: PeriodCounts, before: PeriodCounts): PeriodCounts {
  const { values, labelErrors } = now;
  const predictions = less(Object.entries(now.predictions), Object.entries(before.predictions), ([name]) => name, ([name, a], [, b]): [string, number] | null => (a === b ? null : [name, a - b]));
  return {
    requests: now.requests - before.requests,
    errors: now.errors - before.errors,
    refused: now.refused - before.refused,
    labelsReceived: now.labelsReceived - before.labelsReceived,
    labelsWrong: now.labelsWrong - before.labelsWrong,
    predictions: Object.fromEntries(predictions),
    latencyUs: histograms(now.latencyUs, before.latencyUs),
    queueUs: histograms(now.queueUs, before.queueUs),
    inferenceUs: histograms(now.inferenceUs, before.inferenceUs),
    reasons: less(now.reasons, before.reasons, ({ reason, status }) => `${reason} ${String(status)}`, (a, b) => (a.count === b.count ? null : { ...a, count: a.count - b.count })),
    values: { received: values.received - before.values.received, sum: values.sum - before.values.sum, sumSquares: values.sumSquares - before.values.sumSquares },
    labelPairs: less(now.labelPairs, before.labelPairs, ([predicted, actual]) => JSON.stringify([predicted, actual]), ([predicted, actual, a], [, , b]) => (a === b ? null : [predicted, actual, a - b] as const)),
    labelErrors: {
      n: labelErrors.n - before.labelErrors.n,
      sum: labelErrors.sum - before.labelErrors.sum,
      sumAbsolute: labelErrors.sumAbsolute - before.labelErrors.sumAbsolute,
      sumSquares: labelErrors.sumSquares - before.labelErrors.sumSquares,
    },
    binned: less(now.binned, before.binned, ({ binsHash }) => binsHash, binned),
  };
}
