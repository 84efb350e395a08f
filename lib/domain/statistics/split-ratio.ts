import { lnGamma } from "./log-space.ts";

/** Weight of the prior around the configured shares; the default of savvi (Lindon & Malek). */
export const SPLIT_PRIOR_STRENGTH = 100;

/**
 * ln E against "the counts were drawn with shares theta": the Dirichlet-multinomial e-process of Lindon & Malek
 * (NeurIPS 2022, arXiv 2011.03567), alpha0 = strength * theta. Used for the sample-ratio alarm, where the counts are
 * distinct new keys per arm. Shares of 0 are left out; a count there is infinite evidence.
 */
export function logESplit(
  counts: readonly number[],
  shares: readonly number[],
  strength = SPLIT_PRIOR_STRENGTH,
): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let sum = 0;
  let observed = 0;
  for (const [index, share] of shares.entries()) {
    const count = counts[index] ?? 0;
    if (share <= 0) {
      if (count > 0) return Number.POSITIVE_INFINITY;
      continue;
    }
    const theta = share / total;
    const prior = strength * theta;
    sum += lnGamma(prior + count) - lnGamma(prior) - count * Math.log(theta);
    observed += count;
  }
  return sum + lnGamma(strength) - lnGamma(strength + observed);
}
