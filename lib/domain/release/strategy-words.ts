import { LOW_IS_BAD, type Fault, type Trigger, type TriggerMetric } from "./plan-parts.ts";
import type { Strategy } from "./plan.ts";
import { formatCount, formatSeconds, formatShare } from "./wording.ts";

export type StrategyWords = {
  readonly label: string;
  readonly explanation: string;
  readonly wayBack: string;
};

/** Each strategy for people: what it does to callers, and how one goes back. */
export const STRATEGY_WORDS: Readonly<Record<Strategy, StrategyWords>> = {
  canary: {
    label: "Canary",
    explanation:
      "The new version answers a small share of callers, then more, step by step, while both versions are compared at the same time.",
    wayBack: "Its share goes to 0 in one switch; the version before never stopped answering.",
  },
  blue_green: {
    label: "Blue-green",
    explanation:
      "The new version is loaded and warmed beside the old one at 0 %, asked golden inputs through a preview, then all traffic switches at once when a person says so.",
    wayBack: "The old version stays loaded through the bake: one switch, no request fails.",
  },
  shadow: {
    label: "Shadow",
    explanation:
      "The new version gets a copy of some requests after the caller has its answer. Both answers are compared pair by pair; callers never see the new one's.",
    wayBack: "There is nothing to go back from: ending it stops the copy on every runtime.",
  },
  ab: {
    label: "A/B with outcome",
    explanation:
      "Callers are split by key, each stays with one version, until labels or business values prove which version is better.",
    wayBack: "Its share goes to 0 in one switch; the version before never stopped answering.",
  },
  all_at_once: {
    label: "All at once",
    explanation:
      "The new version is loaded and warmed, then all traffic switches. Nothing is compared before; the bake watches against the rates before the release.",
    wayBack: "The old version stays loaded through the bake: one switch, no request fails.",
  },
};

/** Metrics of triggers, as headings say them. */
export const TRIGGER_NAMES: Readonly<Record<TriggerMetric, string>> = {
  errorRate: "Error rate",
  latencyP50Ms: "p50 latency",
  latencyP95Ms: "p95 latency",
  predictionShift: "Shift of predicted classes",
  featureDrift: "Distance of the farthest feature from its reference",
  agreement: "Agreement with stable",
  meanValue: "Mean business value",
};

/** A trigger's number with its unit. */
export function triggerValue(metric: TriggerMetric, value: number): string {
  if (metric === "latencyP50Ms" || metric === "latencyP95Ms") return `${formatCount(value)} ms`;
  if (metric === "meanValue" || metric === "featureDrift" || metric === "predictionShift")
    return String(Number(value.toPrecision(3)));
  return formatShare(value);
}

/** "Error rate above 5.0 % in 3 intervals of 1 min in a row, of at least 50 requests each". */
export function triggerText(trigger: Trigger): string {
  const side = LOW_IS_BAD.includes(trigger.metric) ? "below" : "above";
  const intervals =
    trigger.intervals === 1 ? "one interval" : `${trigger.intervals} intervals in a row`;
  return `${TRIGGER_NAMES[trigger.metric]} ${side} ${triggerValue(trigger.metric, trigger.threshold)} in ${intervals} of ${formatSeconds(trigger.seconds)}, at least ${formatCount(trigger.minRequests)} requests each`;
}

/** What a drill does, as half a sentence. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case "latency":
      return `every answer of the candidate takes ${formatCount(fault.addMs)} ms longer`;
    case "errors":
      return `${formatShare(fault.share)} of the candidate's answers fail`;
    case "drifted_inputs":
      return `the candidate sees every number of its input times ${fault.factor}`;
  }
}
