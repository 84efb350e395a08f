import { lnGamma } from "#lib/domain/statistics/log-space.ts";

/** Tails of the distributions that drift tests refer to. Pure arithmetic with fixed iteration limits: the same input gives the same bits. */

const MAX_TERMS = 10_000;
const TINY = 1e-300;
const EPSILON = 1e-15;

/** P(a, x) by its series; converges quickly for x < a + 1 (Abramowitz and Stegun 6.5.29). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_TERMS; n += 1) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * EPSILON) break;
  }
  return sum * Math.exp(-x + a * Math.log(x) - lnGamma(a));
}

/** Q(a, x) by its continued fraction, evaluated by Lentz's method; for x >= a + 1 (Abramowitz and Stegun 6.5.31). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < MAX_TERMS; n += 1) {
    const an = -n * (n - a);
    b += 2;
    d = an * d + b;
    d = 1 / (Math.abs(d) < TINY ? TINY : d);
    c = b + an / c;
    c = Math.abs(c) < TINY ? TINY : c;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < EPSILON) break;
  }
  return Math.exp(-x + a * Math.log(x) - lnGamma(a)) * h;
}

/** Chance that a chi-square variable with `degrees` degrees of freedom exceeds `x`. 1 for no freedom. */
export function chiSquareTail(x: number, degrees: number): number {
  if (degrees <= 0 || x <= 0) return 1;
  const a = degrees / 2;
  const half = x / 2;
  const tail = half < a + 1 ? 1 - lowerSeries(a, half) : upperFraction(a, half);
  return Math.min(1, Math.max(0, tail));
}

/** The value that a chi-square variable with `degrees` degrees of freedom exceeds with chance `tail`; 0 for no freedom. */
export function chiSquareQuantile(tail: number, degrees: number): number {
  if (degrees <= 0 || tail >= 1) return 0;
  let low = 0;
  let high = degrees + 10;
  while (chiSquareTail(high, degrees) > tail) high *= 2;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (chiSquareTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Chance that a standard normal variable lies further from 0 than `z`, on either side. */
export const normalTwoSidedTail = (z: number): number => chiSquareTail(z * z, 1);

/** Chance that Kolmogorov's statistic exceeds `lambda` (Smirnov 1948); both of its series, each where it converges fast. */
export function kolmogorovTail(lambda: number): number {
  if (lambda <= 0) return 1;
  if (lambda < 1.18) {
    const y = Math.exp(-(Math.PI ** 2) / (8 * lambda * lambda));
    const sum = y + y ** 9 + y ** 25 + y ** 49;
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum);
  }
  let sum = 0;
  for (let k = 1; k <= 100; k += 1) {
    const term = Math.exp(-2 * k * k * lambda * lambda);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
}
