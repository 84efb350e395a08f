import {
  armTotal,
  canonicalCounts,
  type CanonicalCounts,
  type JudgeContext,
} from "./canonical-counts.ts";
import { referenceRateReport } from "./bake.ts";
import { candidateUnitsSince, isKeyless } from "./evidence.ts";
import { guardReport, type GuardReport } from "./guard-report.ts";
import { outcomeReport, type OutcomeReport } from "./outcome-report.ts";
import { pairedReport, type PairedReport } from "./paired-report.ts";
import type { GuardAction, Plan } from "./plan.ts";
import { predictionReport, type PredictionReport } from "./prediction-report.ts";
import { splitReport, type SplitReport } from "./split-report.ts";
import type { Verdict } from "./states.ts";
import type { FeatureTraffic } from "./trigger-features.ts";
import { triggerReport, type TriggerReport } from "./triggers.ts";
import type { WindowCounts } from "./window.ts";
import { formatShare } from "./wording.ts";

/** The answer to "may this release go on?", with everything it rests on. Plain JSON; recomputable bit for bit. */
export type VerdictReport = {
  readonly format: "slipway.verdict/1";
  readonly verdict: Verdict;
  /** For HARM: the strictest action asked for by a guard past its limit. */
  readonly action: GuardAction | null;
  readonly stepIndex: number | null;
  readonly stepSeconds: number | null;
  readonly stepUnits: { readonly have: number; readonly need: number };
  /** What one unit is on this endpoint, for people. */
  readonly unitWord: "requests" | "keys";
  readonly guards: readonly GuardReport[];
  readonly predictions: PredictionReport | null;
  readonly split: SplitReport;
  /** Stable itself fails far more than before the release: then the comparison blames nobody. */
  readonly isStableUnhealthy: boolean;
  readonly blindSeconds: number | null;
  readonly gaps: readonly string[];
  readonly invalidReasons: readonly string[];
  /** Until every guard that must prove safety is expected to be decided; null when none waits or none can tell. */
  readonly etaSeconds: number | null;
  readonly unitsStillNeeded: number | null;
  /** Only in reports of plans that have them, so that reports of other plans keep their bytes. */
  readonly paired?: PairedReport;
  readonly outcome?: OutcomeReport;
  readonly triggers?: readonly TriggerReport[];
};

/** The parts of a report that can be past a limit. */
export type Limited = Pick<
  VerdictReport,
  "guards" | "predictions" | "paired" | "outcome" | "triggers"
>;

/** A guard past its limit, by the name that people accept or see it under. */
export type PastLimit = { readonly metric: string; readonly action: GuardAction };

const LATENCY_TRIGGERS: readonly string[] = ["latencyP50Ms", "latencyP95Ms"];

/** What was seen against what was declared, where the limit is not a ratio to stable; null for guards. */
export function crossedDetail(report: Limited, metric: string): string | null {
  const fired = report.triggers?.find(({ trigger }) => triggerName(trigger.metric) === metric);
  if (fired !== undefined) {
    const { trigger, latest, inARow } = fired;
    const show = (value: number | null) => {
      if (value === null) return "unknown";
      if (LATENCY_TRIGGERS.includes(trigger.metric)) return `${Math.round(value)} ms`;
      return trigger.metric === "meanValue" ? String(value) : formatShare(value);
    };
    return `${show(latest)} against a threshold of ${show(trigger.threshold)}, ${inARow} intervals of ${trigger.seconds} s in a row`;
  }
  if (metric === "outcome" && report.outcome !== undefined) {
    const { candidate, stable } = report.outcome;
    return `proven worse, ${formatMean(candidate.mean)} against ${formatMean(stable.mean)}`;
  }
  if (metric === "pairedFailures" && report.paired !== undefined) {
    const { candidateOnly, stableOnly } = report.paired.failures;
    return `${candidateOnly} keys on which it alone failed, ${stableOnly} on which stable alone did`;
  }
  return null;
}

const formatMean = (mean: number | null): string =>
  mean === null ? "unknown" : String(Number(mean.toPrecision(4)));

/** The name of a trigger beside guards of the same kind. */
export const triggerName = (metric: string): string =>
  metric === "agreement" ? "agreementTrigger" : metric;

/** The guards whose whole band is past the limit, those that a person accepted left out. */
export function guardsPastLimit(report: Limited, acceptedHolds: readonly string[]): PastLimit[] {
  const past: PastLimit[] = report.guards
    .filter((guard) => guard.word === "HARM")
    .map(({ metric, action }) => ({ metric, action }));
  if (report.predictions?.word === "HARM")
    past.push({ metric: "predictions", action: report.predictions.action });
  if (report.paired?.failures.word === "HARM")
    past.push({ metric: "pairedFailures", action: "roll_back" });
  if (report.outcome?.word === "WORSE")
    past.push({ metric: "outcome", action: report.outcome.action });
  for (const { word, trigger } of report.triggers ?? [])
    if (word === "FIRED")
      past.push({ metric: triggerName(trigger.metric), action: trigger.action });
  return past.filter(
    ({ metric, action }) => action === "roll_back" || !acceptedHolds.includes(metric),
  );
}

const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length < values.length || known.length === 0 ? null : Math.max(...known);
};

function stableIsUnhealthy(plan: Plan, counts: CanonicalCounts): boolean {
  const guard = plan.bakeGuards.find(({ metric }) => metric === "error");
  const reference = counts.context.referenceErrors;
  if (guard === undefined || reference === null) return false;
  const { errors, requests } = armTotal(counts, "stable");
  return referenceRateReport(guard, { bad: errors, of: requests }, reference).word === "HARM";
}

function invalidity(counts: CanonicalCounts, split: SplitReport): string[] {
  return [
    ...counts.context.invalidReasons,
    ...(split.isAlarm ? ["The traffic split differs from the planned weights."] : []),
    ...(counts.overflow ? ["A runtime had more failing keys than it can remember."] : []),
  ];
}

function verdictOf(input: {
  readonly isInvalid: boolean;
  readonly isHarm: boolean;
  readonly isBlind: boolean;
  readonly isSafe: boolean;
  readonly isLate: boolean;
}): Verdict {
  if (input.isInvalid) return "INVALID";
  if (input.isHarm) return "HARM";
  if (input.isBlind) return "BLIND";
  if (input.isSafe) return "SAFE";
  return input.isLate ? "TIMED_OUT" : "INSUFFICIENT";
}

/**
 * The verdict from stored counts. The same counts and plan give the same report, bit for bit.
 *
 * INVALID goes before HARM because evidence from a broken split or thresholds proves nothing; HARM before BLIND because
 * what was seen before the silence stays true. SAFE needs every guard that proves safety; no guard at all proves nothing.
 */
export function recompute(counts: CanonicalCounts, plan: Plan): VerdictReport {
  const { context } = counts;
  const guards = plan.guards.map((guard) => guardReport(guard, counts));
  const predictions =
    plan.predictionGuard === null ? null : predictionReport(plan.predictionGuard, counts);
  const split = splitReport(counts, plan.splitAlpha);
  const parts = partsOf(counts, plan);
  const past = guardsPastLimit({ guards, predictions, ...parts }, context.acceptedHolds);
  const proving = guards.filter((guard) => guard.provesSafe);
  const waiting = proving.filter((guard) => guard.word !== "SAFE");
  const invalidReasons = invalidity(counts, split);
  const isProven = proving.length > 0 && waiting.length === 0;
  const verdict = verdictOf({
    isInvalid: invalidReasons.length > 0,
    isHarm: past.length > 0,
    isBlind: context.blindSeconds !== null,
    isSafe: context.shadow === undefined ? isProven : parts.paired?.word === "SAFE",
    isLate: context.step !== null && context.step.sinceSeconds >= plan.maxStepSeconds,
  });
  const step = context.step === null ? undefined : plan.steps[context.step.index];
  return {
    format: "slipway.verdict/1",
    verdict,
    action:
      verdict !== "HARM"
        ? null
        : past.some(({ action }) => action === "roll_back")
          ? "roll_back"
          : "hold",
    stepIndex: context.step?.index ?? null,
    stepSeconds: context.step?.seconds ?? null,
    stepUnits: {
      have: context.step === null ? 0 : candidateUnitsSince(counts, context.step.epoch),
      need: step?.minUnits ?? 0,
    },
    unitWord: isKeyless(counts) ? "requests" : "keys",
    guards,
    predictions,
    split,
    isStableUnhealthy: stableIsUnhealthy(plan, counts),
    blindSeconds: context.blindSeconds,
    gaps: context.gaps,
    invalidReasons,
    etaSeconds: largest(waiting.map((guard) => guard.etaSeconds)),
    unitsStillNeeded: largest(waiting.map((guard) => guard.unitsStillNeeded)),
    ...parts,
  };
}

/** What only some plans have; keys that a plan does not ask for stay out. */
function partsOf(
  counts: CanonicalCounts,
  plan: Plan,
): Pick<VerdictReport, "paired" | "outcome" | "triggers"> {
  const comparison = plan.shadow?.comparison;
  return {
    ...(comparison !== undefined && counts.pairs !== undefined
      ? { paired: pairedReport(comparison, counts.pairs) }
      : {}),
    ...(plan.outcome === undefined ? {} : { outcome: outcomeReport(plan.outcome, counts) }),
    ...(plan.triggers === undefined || plan.triggers.length === 0
      ? {}
      : {
          triggers: plan.triggers.map((trigger) =>
            triggerReport(
              trigger,
              counts.buckets?.find(({ seconds }) => seconds === trigger.seconds)?.buckets ?? [],
            ),
          ),
        }),
  };
}

/** The verdict from windows (and, for triggers on inputs, from what the candidate was asked), and the counts to store with the decision. */
export function judge(
  plan: Plan,
  windows: readonly WindowCounts[],
  context: JudgeContext,
  inputs?: FeatureTraffic,
): { readonly report: VerdictReport; readonly counts: CanonicalCounts } {
  const counts = canonicalCounts(windows, context, inputs);
  return { report: recompute(counts, plan), counts };
}
