import { isProvenBelow, upperRate } from "#lib/domain/statistics/bernoulli.ts";
import {
  logEHarm,
  logESafe,
  mostLikelyRatio,
  lowerEnd,
  upperEnd,
  type EventStratum,
  type RatioBand,
} from "#lib/domain/statistics/rate-ratio.ts";
import { armTotal, type ArmCounts, type CanonicalCounts } from "./canonical-counts.ts";
import {
  candidateUnitsAtRisk,
  depletionFactor,
  evidenceWeight,
  firstBadStrata,
  freshShare,
} from "./evidence.ts";
import { presentFlow, secondsUntil, strataAfter, type Flow } from "./forecast.ts";
import type { GuardAction, RateGuard } from "./plan.ts";
import type { RateMetric } from "./window.ts";

export type GuardWord = "HARM" | "SAFE" | "UNDECIDED" | "NO_DATA";

/** One arm's bad events: all of them per request (per label for wrong labels), and the first ones per key. */
export type ArmRate = {
  readonly bad: number;
  readonly of: number;
  readonly rate: number | null;
  readonly firstBad: number;
  readonly units: number;
};

/** A rate guard's evidence. The band and the word come from the same numbers: see `ratioBand`. */
export type GuardReport = {
  readonly metric: RateMetric;
  readonly action: GuardAction;
  readonly provesSafe: boolean;
  readonly limitRatio: number;
  readonly absoluteCeiling: number | null;
  readonly stable: ArmRate;
  readonly candidate: ArmRate;
  /** Candidate to stable, of first failures; null while stable has none. */
  readonly ratio: number | null;
  /** `upper` null: open. The upper end is widened for keys already used up. */
  readonly band: RatioBand;
  readonly logEHarm: number;
  readonly logEHarmLimit: number;
  readonly logESafe: number;
  readonly logESafeLimit: number;
  /** Upper bound of the candidate's rate per unit, when the guard has a ceiling. */
  readonly ceilingUpper: number | null;
  readonly freshShare: number;
  readonly evidenceWeight: number;
  readonly word: GuardWord;
  /** Which of the two ways proved safety. */
  readonly provenBy: "ratio" | "ceiling" | null;
  /** Until this guard is expected to be decided, at the present rate; null when decided or not to be expected. */
  readonly etaSeconds: number | null;
  readonly unitsStillNeeded: number | null;
};

/** Units at which the ceiling's test is sharpest; the published 389 clean units for 1 % are for this value. */
export const CEILING_T_OPT = 300;

function armRate(arm: ArmCounts, metric: RateMetric): ArmRate {
  const of = metric === "wrongLabel" ? arm.labels.received : arm.requests;
  const bad = arm.bad[metric];
  return {
    bad,
    of,
    rate: of === 0 ? null : bad / of,
    firstBad: arm.firstBad[metric],
    units: arm.units,
  };
}

type Question = { readonly guard: RateGuard; readonly weight: number; readonly depletion: number };

const isHarm = (strata: readonly EventStratum[], { guard, weight }: Question): boolean =>
  logEHarm(strata, guard.limitRatio, weight) >= Math.log(1 / guard.alpha);

const isSafeByRatio = (
  strata: readonly EventStratum[],
  { guard, weight, depletion }: Question,
): boolean =>
  guard.betaRelative > 0 &&
  logESafe(strata, guard.limitRatio * depletion, weight) >= Math.log(1 / guard.betaRelative);

const isSafeByCeiling = (bad: number, units: number, { guard }: Question): boolean =>
  guard.absoluteCeiling !== null &&
  guard.betaAbsolute > 0 &&
  isProvenBelow(guard.absoluteCeiling, bad, units, guard.betaAbsolute, CEILING_T_OPT);

function forecast(
  strata: readonly EventStratum[],
  atRisk: number,
  flow: Flow | null,
  question: Question,
): { etaSeconds: number | null; unitsStillNeeded: number | null } {
  if (flow === null) return { etaSeconds: null, unitsStillNeeded: null };
  const etaSeconds = secondsUntil((seconds) => {
    const later = strataAfter(strata, flow, seconds);
    const bad = later.reduce((sum, stratum) => sum + stratum.candidate, 0);
    const units = atRisk + flow.candidateUnitsPerSecond * seconds;
    return (
      isHarm(later, question) ||
      isSafeByRatio(later, question) ||
      isSafeByCeiling(bad, units, question)
    );
  });
  const unitsStillNeeded =
    etaSeconds === null ? null : Math.ceil(etaSeconds * flow.candidateUnitsPerSecond);
  return { etaSeconds, unitsStillNeeded };
}

function bandOf(strata: readonly EventStratum[], question: Question): RatioBand {
  const { guard, weight, depletion } = question;
  const lower = lowerEnd(strata, guard.limitRatio, guard.alpha, weight);
  if (guard.betaRelative <= 0) return { lower, upper: null };
  const upper = upperEnd(strata, guard.limitRatio * depletion, guard.betaRelative, weight);
  if (upper === null) return { lower, upper };
  const widened = upper / depletion;
  return {
    lower,
    upper: isSafeByRatio(strata, question)
      ? Math.min(widened, guard.limitRatio)
      : Math.max(widened, guard.limitRatio * (1 + Number.EPSILON)),
  };
}

/** The evidence about one rate guard. */
export function guardReport(guard: RateGuard, counts: CanonicalCounts): GuardReport {
  const { metric } = guard;
  const strata = firstBadStrata(counts, metric);
  const weight = evidenceWeight(counts, metric);
  const fresh = freshShare(counts, metric);
  const question: Question = { guard, weight, depletion: depletionFactor(fresh, guard.limitRatio) };
  const stable = armRate(armTotal(counts, "stable"), metric);
  const candidate = armRate(armTotal(counts, "candidate"), metric);
  const atRisk = candidateUnitsAtRisk(counts, metric);

  const byRatio = isSafeByRatio(strata, question);
  const byCeiling = isSafeByCeiling(candidate.firstBad, atRisk, question);
  const needsThreshold = metric === "latencyP95" || metric === "latencyP99";
  const hasThreshold = !needsThreshold || counts.context.latencyThresholdsUs !== null;
  const isMeasured = stable.of > 0 && candidate.of > 0 && hasThreshold;
  const word: GuardWord = !isMeasured
    ? "NO_DATA"
    : isHarm(strata, question)
      ? "HARM"
      : byRatio || byCeiling
        ? "SAFE"
        : "UNDECIDED";
  return {
    metric,
    action: guard.action,
    provesSafe: guard.provesSafe,
    limitRatio: guard.limitRatio,
    absoluteCeiling: guard.absoluteCeiling,
    stable,
    candidate,
    ratio: mostLikelyRatio(strata),
    band: bandOf(strata, question),
    logEHarm: logEHarm(strata, guard.limitRatio, weight),
    logEHarmLimit: Math.log(1 / guard.alpha),
    logESafe: logESafe(strata, guard.limitRatio * question.depletion, weight),
    logESafeLimit: guard.betaRelative > 0 ? Math.log(1 / guard.betaRelative) : 0,
    ceilingUpper:
      guard.absoluteCeiling === null || guard.betaAbsolute <= 0
        ? null
        : upperRate(
            Math.min(candidate.firstBad, atRisk),
            atRisk,
            guard.betaAbsolute,
            CEILING_T_OPT,
          ),
    freshShare: fresh,
    evidenceWeight: weight,
    word,
    provenBy: word !== "SAFE" ? null : byRatio ? "ratio" : "ceiling",
    ...(word === "UNDECIDED"
      ? forecast(strata, atRisk, presentFlow(counts, strata), question)
      : { etaSeconds: null, unitsStillNeeded: null }),
  };
}
