import { logMeanExp, turningPoint } from "./log-space.ts";

/**
 * The rate-ratio e-process: is the candidate's rate of bad events more than r times stable's?
 *
 * Each unit is drawn into the candidate arm with probability rho (its share of buckets). If the candidate's rate is r
 * times stable's, a bad event falls on the candidate with probability q(r) = r*rho / (r*rho + 1 - rho), whatever the
 * base rate and the traffic do: the events are tosses of a coin of known bias. Against the null ratio r0 the likelihood
 * ratio of an alternative r is a martingale of mean 1, and so is an average over alternatives. By Ville's inequality it
 * exceeds 1/alpha with probability at most alpha, however often one looks and whenever one stops.
 * Because q is increasing in r, evidence against r0 counts against every smaller ratio too.
 *
 * Source: Johari et al. "Always Valid Inference" and Turner & Gruenwald arXiv 2302.11401 for stratified counts.
 * Conditioning on the assignment share rather than on the observed request counts makes it exact for Bernoulli events
 * of any rate, so no hypergeometric correction is needed.
 */

/** Bad events of both arms while the candidate's share was constant. Strata of equal share may be added up. */
export type EventStratum = {
  readonly candidateShareBp: number;
  readonly candidate: number;
  readonly stable: number;
};

/** Alternatives of the harm test, as multiples of the null ratio; the safe test uses their inverses. */
export const ALTERNATIVES = [1.25, 1.5, 2, 3, 5, 10] as const;

/** Ends of the ratio axis: beyond them a band counts as open. */
const LOWEST_RATIO = 1e-6;
const HIGHEST_RATIO = 1e6;

/** Expected share of bad events that fall on the candidate at ratio r. */
export function candidateShareOfEvents(ratio: number, candidateShareBp: number): number {
  const rho = candidateShareBp / 10_000;
  return (ratio * rho) / (ratio * rho + 1 - rho);
}

/**
 * ln likelihood ratio of `ratio` against `nullRatio`. With w(r) = r*rho + 1 - rho it is
 * c*(ln r - ln r0) - (c + b)*(ln w(r) - ln w(r0)); a stratum with one arm only carries no evidence.
 */
export function logLikelihoodRatio(
  strata: readonly EventStratum[],
  ratio: number,
  nullRatio: number,
): number {
  let sum = 0;
  for (const { candidateShareBp, candidate, stable } of strata) {
    if (candidateShareBp <= 0 || candidateShareBp >= 10_000) continue;
    const rho = candidateShareBp / 10_000;
    const spread = Math.log(ratio * rho + 1 - rho) - Math.log(nullRatio * rho + 1 - rho);
    sum += candidate * (Math.log(ratio) - Math.log(nullRatio)) - (candidate + stable) * spread;
  }
  return sum;
}

/** ln E against "the ratio is at most r0". Strictly decreasing in r0 once there are events. */
export function logEHarm(
  strata: readonly EventStratum[],
  nullRatio: number,
  evidenceWeight = 1,
): number {
  return logMeanExp(
    ALTERNATIVES.map(
      (step) => evidenceWeight * logLikelihoodRatio(strata, nullRatio * step, nullRatio),
    ),
  );
}

/** ln E against "the ratio is at least r1". Strictly increasing in r1 once there are events. */
export function logESafe(
  strata: readonly EventStratum[],
  nullRatio: number,
  evidenceWeight = 1,
): number {
  return logMeanExp(
    ALTERNATIVES.map(
      (step) => evidenceWeight * logLikelihoodRatio(strata, nullRatio / step, nullRatio),
    ),
  );
}

/** The ratios that are not rejected. `lower` 0 and `upper` null mean that the band is open on that side. */
export type RatioBand = { readonly lower: number; readonly upper: number | null };

export type BandRequest = {
  /** Limit that the verdict asks about; the band is computed so that it agrees with the test at this very ratio. */
  readonly limitRatio: number;
  readonly alpha: number;
  readonly beta: number;
  /** Below 1 when one key may have been counted by several runtimes; see `evidenceWeight` in the release folder. */
  readonly evidenceWeight?: number;
};

/**
 * The confidence sequence of the two e-processes: lower end from the harm family at alpha, upper end from the safe
 * family at beta. `lower >= limitRatio` exactly when harm is proven, `upper <= limitRatio` exactly when safety is.
 */
export function ratioBand(strata: readonly EventStratum[], request: BandRequest): RatioBand {
  const { limitRatio, alpha, beta, evidenceWeight = 1 } = request;
  return {
    lower: lowerEnd(strata, limitRatio, alpha, evidenceWeight),
    upper: upperEnd(strata, limitRatio, beta, evidenceWeight),
  };
}

/** Lower end of the band: every smaller ratio is rejected by the harm test at `alpha`. 0 when open. */
export function lowerEnd(
  strata: readonly EventStratum[],
  limitRatio: number,
  alpha: number,
  evidenceWeight = 1,
): number {
  const limit = Math.log(1 / alpha);
  const rejected = (ratio: number) => logEHarm(strata, ratio, evidenceWeight) >= limit;
  if (rejected(limitRatio)) {
    if (rejected(HIGHEST_RATIO)) return HIGHEST_RATIO;
    return Math.max(limitRatio, turningPoint(limitRatio, HIGHEST_RATIO, rejected));
  }
  if (!rejected(LOWEST_RATIO)) return 0;
  const end = turningPoint(LOWEST_RATIO, limitRatio, rejected);
  return Math.min(end, limitRatio * (1 - Number.EPSILON));
}

/** Upper end of the band: every larger ratio is rejected by the safe test at `beta`. Null when open. */
export function upperEnd(
  strata: readonly EventStratum[],
  limitRatio: number,
  beta: number,
  evidenceWeight = 1,
): number | null {
  const limit = Math.log(1 / beta);
  const kept = (ratio: number) => logESafe(strata, ratio, evidenceWeight) < limit;
  if (!kept(limitRatio)) {
    if (!kept(LOWEST_RATIO)) return LOWEST_RATIO;
    return Math.min(limitRatio, turningPoint(LOWEST_RATIO, limitRatio, kept));
  }
  if (kept(HIGHEST_RATIO)) return null;
  const end = turningPoint(limitRatio, HIGHEST_RATIO, kept);
  return Math.max(end, limitRatio * (1 + Number.EPSILON));
}

/**
 * The ratio at which the observed split of events is most likely; null without events or when only one arm has any
 * share. 0 when no event fell on the candidate, infinity is answered as null too: there is no number to show.
 */
export function mostLikelyRatio(strata: readonly EventStratum[]): number | null {
  const used = strata.filter(
    ({ candidateShareBp }) => candidateShareBp > 0 && candidateShareBp < 10_000,
  );
  const candidate = used.reduce((sum, stratum) => sum + stratum.candidate, 0);
  const stable = used.reduce((sum, stratum) => sum + stratum.stable, 0);
  if (stable === 0) return null;
  if (candidate === 0) return 0;
  // The score is decreasing in r: expected candidate events pass the observed number exactly once.
  const isBelow = (ratio: number) =>
    used.reduce(
      (sum, s) =>
        sum + (s.candidate + s.stable) * candidateShareOfEvents(ratio, s.candidateShareBp),
      0,
    ) < candidate;
  return turningPoint(LOWEST_RATIO, HIGHEST_RATIO, isBelow);
}

/**
 * Bad events, in both arms together, until a verdict is expected when the true ratio is `ratio` and the null is
 * `nullRatio`: ln(G/error) / KL with G alternatives (a planning figure, not a promise).
 */
export function expectedEvents(
  ratio: number,
  nullRatio: number,
  candidateShareBp: number,
  error: number,
): number {
  const q = candidateShareOfEvents(ratio, candidateShareBp);
  const q0 = candidateShareOfEvents(nullRatio, candidateShareBp);
  const divergence = q * Math.log(q / q0) + (1 - q) * Math.log((1 - q) / (1 - q0));
  return Math.log(ALTERNATIVES.length / error) / divergence;
}
