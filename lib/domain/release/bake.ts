import { upperRate } from "#lib/domain/statistics/bernoulli.ts";
import { logEAboveRate } from "#lib/domain/statistics/reference-rate.ts";
import { armCounts, newestRows } from "./canonical-counts.ts";
import type { BakeGuard, GuardAction, Plan } from "./plan.ts";
import { MIN_REFERENCE_REQUESTS, type FrozenReference, type RateOf } from "./reference.ts";
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
  /** Upper bound of the rate before the release; null when too little was seen to have one. */
  readonly referenceRate: number | null;
  readonly limitRate: number | null;
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
  readonly reference: Readonly<Record<RateMetric, RateOf>>;
};

const LARGEST_LIMIT = 0.99;
/** The reference is itself a sample: its upper bound at this error is used, so that a lucky past is no trap. */
const REFERENCE_ALPHA = 0.05;

/** Whether a rate is proven to be past its limit. The limit is a multiple of the reference's upper bound. */
export function referenceRateReport(
  guard: BakeGuard,
  observed: RateOf,
  reference: RateOf,
): ReferenceRateReport {
  const referenceRate =
    reference.of < MIN_REFERENCE_REQUESTS
      ? null
      : upperRate(reference.bad, reference.of, REFERENCE_ALPHA, reference.of);
  const limitRate =
    referenceRate === null
      ? null
      : Math.min(LARGEST_LIMIT, Math.max(guard.floorRate, referenceRate * guard.limitRatio));
  const logE = limitRate === null ? 0 : logEAboveRate(observed.bad, observed.of, limitRate);
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
    word:
      observed.of === 0 || limitRate === null ? "NO_DATA" : logE >= logELimit ? "HARM" : "CLEAR",
  };
}

/** What the promoted version did since promotion, from its windows as stable at the promotion's epoch or later. */
export function bakeCounts(
  windows: readonly WindowCounts[],
  promoted: { readonly versionId: string; readonly fromEpoch: number },
  reference: FrozenReference,
): BakeCounts {
  const rows = newestRows(windows).filter(
    (window) =>
      window.versionId === promoted.versionId &&
      window.epoch >= promoted.fromEpoch &&
      window.arm === "stable",
  );
  const counts = armCounts(rows, reference.latencyThresholdsUs);
  const perRequest = (metric: RateMetric): RateOf => ({
    bad: counts.bad[metric],
    of: counts.requests,
  });
  return {
    format: "slipway.bake-counts/1",
    requests: counts.requests,
    observed: {
      error: perRequest("error"),
      latencyP95: perRequest("latencyP95"),
      latencyP99: perRequest("latencyP99"),
      wrongLabel: { bad: counts.labels.wrong, of: counts.labels.received },
    },
    reference: reference.rates,
  };
}

/** The bake's verdict. CLEAR says only that nothing is proven to be past its limit; without requests nothing is said. */
export function judgeBake(plan: Plan, counts: BakeCounts): BakeReport {
  const guards = plan.bakeGuards.map((guard) =>
    referenceRateReport(guard, counts.observed[guard.metric], counts.reference[guard.metric]),
  );
  const past = guards.filter((guard) => guard.word === "HARM");
  return {
    format: "slipway.bake/1",
    word: past.length > 0 ? "HARM" : counts.requests === 0 ? "NO_DATA" : "CLEAR",
    action:
      past.length === 0
        ? null
        : past.some(({ action }) => action === "roll_back")
          ? "roll_back"
          : "hold",
    requests: counts.requests,
    guards,
  };
}
