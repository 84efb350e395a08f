import { EMPTY_HISTOGRAM, mergeAll, type SparseHistogram } from "#lib/domain/statistics/histogram.ts";
import { mergeCounts, type BinCounts } from "./bins.ts";
import type { ErrorSums, LabelPair } from "./performance.ts";

/**
 * What one version in one arm counted in one stretch of time, over all runtimes: windows add up to it, and stretches to longer ones.
 * Adding is commutative and associative, and a stretch is always worked out again from all its parts, so repeats and late parts change nothing.
 */

/** Inputs and answers by one set of bins; counts of different `binsHash` stay apart. */
export type BinnedCounts = {
  readonly binsHash: string;
  readonly rows: number;
  readonly rowsSkipped: number;
  readonly oodRows: number;
  readonly features: readonly BinCounts[];
  readonly outputs: readonly BinCounts[];
  /** `[label, one count per cell of the score output, then under, then over]`. */
  readonly labelsByScore: readonly (readonly [label: string, counts: readonly number[]])[];
};

export type ReasonCount = { readonly reason: string; readonly status: number; readonly count: number };
export type OutcomeSums = { readonly received: number; readonly sum: number; readonly sumSquares: number };

export type PeriodCounts = {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly labelsReceived: number;
  readonly labelsWrong: number;
  readonly predictions: Readonly<Record<string, number>>;
  readonly latencyUs: SparseHistogram;
  readonly queueUs: SparseHistogram;
  readonly inferenceUs: SparseHistogram;
  readonly reasons: readonly ReasonCount[];
  readonly values: OutcomeSums;
  readonly labelPairs: readonly LabelPair[];
  readonly labelErrors: ErrorSums;
  readonly binned: readonly BinnedCounts[];
};

export const NO_OUTCOMES: OutcomeSums = { received: 0, sum: 0, sumSquares: 0 };
export const NO_ERRORS: ErrorSums = { n: 0, sum: 0, sumAbsolute: 0, sumSquares: 0 };

export const EMPTY_PERIOD: PeriodCounts = {
  requests: 0,
  errors: 0,
  refused: 0,
  labelsReceived: 0,
  labelsWrong: 0,
  predictions: {},
  latencyUs: EMPTY_HISTOGRAM,
  queueUs: EMPTY_HISTOGRAM,
  inferenceUs: EMPTY_HISTOGRAM,
  reasons: [],
  values: NO_OUTCOMES,
  labelPairs: [],
  labelErrors: NO_ERRORS,
  binned: [],
};

/** A stretch keeps at most this many sets of bins, the most used ones: bins change with a baseline, not with the weather. */
const MAX_BIN_SETS = 4;

const sumOf = <T>(parts: readonly T[], of: (part: T) => number): number =>
  parts.reduce((sum, part) => sum + of(part), 0);

/** Adds counts up by key; in the order of the keys, so that the same parts give the same bytes in any order. */
function addUp<T>(entries: readonly T[], keyOf: (entry: T) => string, add: (a: T, b: T) => T): T[] {
  const sums = new Map<string, T>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const known = sums.get(key);
    sums.set(key, known === undefined ? entry : add(known, entry));
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, entry]) => entry);
}

const nameOf = ({ name }: BinCounts): string => name;
const addLists = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));

/** Labelled predictions by cell of the score, of several stretches together. */
export const mergeLabelsByScore = (parts: readonly BinnedCounts["labelsByScore"][]): BinnedCounts["labelsByScore"] =>
  addUp(
    parts.flat(),
    ([label]) => label,
    ([label, left], [, right]) => [label, addLists(left, right)] as const,
  );

const mergeBinned = (a: BinnedCounts, b: BinnedCounts): BinnedCounts => ({
  binsHash: a.binsHash,
  rows: a.rows + b.rows,
  rowsSkipped: a.rowsSkipped + b.rowsSkipped,
  oodRows: a.oodRows + b.oodRows,
  features: addUp([...a.features, ...b.features], nameOf, mergeCounts),
  outputs: addUp([...a.outputs, ...b.outputs], nameOf, mergeCounts),
  labelsByScore: mergeLabelsByScore([a.labelsByScore, b.labelsByScore]),
});

const mergeErrors = (a: ErrorSums, b: ErrorSums): ErrorSums => ({
  n: a.n + b.n,
  sum: a.sum + b.sum,
  sumAbsolute: a.sumAbsolute + b.sumAbsolute,
  sumSquares: a.sumSquares + b.sumSquares,
});

/** The counts of all parts together. */
export function mergePeriods(parts: readonly PeriodCounts[]): PeriodCounts {
  const [only] = parts;
  if (only === undefined) return EMPTY_PERIOD;
  if (parts.length === 1) return only;
  const predictions = addUp(
    parts.flatMap((part) => Object.entries(part.predictions)),
    ([name]) => name,
    ([name, a], [, b]): [string, number] => [name, a + b],
  );
  return {
    requests: sumOf(parts, ({ requests }) => requests),
    errors: sumOf(parts, ({ errors }) => errors),
    refused: sumOf(parts, ({ refused }) => refused),
    labelsReceived: sumOf(parts, ({ labelsReceived }) => labelsReceived),
    labelsWrong: sumOf(parts, ({ labelsWrong }) => labelsWrong),
    predictions: Object.fromEntries(predictions),
    latencyUs: mergeAll(parts.map(({ latencyUs }) => latencyUs)),
    queueUs: mergeAll(parts.map(({ queueUs }) => queueUs)),
    inferenceUs: mergeAll(parts.map(({ inferenceUs }) => inferenceUs)),
    reasons: addUp(
      parts.flatMap(({ reasons }) => reasons),
      ({ reason, status }) => `${reason} ${String(status)}`,
      (a, b) => ({ ...a, count: a.count + b.count }),
    ),
    values: {
      received: sumOf(parts, ({ values }) => values.received),
      sum: sumOf(parts, ({ values }) => values.sum),
      sumSquares: sumOf(parts, ({ values }) => values.sumSquares),
    },
    labelPairs: addUp(
      parts.flatMap(({ labelPairs }) => labelPairs),
      ([predicted, actual]) => JSON.stringify([predicted, actual]),
      ([predicted, actual, a], [, , b]) => [predicted, actual, a + b] as const,
    ),
    labelErrors: parts.map(({ labelErrors }) => labelErrors).reduce(mergeErrors, NO_ERRORS),
    binned: addUp(parts.flatMap(({ binned }) => binned), ({ binsHash }) => binsHash, mergeBinned)
      .sort((a, b) => b.rows - a.rows)
      .slice(0, MAX_BIN_SETS),
  };
}

/** The counts by these bins; null when the stretch has none. */
export const binnedBy = (period: PeriodCounts, binsHash: string): BinnedCounts | null =>
  period.binned.find((one) => one.binsHash === binsHash) ?? null;

/** Share of answered requests whose inputs were counted; null without requests. Under 99 % a window is not judged. */
export function coverageOf(period: PeriodCounts): number | null {
  const counted = sumOf(period.binned, ({ rows }) => rows);
  const skipped = sumOf(period.binned, ({ rowsSkipped }) => rowsSkipped);
  return counted + skipped === 0 ? null : counted / (counted + skipped);
}
