import { logMeanExp } from "./log-space.ts";
import { ALTERNATIVES } from "./rate-ratio.ts";

/**
 * ln E against "the rate is at most `limitRate`", from x bad of n: likelihood ratios of g * limitRate, averaged over
 * the grid of alternatives that stay below 1. For a comparison with a frozen reference, where no concurrent arm
 * exists: it cannot tell a bad version from a bad day, hence it is asked about a rate well above the reference.
 */
export function logEAboveRate(bad: number, units: number, limitRate: number): number {
  if (limitRate <= 0 || limitRate >= 1 || units <= 0) return 0;
  const good = units - bad;
  const terms = ALTERNATIVES.map((step) => {
    const rate = Math.min(step * limitRate, (1 + limitRate) / 2);
    return bad * Math.log(rate / limitRate) + good * Math.log((1 - rate) / (1 - limitRate));
  });
  return logMeanExp(terms);
}
