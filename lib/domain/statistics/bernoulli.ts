import { lnBeta, turningPoint } from "./log-space.ts";

/**
 * Always-valid bounds of one rate from n units of which x were bad: a beta-binomial mixture martingale.
 * Formulas from the confseq library (Howard, Ramdas, McAuliffe, Sekhon, arXiv 1810.08240).
 */

/** The mixture parameter that makes the two-sided bound tightest at intrinsic time `vOpt`. */
export function twoSidedOptimalRho(vOpt: number, alpha: number): number {
  const twice = 2 * Math.log(1 / alpha);
  return vOpt / (twice + Math.log(1 + twice));
}

export type BetaBinomialShape = {
  readonly vOpt: number;
  readonly alphaOpt: number;
  /** Observations minus their mean lie in [-g, h]. */
  readonly g: number;
  readonly h: number;
};

/** ln of the two-sided beta-binomial mixture supermartingale at sum `s` and intrinsic time `v`. */
export function betaBinomialLogMixture(s: number, v: number, shape: BetaBinomialShape): number {
  const { g, h } = shape;
  const width = g + h;
  const k = Math.max(twoSidedOptimalRho(shape.vOpt, shape.alphaOpt) - g * h, 1e-3 * g * h);
  const up = (v + h * s) / (h * width);
  const down = (v - g * s) / (g * width);
  const priorUp = k / (h * width);
  const priorDown = k / (g * width);
  return (
    lnBeta(priorUp + up, priorDown + down) -
    lnBeta(priorUp, priorDown) -
    up * Math.log(g / width) -
    down * Math.log(h / width)
  );
}

/** ln evidence against "the rate is p", after n units of which x were bad. `tOpt` is the sample size of best power. */
export function logEvidenceAgainstRate(
  p: number,
  bad: number,
  units: number,
  alpha: number,
  tOpt: number,
): number {
  const variance = p * (1 - p);
  const shape = { vOpt: variance * tOpt, alphaOpt: alpha, g: p, h: 1 - p };
  return betaBinomialLogMixture(bad - p * units, variance * units, shape);
}

export type RateInterval = { readonly lower: number; readonly upper: number };

/**
 * The rates that `bad` of `units` do not reject, valid at every look, with total error `alpha` over both sides.
 * [0, 1] without units.
 */
export function bernoulliConfidenceSequence(
  bad: number,
  units: number,
  alpha: number,
  tOpt: number,
): RateInterval {
  if (units <= 0) return { lower: 0, upper: 1 };
  const rate = bad / units;
  const rejected = (p: number) =>
    logEvidenceAgainstRate(p, bad, units, alpha, tOpt) >= Math.log(1 / alpha);
  const lower = rate <= EDGE || !rejected(EDGE) ? 0 : turningPoint(EDGE, rate, rejected);
  return { lower, upper: upperRate(bad, units, alpha, tOpt) };
}

const EDGE = 1e-12;

/** The upper end of that sequence alone. */
export function upperRate(bad: number, units: number, alpha: number, tOpt: number): number {
  if (units <= 0) return 1;
  const rate = bad / units;
  const limit = Math.log(1 / alpha);
  const rejectedFromAbove = (gap: number) =>
    logEvidenceAgainstRate(1 - gap, bad, units, alpha, tOpt) >= limit;
  if (rate >= 1 - EDGE || !rejectedFromAbove(EDGE)) return 1;
  return 1 - turningPoint(EDGE, 1 - rate, rejectedFromAbove);
}

/**
 * Whether x bad of n prove a rate below `ceiling`. Agrees with the upper end of the confidence sequence; spends half of
 * `alpha` in vain on the other side, the price of the published closed form.
 */
export function isProvenBelow(
  ceiling: number,
  bad: number,
  units: number,
  alpha: number,
  tOpt: number,
): boolean {
  if (units <= 0 || bad / units >= ceiling) return false;
  return logEvidenceAgainstRate(ceiling, bad, units, alpha, tOpt) >= Math.log(1 / alpha);
}

/** Units without a single bad event that prove a rate below `ceiling`: 389 for 1 % at alpha 0.05, tOpt 300. */
export function cleanUnitsToProve(ceiling: number, alpha: number, tOpt: number): number {
  let high = 1;
  while (!isProvenBelow(ceiling, 0, high, alpha, tOpt) && high < 2 ** 40) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isProvenBelow(ceiling, 0, middle, alpha, tOpt)) high = middle;
    else low = middle;
  }
  return high;
}
