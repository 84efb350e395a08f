/** Sums of exponentials and gamma functions, kept in logarithms so that evidence of any size stays finite. */

/** ln(sum of exp(x)); minus infinity for an empty list. */
export function logSumExp(values: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/** ln(mean of exp(x)): the average of e-values given as logarithms, which is an e-value again. */
export function logMeanExp(values: readonly number[]): number {
  return logSumExp(values) - Math.log(values.length);
}

const HALF_LN_TWO_PI = 0.5 * Math.log(2 * Math.PI);
/** Below this the Stirling series is reached by recurrence; its error is then under 1e-15 relative. */
const STIRLING_FROM = 12;

/** ln Gamma(x) for x > 0, by the Stirling series (Abramowitz and Stegun 6.1.40) after shifting x up. */
export function lnGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < STIRLING_FROM) {
    shift += Math.log(at);
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series =
    inverse *
    (1 / 12 -
      square *
        (1 / 360 -
          square *
            (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - (square * 691) / 360360)))));
  return (at - 0.5) * Math.log(at) - at + HALF_LN_TWO_PI + series - shift;
}

/** ln Beta(a, b) for positive a, b. */
export function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

/**
 * The point where a monotone test turns, within [low, high], on a logarithmic scale: the largest x seen for which
 * `holds` is true, when it is true at `low` and false at `high`. A fixed number of halvings, so the same input gives
 * the same bits. `holds` must be true left of the point and false right of it.
 */
export function turningPoint(
  low: number,
  high: number,
  holds: (x: number) => boolean,
  halvings = 46,
): number {
  let left = Math.log(low);
  let right = Math.log(high);
  for (let step = 0; step < halvings; step += 1) {
    const middle = (left + right) / 2;
    if (holds(Math.exp(middle))) left = middle;
    else right = middle;
  }
  return Math.exp(left);
}
