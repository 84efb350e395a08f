import { logEAboveRate } from "#lib/domain/statistics/reference-rate.ts";
import { armCounts, newestRows } from "./canonical-counts.ts";
import type { BakeGuard, GuardAction, Plan } from "./plan.ts";
import type { FrozenReference, RateOf } from "./reference.ts";
import type { RateMetric, WindowCounts } from "./window.ts";

/**
 * One rate after promotion against stable's rate from before the release. There is no concurrent arm any more, so this
 * cannot tell a bad version from a bad day; hence the wide limit, which the screen states.
 */
export type ReferenceRateReport = {
  readonly metric: RateMetric;
  readonly action: GuardAction;
  readonly bad: number;
  readonly of: number;
  readonly rate: number | null;
  readonly referenceRate: number;
  readonly limitRate: number;
  readonly logE: number;
  readonly logELimit: number;
  readonly word: "HARM" | "CLEAR" | "NO_DATA";
};

export type BakeReport = {
  readonly format: "slipway.bake/1";
  readonly word: "HARM" | "CLEAR" | "NO_DATA";
  readonly action: GuardAction | null;
  readonly requests: number;
  readonly guards: readonly ReferenceRateReport[];
};

/** Stored with the decision like `CanonicalCounts`: what the bake was judged from. */
export type BakeCounts = {
  readonly format: "slipway.bake-counts/1";
  readonly requests: number;
  readonly observed: Readonly<Record<RateMetric, RateOf>>;
  readonly referenceRates: Readonly<Record<RateMetric, number>>;
};

const LARGEST_LIMIT = 0.99;

export function referenceRateReport(guard: BakeGuard, observed: RateOf, referenceRate: number): ReferenceRateReport {
  const limitRate = Math.min(LARGEST_LIMIT, Math.max(guard.floorRate, referenceRate * guard.limitRatio));
  const logE = logEAboveRate(observed.bad, observed.of, limitRate);
  const logELimit = Math.log(1 / guard.alpha);
  return {
    metric: guard.metric,
    action: guard.action,
    bad: observed.bad,
    of: observed.of,
    rate: observed.of === 0 ? null : observed.bad / observed.of,
    referenceRate,
    limitRate,
    logE,
    logELimit,
    word: observed.of === 0 ? "NO_DATA" : logE >= logELimit ? "HARM" : "CLEAR",
  };
}

const rateOf = ({ bad, of }: RateOf): number => (of === 0 ? 0 : bad / of);

/** What the promoted version did since promotion, from its windows as stable at the promotion's epoch or later. */
export function bakeCounts(
  windows: readonly WindowCounts[],
  promoted: { readonly versionId: string; readonly fromEpoch: number },
  reference: FrozenReference,
): BakeCounts {
  const rows = newestRows(windows).filter(
    (window) =>
      window.versionId === promoted.versionId && window.epoch >= promoted.fromEpoch && window.arm === "stable",
  );
  const counts = armCounts(rows, reference.latencyThresholdsUs);
  const perRequest = (metric: RateMetric): RateOf => ({ bad: counts.bad[metric], of: counts.requests });
  return {
    format: "slipway.bake-counts/1",
    requests: counts.requests,
    observed: {
      error: perRequest("error"),
      latencyP95: perRequest("latencyP95"),
      latencyP99: perRequest("latencyP99"),
      wrongLabel: { bad: counts.labels.wrong, of: counts.labels.received },
    },
    referenceRates: {
      error: rateOf(reference.rates.error),
      latencyP95: rateOf(reference.rates.latencyP95),
      latencyP99: rateOf(reference.rates.latencyP99),
      wrongLabel: rateOf(reference.rates.wrongLabel),
    },
  };
}

/** The bake's verdict. CLEAR says only that nothing is proven to be past its limit; without requests nothing is said. */
export function judgeBake(plan: Plan, counts: BakeCounts): BakeReport {
  const guards = plan.bakeGuards.map((guard) =>
    referenceRateReport(guard, counts.observed[guard.metric], counts.referenceRates[guard.metric]),
  );
  const past = guards.filter((guard) => guard.word === "HARM");
  return {
    format: "slipway.bake/1",
    word: past.length > 0 ? "HARM" : counts.requests === 0 ? "NO_DATA" : "CLEAR",
    action: past.length === 0 ? null : past.some(({ action }) => action === "roll_back") ? "roll_back" : "hold",
    requests: counts.requests,
    guards,
  };
}
