import type { GuardWord } from "./guard-report.ts";
import type { ReleaseState, Verdict } from "./states.ts";

/** The shapes of the status language. A status is a shape and a word; colour only repeats it. */
export const STATUS_SHAPES = [
  "draft",
  "awaiting",
  "scheduled",
  "running",
  "holding",
  "undecided",
  "passed",
  "failed",
  "rolling-back",
  "rolled-back",
  "live",
  "retired",
  "no-data",
] as const;
export type StatusShape = (typeof STATUS_SHAPES)[number];

export type StatusLabel = { readonly word: string; readonly shape: StatusShape };

/** The one vocabulary of release states for people. */
export const RELEASE_LABELS: Readonly<Record<ReleaseState, StatusLabel>> = {
  DRAFT: { word: "Draft", shape: "draft" },
  PENDING_APPROVAL: { word: "Awaiting approval", shape: "awaiting" },
  APPROVED: { word: "Approved", shape: "scheduled" },
  PROVISIONING: { word: "Loading", shape: "running" },
  WARMING: { word: "Warming", shape: "running" },
  SHADOWING: { word: "Shadowing", shape: "running" },
  STEP_ACTIVE: { word: "Running", shape: "running" },
  HOLDING: { word: "Holding", shape: "holding" },
  AWAITING_GATE: { word: "Awaiting a person", shape: "awaiting" },
  PROMOTING: { word: "Promoting", shape: "running" },
  BAKING: { word: "Live, baking", shape: "live" },
  COMPLETED: { word: "Completed", shape: "live" },
  ROLLING_BACK: { word: "Rolling back", shape: "rolling-back" },
  ROLLED_BACK: { word: "Rolled back", shape: "rolled-back" },
  REJECTED: { word: "Rejected", shape: "failed" },
  EXPIRED: { word: "Expired", shape: "retired" },
  CANCELLED: { word: "Cancelled", shape: "retired" },
  ABORTED: { word: "Aborted", shape: "failed" },
  SUPERSEDED: { word: "Superseded", shape: "retired" },
  DEPRECATED: { word: "Challenger deprecated", shape: "retired" },
};

/** Where a guard stands to its limit: never "healthy", only what is proven. */
export const GUARD_LABELS: Readonly<Record<GuardWord | "CLEAR", StatusLabel>> = {
  SAFE: { word: "Within limit", shape: "passed" },
  CLEAR: { word: "Within limit", shape: "passed" },
  HARM: { word: "Past limit", shape: "failed" },
  UNDECIDED: { word: "Undecided", shape: "undecided" },
  NO_DATA: { word: "No data", shape: "no-data" },
};

export const VERDICT_LABELS: Readonly<Record<Verdict, StatusLabel>> = {
  HARM: { word: "Past limit", shape: "failed" },
  SAFE: { word: "Within all limits", shape: "passed" },
  INSUFFICIENT: { word: "Undecided", shape: "undecided" },
  TIMED_OUT: { word: "Undecided past its time", shape: "holding" },
  BLIND: { word: "No data", shape: "no-data" },
  INVALID: { word: "Evidence invalid", shape: "no-data" },
};

const METRIC_NAMES: Readonly<Record<string, string>> = {
  error: "error rate",
  latencyP95: "p95 latency",
  latencyP99: "p99 latency",
  wrongLabel: "wrong labels",
  predictions: "prediction shares",
  agreement: "agreement",
  pairedFailures: "paired failures",
  outcome: "outcome",
  errorRate: "error rate trigger",
  latencyP50Ms: "p50 latency trigger",
  latencyP95Ms: "p95 latency trigger",
  predictionShift: "prediction shift trigger",
  featureDrift: "feature drift trigger",
  agreementTrigger: "agreement trigger",
  meanValue: "business value trigger",
};

/** A guard's metric within a sentence. */
export function metricName(metric: string): string {
  return METRIC_NAMES[metric] ?? metric;
}

const PLURAL = new Set(["wrongLabel", "predictions", "pairedFailures"]);

/** "is" or "are" after the metric's name. */
export function metricVerb(metric: string): "is" | "are" {
  return PLURAL.has(metric) ? "are" : "is";
}
