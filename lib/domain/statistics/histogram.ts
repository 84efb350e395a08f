/**
 * Log-bin histogram of durations in microseconds, 1 us to 1000 s.
 *
 * Bin k (1..957) holds values in (gamma^(k-1), gamma^k] with gamma = 2^(1/32); bin 0 holds exactly (0, 1] at its
 * upper edge, so a value of 1 us. This is a DDSketch of relative error (gamma-1)/(gamma+1) = 1.083 % and, with the
 * index shifted by one, an OpenTelemetry exponential histogram of scale 5. Histograms of equal bins add.
 */

const BINS_PER_OCTAVE = 32;
export const GAMMA = 2 ** (1 / BINS_PER_OCTAVE);
export const RELATIVE_ERROR = (GAMMA - 1) / (GAMMA + 1);
export const LOWEST_US = 1;
export const HIGHEST_US = 1_000_000_000;
/** Index of the bin that holds `HIGHEST_US`. */
export const LAST_BIN = Math.ceil(Math.log2(HIGHEST_US) * BINS_PER_OCTAVE);
export const BIN_COUNT = LAST_BIN + 1;

/** The form that crosses a process line: only bins that are not empty, ascending. */
export type SparseHistogram = {
  readonly bins: readonly (readonly [index: number, count: number])[];
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Values below 1 us, and above 1000 s. */
  readonly underflow: number;
  readonly overflow: number;
};

/** The mutable form that a hot path writes to. One typed array and six numbers; recording allocates nothing. */
export type Histogram = {
  readonly bins: Float64Array;
  count: number;
  sum: number;
  min: number;
  max: number;
  underflow: number;
  overflow: number;
};

export const EMPTY_HISTOGRAM: SparseHistogram = {
  bins: [],
  count: 0,
  sum: 0,
  min: null,
  max: null,
  underflow: 0,
  overflow: 0,
};

export function createHistogram(): Histogram {
  return {
    bins: new Float64Array(BIN_COUNT),
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    underflow: 0,
    overflow: 0,
  };
}

/** The bin of a value within range: the smallest k with gamma^k >= value. */
export function binOf(valueUs: number): number {
  return Math.max(0, Math.ceil(Math.log2(valueUs) * BINS_PER_OCTAVE - 1e-9));
}

/** Upper edge of a bin, inclusive, in microseconds. */
export function upperEdgeUs(bin: number): number {
  return 2 ** (bin / BINS_PER_OCTAVE);
}

/** Adds one duration. Not-a-number and negative values are dropped: a clock that ran backwards is no observation. */
export function record(histogram: Histogram, valueUs: number): void {
  if (!(valueUs >= 0)) return;
  histogram.count += 1;
  histogram.sum += valueUs;
  if (valueUs < histogram.min) histogram.min = valueUs;
  if (valueUs > histogram.max) histogram.max = valueUs;
  if (valueUs < LOWEST_US) histogram.underflow += 1;
  else if (valueUs > HIGHEST_US) histogram.overflow += 1;
  else {
    const bin = binOf(valueUs);
    histogram.bins[bin] = (histogram.bins[bin] ?? 0) + 1;
  }
}

/** Empties a histogram for the next window without giving up its memory. */
export function reset(histogram: Histogram): void {
  histogram.bins.fill(0);
  histogram.count = 0;
  histogram.sum = 0;
  histogram.min = Number.POSITIVE_INFINITY;
  histogram.max = Number.NEGATIVE_INFINITY;
  histogram.underflow = 0;
  histogram.overflow = 0;
}

export function toSparse(histogram: Histogram): SparseHistogram {
  const bins: (readonly [number, number])[] = [];
  histogram.bins.forEach((count, index) => {
    if (count > 0) bins.push([index, count]);
  });
  return {
    bins,
    count: histogram.count,
    sum: histogram.sum,
    min: histogram.count === 0 ? null : histogram.min,
    max: histogram.count === 0 ? null : histogram.max,
    underflow: histogram.underflow,
    overflow: histogram.overflow,
  };
}

const least = (a: number | null, b: number | null) =>
  a === null ? b : b === null ? a : Math.min(a, b);
const most = (a: number | null, b: number | null) =>
  a === null ? b : b === null ? a : Math.max(a, b);

/** The histogram of both sets of values. Commutative and associative up to the rounding of `sum`. */
export function merge(a: SparseHistogram, b: SparseHistogram): SparseHistogram {
  const counts = new Map<number, number>(a.bins);
  for (const [index, count] of b.bins) counts.set(index, (counts.get(index) ?? 0) + count);
  return {
    bins: [...counts].sort(([left], [right]) => left - right),
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: least(a.min, b.min),
    max: most(a.max, b.max),
    underflow: a.underflow + b.underflow,
    overflow: a.overflow + b.overflow,
  };
}

/** The same for any number of histograms, in one pass. */
export function mergeAll(histograms: readonly SparseHistogram[]): SparseHistogram {
  const sum = createHistogram();
  for (const histogram of histograms) {
    for (const [index, count] of histogram.bins) sum.bins[index] = (sum.bins[index] ?? 0) + count;
    sum.count += histogram.count;
    sum.sum += histogram.sum;
    sum.min = Math.min(sum.min, histogram.min ?? sum.min);
    sum.max = Math.max(sum.max, histogram.max ?? sum.max);
    sum.underflow += histogram.underflow;
    sum.overflow += histogram.overflow;
  }
  return toSparse(sum);
}

/**
 * The q-quantile in microseconds, within 1.083 % of the sample quantile of rank `floor(q*(n-1))`; null when empty.
 * Values out of range answer with the smallest or the largest value seen.
 */
export function quantileUs(histogram: SparseHistogram, q: number): number | null {
  const { min, max } = histogram;
  if (histogram.count === 0 || min === null || max === null) return null;
  const rank = Math.floor(Math.min(1, Math.max(0, q)) * (histogram.count - 1));
  let seen = histogram.underflow;
  if (rank < seen) return min;
  for (const [index, count] of histogram.bins) {
    seen += count;
    if (rank < seen) {
      const middle = (2 * upperEdgeUs(index)) / (1 + GAMMA);
      return Math.min(max, Math.max(min, middle));
    }
  }
  return max;
}

/** How many values lie in bins that are wholly above the threshold's own bin: an exceedance count, never too high. */
export function countAbove(histogram: SparseHistogram, thresholdUs: number): number {
  const own = binOf(Math.min(HIGHEST_US, Math.max(LOWEST_US, thresholdUs)));
  return histogram.bins.reduce(
    (sum, [index, count]) => (index > own ? sum + count : sum),
    histogram.overflow,
  );
}
