/** A figure of an evaluation with its 95 % confidence interval. */
export type Measure = {
  readonly name: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** What it was taken over: rows, or what a share is a share of. */
  readonly n: number;
  readonly method: IntervalMethod;
};

/**
 * How an interval was made. `wilson`: score interval of a share (Wilson 1927). `delong`: area under the ROC curve (DeLong et al. 1988).
 * `mean`: mean and its standard error. `delta`: first-order propagation of the variance. `none`: no interval that could be defended.
 */
export const INTERVAL_METHODS = ["wilson", "delong", "mean", "delta", "none"] as const;
export type IntervalMethod = (typeof INTERVAL_METHODS)[number];

export const Z95 = 1.959963984540054;

type Bounds = { readonly least?: number; readonly most?: number };

/** `value` plus and minus z standard errors, kept within what the figure can be. */
export function around(name: string, value: number, standardError: number, n: number, method: IntervalMethod, { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Bounds = {}): Measure {
  const half = Z95 * standardError;
  return { name, value, low: Math.max(least, value - half), high: Math.min(most, value + half), n, method };
}

/** A share by Wilson's interval; null for a share of nothing. */
export function share(name: string, part: number, whole: number): Measure | null {
  if (whole <= 0) return null;
  const p = part / whole;
  const z2 = Z95 * Z95;
  const middle = (p + z2 / (2 * whole)) / (1 + z2 / whole);
  const half = (Z95 / (1 + z2 / whole)) * Math.sqrt((p * (1 - p)) / whole + z2 / (4 * whole * whole));
  return {
    name,
    value: p,
    low: part === 0 ? 0 : Math.max(0, middle - half),
    high: part === whole ? 1 : Math.min(1, middle + half),
    n: whole,
    method: "wilson",
  };
}

/** Mean of what `valueOf` says of each of `n` rows, by its standard error; null without rows. */
export function meanOver(name: string, n: number, valueOf: (row: number) => number, bounds?: Bounds): Measure | null {
  if (n <= 0) return null;
  let mean = 0;
  let squares = 0;
  // Welford: a sum of squares of large values would lose what makes them differ.
  for (let row = 0; row < n; row += 1) {
    const value = valueOf(row);
    const step = value - mean;
    mean += step / (row + 1);
    squares += step * (value - mean);
  }
  if (n < 2) return { name, value: mean, low: null, high: null, n, method: "none" };
  return around(name, mean, Math.sqrt(squares / (n - 1) / n), n, "mean", bounds);
}
