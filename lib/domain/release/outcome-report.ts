import {
  differenceBand,
  LEAST_VALUES,
  meanOf,
  NO_VALUES,
  type ValueSums,
} from "#lib/domain/statistics/mean-difference.ts";
import {
  logEHarm,
  logESafe,
  lowerEnd,
  mostLikelyRatio,
  upperEnd,
} from "#lib/domain/statistics/rate-ratio.ts";
import type { CanonicalCounts } from "./canonical-counts.ts";
import { depletionFactor, evidenceWeight, firstBadStrata, freshShare } from "./evidence.ts";
import type { GuardAction } from "./plan.ts";
import type { OutcomePlan } from "./plan-parts.ts";

export type OutcomeWord = "BETTER" | "WORSE" | "UNDECIDED" | "NO_DATA";

/** The question of an A/B release: is the candidate better by what counts in the end? */
export type OutcomeReport = {
  readonly metric: OutcomePlan["metric"];
  readonly better: OutcomePlan["better"];
  readonly action: GuardAction;
  readonly minimumEffect: number;
  readonly word: OutcomeWord;
  /** Mean value, or wrong labels per label. */
  readonly stable: { readonly n: number; readonly mean: number | null };
  readonly candidate: { readonly n: number; readonly mean: number | null };
  /** `difference` for values, candidate minus stable; `ratio` for wrong labels. */
  readonly effect: number | null;
  readonly band: { readonly lower: number | null; readonly upper: number | null };
  /** Values each arm must have before anything can be told; 0 for labels. */
  readonly need: number;
};

export function outcomeReport(plan: OutcomePlan, counts: CanonicalCounts): OutcomeReport {
  return plan.metric === "value" ? valueReport(plan, counts) : labelReport(plan, counts);
}

/**
 * Values are compared within the step in force only: between steps the share changes, and with it who is in which arm
 * at which time of day.
 */
function valueReport(plan: OutcomePlan, counts: CanonicalCounts): OutcomeReport {
  const epoch = counts.epochs.find((entry) => entry.epoch === counts.context.step?.epoch);
  const stable: ValueSums = epoch?.stable.values ?? NO_VALUES;
  const candidate: ValueSums = epoch?.candidate.values ?? NO_VALUES;
  const { difference, lower, upper } = differenceBand(stable, candidate, plan.alpha);
  const sign = plan.better === "higher" ? 1 : -1;
  const [worst, best] = sign > 0 ? [lower, upper] : [upper, lower];
  const word: OutcomeWord =
    stable.n === 0 || candidate.n === 0
      ? "NO_DATA"
      : worst !== null && worst * sign > plan.minimumEffect
        ? "BETTER"
        : best !== null && best * sign < 0
          ? "WORSE"
          : "UNDECIDED";
  return {
    metric: plan.metric,
    better: plan.better,
    action: plan.onWorse,
    minimumEffect: plan.minimumEffect,
    word,
    stable: { n: stable.n, mean: meanOf(stable) },
    candidate: { n: candidate.n, mean: meanOf(candidate) },
    effect: difference,
    band: { lower, upper },
    need: LEAST_VALUES,
  };
}

/** Wrong labels by the same e-process as the guards, asked about a ratio of 1 less the effect, and of 1. */
function labelReport(plan: OutcomePlan, counts: CanonicalCounts): OutcomeReport {
  const strata = firstBadStrata(counts, "wrongLabel");
  const weight = evidenceWeight(counts, "wrongLabel");
  const half = plan.alpha / 2;
  const limit = Math.log(1 / half);
  const target = 1 - plan.minimumEffect;
  // First failures use keys up faster in the worse arm: the same correction as in the guards, for a limit below 1 none.
  const depletion = depletionFactor(freshShare(counts, "wrongLabel"), target);
  const totals = (arm: "stable" | "candidate") => {
    const labels = counts.epochs.map((epoch) => epoch[arm].labels);
    const n = labels.reduce((sum, { received }) => sum + received, 0);
    const wrong = labels.reduce((sum, { wrong: some }) => sum + some, 0);
    return { n, mean: n === 0 ? null : wrong / n };
  };
  const [stable, candidate] = [totals("stable"), totals("candidate")];
  const isBetter = logESafe(strata, target * depletion, weight) >= limit;
  const isWorse = logEHarm(strata, 1, weight) >= limit;
  return {
    metric: plan.metric,
    better: plan.better,
    action: plan.onWorse,
    minimumEffect: plan.minimumEffect,
    word:
      stable.n === 0 || candidate.n === 0
        ? "NO_DATA"
        : isWorse
          ? "WORSE"
          : isBetter
            ? "BETTER"
            : "UNDECIDED",
    stable,
    candidate,
    effect: mostLikelyRatio(strata),
    band: {
      lower: lowerEnd(strata, 1, half, weight),
      upper: upperEnd(strata, target * depletion, half, weight),
    },
    need: 0,
  };
}
