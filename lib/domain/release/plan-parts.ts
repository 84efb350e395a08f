import type { GuardAction } from "./plan.ts";

/** What both versions answered to the same requests, as ground for going on or ending. */
export type PairedComparison = {
  /** Distinct keys that both versions must have answered. */
  readonly minUnits: number;
  /** Share of keys on whose first request both versions must agree. */
  readonly minAgreement: number;
  /** Answers without a class agree when their first number differs by no more than this. */
  readonly scoreTolerance: number;
  /** Error of calling an agreement below its limit that is not, and a candidate failing more that does not. */
  readonly alpha: number;
  /** Error of calling an agreement proven that is at its limit. */
  readonly beta: number;
  /**
   * `steps`: goes on by itself once agreement is proven. `gate`: a person decides. `deprecate`: the challenger ends once
   * it was seen long enough; what was found is the result.
   */
  readonly then: "steps" | "gate" | "deprecate";
};

/** Mirroring before the first step. */
export type ShadowPlan = {
  readonly samplingBp: number;
  readonly dwellSeconds: number;
  /** Absent: time alone ends the mirroring. */
  readonly comparison?: PairedComparison;
};

/** What an A/B release is decided by, beside its guards: labels, or values that callers report for predictions. */
export type OutcomePlan = {
  readonly metric: "wrongLabel" | "value";
  /** Which way a value is better; wrong labels are always better when fewer. */
  readonly better: "higher" | "lower";
  /**
   * The candidate must be proven better by more than this: for values in their own unit, for wrong labels as the part of
   * stable's rate (0.1: at most nine tenths as many).
   */
  readonly minimumEffect: number;
  readonly alpha: number;
  /** What a candidate that is proven worse does. */
  readonly onWorse: GuardAction;
};

/**
 * `predictionShift`: total variation distance of predicted classes from stable's at the same time. `featureDrift`: the largest
 * Jensen-Shannon distance of a feature's inputs from what the candidate was made from. `agreement`: with stable, request by
 * request, while mirrored. `meanValue`: of the business values that callers report.
 */
export const TRIGGER_METRICS = [
  "errorRate",
  "latencyP50Ms",
  "latencyP95Ms",
  "predictionShift",
  "featureDrift",
  "agreement",
  "meanValue",
] as const;
export type TriggerMetric = (typeof TRIGGER_METRICS)[number];

/** Metrics that are bad when they fall below the threshold; the others when they rise above it. */
export const LOW_IS_BAD: readonly TriggerMetric[] = ["agreement", "meanValue"];

/**
 * A plain threshold on the candidate alone, declared before the release: no statistics, so it needs several intervals in
 * a row and a least number of requests in each. How often it would have fired on stable's own past is shown beside it.
 */
export type Trigger = {
  readonly metric: TriggerMetric;
  readonly threshold: number;
  /** Length of one interval. */
  readonly seconds: number;
  /** Intervals in a row past the threshold. */
  readonly intervals: number;
  /** An interval with fewer requests of the candidate counts for neither side. */
  readonly minRequests: number;
  readonly action: GuardAction;
};

/** What a rollback drill does to the candidate, in the runtime, while the drill has traffic. */
export type Fault =
  | { readonly kind: "latency"; readonly addMs: number }
  | { readonly kind: "errors"; readonly share: number }
  /** Every number of the input is multiplied by this before the candidate sees it. */
  | { readonly kind: "drifted_inputs"; readonly factor: number };

/** A release that is meant to fail: it proves that its triggers fire and that the way back works. */
export type DrillPlan = {
  readonly fault: Fault;
  /** Requests that the control plane sends by itself while the drill runs, made from golden inputs. */
  readonly requestsPerSecond: number;
  /** Longest time from the fault to the last answer of the candidate. */
  readonly objectiveSeconds: number;
  /** How long the finished drill counts as evidence. */
  readonly validDays: number;
};
