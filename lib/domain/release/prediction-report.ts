import { logEPredictionShift } from "#lib/domain/statistics/class-shares.ts";
import { mostLikelyRatio } from "#lib/domain/statistics/rate-ratio.ts";
import type { CanonicalCounts } from "./canonical-counts.ts";
import { predictionEvidenceWeight } from "./evidence.ts";
import type { GuardAction, PredictionGuard } from "./plan.ts";

export type ClassShare = {
  readonly name: string;
  /** Keys whose first answer was this class, and their share of the arm's keys that got a class. */
  readonly stable: number;
  readonly candidate: number;
  readonly stableShare: number | null;
  readonly candidateShare: number | null;
  readonly ratio: number | null;
};

export type PredictionReport = {
  readonly action: GuardAction;
  readonly margin: number;
  readonly classes: readonly ClassShare[];
  readonly logE: number;
  readonly logELimit: number;
  readonly word: "HARM" | "UNDECIDED" | "NO_DATA";
};

function classShares(counts: CanonicalCounts): ClassShare[] {
  const names = [
    ...new Set(counts.epochs.flatMap((epoch) => epoch.classes.map(([name]) => name))),
  ].sort();
  const strataOf = (name: string) =>
    counts.epochs.map((epoch) => {
      const [, stable, candidate] = epoch.classes.find(([known]) => known === name) ?? [name, 0, 0];
      return { candidateShareBp: epoch.candidateShareBp, stable, candidate };
    });
  const rows = names.map((name) => ({ name, strata: strataOf(name) }));
  const sum = (arm: "stable" | "candidate", strata: ReturnType<typeof strataOf>) =>
    strata.reduce((total, stratum) => total + stratum[arm], 0);
  const all = rows.flatMap((row) => row.strata);
  const [allStable, allCandidate] = [sum("stable", all), sum("candidate", all)];
  return rows.map(({ name, strata }) => ({
    name,
    stable: sum("stable", strata),
    candidate: sum("candidate", strata),
    stableShare: allStable === 0 ? null : sum("stable", strata) / allStable,
    candidateShare: allCandidate === 0 ? null : sum("candidate", strata) / allCandidate,
    ratio: mostLikelyRatio(strata),
  }));
}

/**
 * Whether the candidate predicts some class more, or less, often than the margin allows. Keys return in later epochs,
 * so an epoch is a test of its own and gets the part 1/(k(k+1)) of the error budget; the largest is reported.
 */
export function predictionReport(
  guard: PredictionGuard,
  counts: CanonicalCounts,
): PredictionReport {
  const weight = predictionEvidenceWeight(counts);
  const perEpoch = counts.epochs.map(({ candidateShareBp, classes }, index) => {
    const strata = classes.map(([, stable, candidate]) => [
      { candidateShareBp, stable, candidate },
    ]);
    return logEPredictionShift(strata, guard.margin, weight) - Math.log((index + 1) * (index + 2));
  });
  const classes = classShares(counts);
  const logE = perEpoch.length === 0 ? 0 : Math.max(...perEpoch);
  const logELimit = Math.log(1 / guard.alpha);
  const isMeasured =
    classes.some((entry) => entry.stable > 0) && classes.some((entry) => entry.candidate > 0);
  return {
    action: guard.action,
    margin: guard.margin,
    classes,
    logE,
    logELimit,
    word: logE >= logELimit ? "HARM" : isMeasured ? "UNDECIDED" : "NO_DATA",
  };
}
