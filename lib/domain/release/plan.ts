import type { DrillPlan, OutcomePlan, ShadowPlan, Trigger } from "./plan-parts.ts";
import type { RateMetric } from "./window.ts";

export const STRATEGIES = ["canary", "blue_green", "shadow", "ab", "all_at_once"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/**
 * What opens the way out of a step. `no-harm`: nothing past its limit, allowed only up to the exposure cap.
 * `safe`: every guard that proves safety has proven it. `better`: that, and the plan's outcome is proven better.
 * `gate`: a person. `time`: dwell alone, for plans without evidence.
 */
export const ADVANCE_RULES = ["no-harm", "safe", "better", "gate", "time"] as const;
export type AdvanceRule = (typeof ADVANCE_RULES)[number];

export type PlanStep = {
  readonly weightBp: number;
  /** Counted from when every live runtime routes by this step's epoch. */
  readonly dwellSeconds: number;
  /** Distinct units that the candidate must have served in this step. */
  readonly minUnits: number;
  readonly advance: AdvanceRule;
};

export type GuardAction = "roll_back" | "hold";

/**
 * A limit on the ratio of the candidate's rate to stable's. Harm is proven at error `alpha`; safety by the ratio at
 * error `betaRelative`, or by an absolute rate below the ceiling at error `betaAbsolute`.
 */
export type RateGuard = {
  readonly metric: RateMetric;
  readonly limitRatio: number;
  /** Share of units; null when the metric's rate is not expected to be near zero. */
  readonly absoluteCeiling: number | null;
  readonly action: GuardAction;
  /** False: this guard can stop the release but is not asked for proof (p99 takes too long to gate). */
  readonly provesSafe: boolean;
  readonly alpha: number;
  readonly betaRelative: number;
  readonly betaAbsolute: number;
};

/** Honest versions differ in what they predict, so this asks for a person unless a margin was declared. */
export type PredictionGuard = {
  /** 0.25: a class predicted 1.25 times as often as by stable, or 1/1.25 as often, is still within the margin. */
  readonly margin: number;
  readonly action: GuardAction;
  readonly alpha: number;
};

/** After promotion there is no second arm: the rate is held against stable's rate from before the release. */
export type BakeGuard = {
  readonly metric: RateMetric;
  readonly limitRatio: number;
  /** The limit is never below this rate, so one failure after a clean past is not harm. */
  readonly floorRate: number;
  readonly action: GuardAction;
  readonly alpha: number;
};

/** Everything a release does by itself, frozen at approval. Plain JSON: it is hashed and signed. */
export type Plan = {
  readonly strategy: Strategy;
  /** Mirroring before the first step, or null. */
  readonly shadow: ShadowPlan | null;
  readonly steps: readonly PlanStep[];
  readonly guards: readonly RateGuard[];
  readonly predictionGuard: PredictionGuard | null;
  readonly bakeGuards: readonly BakeGuard[];
  /** Answers faster than this are never slow, however fast stable was: tiny differences between fast models harm nobody. */
  readonly latencyFloorUs: number;
  /** Budget of the whole release for a false rollback or hold by its guards. */
  readonly alpha: number;
  /** Greatest probability that a candidate at a guard's limit is called safe by that guard. */
  readonly beta: number;
  /** Budget for a false alarm about the traffic split. */
  readonly splitAlpha: number;
  /** A step that still waits after dwell and this long is shown as holding. */
  readonly graceSeconds: number;
  readonly maxStepSeconds: number;
  readonly gateLimitSeconds: number;
  readonly onTimeout: "hold" | "roll_back";
  /** Loading and warming on every live runtime must be over by then. */
  readonly warmLimitSeconds: number;
  readonly windowSeconds: number;
  /** An arm that reports nothing for this long loses its weight. */
  readonly blindLimitSeconds: number;
  /** A runtime without contact for this long serves stable by itself while the candidate has weight. */
  readonly deadmanSeconds: number;
  readonly bakeSeconds: number;
  /** The previous version stays loaded this long after the release is completed. */
  readonly keepWarmSeconds: number;
  /** Greatest weight that may be left by `no-harm` or `time`. */
  readonly exposureCapBp: number;
  /** What an A/B release is decided by; absent in the other strategies. */
  readonly outcome?: OutcomePlan;
  /** Thresholds on the candidate alone, declared in advance; absent: none. */
  readonly triggers?: readonly Trigger[];
  /** Set for a rollback drill, which is never promoted. */
  readonly drill?: DrillPlan;
};

/** What an environment's policy decides about a canary plan. */
export type CanaryPolicy = {
  readonly bakeSeconds: number;
  readonly exposureCapBp: number;
  readonly deadmanSeconds: number;
  /** True labels: asked for proof, able to stop only, or not reported at all. */
  readonly labels: "prove" | "stop" | "none";
};

export const PRODUCTION_CANARY_POLICY: CanaryPolicy = {
  bakeSeconds: 86_400,
  exposureCapBp: 1_000,
  deadmanSeconds: 300,
  labels: "stop",
};

/** Shares of the release's error budget; they sum to 1 with every guard in place, and to less without labels. */
const ALPHA = 0.01;
const BETA = 0.05;

const errorGuard: RateGuard = {
  metric: "error",
  limitRatio: 2,
  absoluteCeiling: 0.01,
  action: "roll_back",
  provesSafe: true,
  alpha: 0.004,
  betaRelative: 0.025,
  betaAbsolute: 0.025,
};

const latencyP95Guard: RateGuard = {
  metric: "latencyP95",
  limitRatio: 2,
  // By definition 5 % of stable's answers are slower; fewer where the floor is above its p95.
  absoluteCeiling: 0.1,
  action: "roll_back",
  provesSafe: true,
  alpha: 0.002,
  betaRelative: 0.025,
  betaAbsolute: 0.025,
};

const latencyP99Guard: RateGuard = {
  ...latencyP95Guard,
  metric: "latencyP99",
  limitRatio: 3,
  absoluteCeiling: null,
  provesSafe: false,
  alpha: 0.001,
  betaRelative: 0.05,
  betaAbsolute: 0,
};

const wrongLabelGuard = (provesSafe: boolean): RateGuard => ({
  metric: "wrongLabel",
  limitRatio: 2,
  absoluteCeiling: null,
  action: "roll_back",
  provesSafe,
  alpha: 0.002,
  betaRelative: 0.05,
  betaAbsolute: 0,
});

const bakeGuards: readonly BakeGuard[] = [
  { metric: "error", limitRatio: 3, floorRate: 0.005, action: "roll_back", alpha: 0.004 },
  { metric: "wrongLabel", limitRatio: 3, floorRate: 0.01, action: "roll_back", alpha: 0.002 },
  // A slow hour of the machine looks the same as a slow version when nothing runs beside it: ask a person.
  { metric: "latencyP95", limitRatio: 5, floorRate: 0.05, action: "hold", alpha: 0.002 },
];

/** The standard canary: 5 and 10 % while nothing is past its limit, 25 and 50 % on proof, then promotion and bake. */
export function defaultCanaryPlan(policy: CanaryPolicy): Plan {
  return {
    strategy: "canary",
    shadow: null,
    steps: [
      { weightBp: 500, dwellSeconds: 600, minUnits: 1_000, advance: "no-harm" },
      { weightBp: 1_000, dwellSeconds: 600, minUnits: 1_000, advance: "no-harm" },
      { weightBp: 2_500, dwellSeconds: 900, minUnits: 2_000, advance: "safe" },
      { weightBp: 5_000, dwellSeconds: 900, minUnits: 2_000, advance: "safe" },
    ],
    guards: [
      errorGuard,
      latencyP95Guard,
      latencyP99Guard,
      ...(policy.labels === "none" ? [] : [wrongLabelGuard(policy.labels === "prove")]),
    ],
    predictionGuard: { margin: 0.25, action: "hold", alpha: 0.001 },
    bakeGuards: bakeGuards.filter(
      (guard) => guard.metric !== "wrongLabel" || policy.labels !== "none",
    ),
    latencyFloorUs: 5_000,
    alpha: ALPHA,
    beta: BETA,
    splitAlpha: 0.001,
    graceSeconds: 300,
    maxStepSeconds: 86_400,
    gateLimitSeconds: 86_400,
    onTimeout: "hold",
    warmLimitSeconds: 900,
    windowSeconds: 2,
    blindLimitSeconds: 120,
    deadmanSeconds: policy.deadmanSeconds,
    bakeSeconds: policy.bakeSeconds,
    keepWarmSeconds: 259_200,
    exposureCapBp: policy.exposureCapBp,
  };
}

/** The same machine and error budgets at some 120 requests/s with labels after seconds: promoted in two to three minutes. */
export function demoCanaryPlan(): Plan {
  return {
    ...defaultCanaryPlan({
      bakeSeconds: 30,
      exposureCapBp: 1_000,
      deadmanSeconds: 300,
      labels: "prove",
    }),
    steps: [
      { weightBp: 1_000, dwellSeconds: 40, minUnits: 300, advance: "no-harm" },
      { weightBp: 2_500, dwellSeconds: 25, minUnits: 300, advance: "safe" },
      { weightBp: 5_000, dwellSeconds: 25, minUnits: 300, advance: "safe" },
    ],
    // Beside other work on a small machine the two model hosts differ by scheduling alone.
    latencyFloorUs: 20_000,
    predictionGuard: { margin: 0.5, action: "hold", alpha: 0.001 },
    graceSeconds: 60,
    maxStepSeconds: 1_200,
    gateLimitSeconds: 86_400,
    warmLimitSeconds: 120,
    keepWarmSeconds: 3_600,
  };
}
