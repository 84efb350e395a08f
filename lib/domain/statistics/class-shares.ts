import { logMeanExp } from "./log-space.ts";
import { logEHarm, logESafe, type EventStratum } from "./rate-ratio.ts";

/**
 * ln E against "the candidate predicts this class between 1/(1+margin) and 1+margin times as often as stable".
 * The average of the two one-sided tests, each of which keeps mean 1 for every ratio within the margin. With margin 0
 * this is the two-sided grid {0.1 .. 0.8, 1.25 .. 10} around equality.
 */
export function logEClassShift(
  strata: readonly EventStratum[],
  margin: number,
  evidenceWeight = 1,
): number {
  return logMeanExp([
    logEHarm(strata, 1 + margin, evidenceWeight),
    logESafe(strata, 1 / (1 + margin), evidenceWeight),
  ]);
}

/**
 * ln E against "no class is shifted beyond the margin": the mean over classes, so the number of classes costs nothing
 * but the logarithm of it. 0 (no evidence) without classes.
 */
export function logEPredictionShift(
  classes: readonly (readonly EventStratum[])[],
  margin: number,
  evidenceWeight = 1,
): number {
  if (classes.length === 0) return 0;
  return logMeanExp(classes.map((strata) => logEClassShift(strata, margin, evidenceWeight)));
}
