import type { DrillPlan, Fault, PairedComparison } from "./plan-parts.ts";
import type { Plan, Strategy } from "./plan.ts";

const COMPARISON: PairedComparison = {
  minUnits: 1_000,
  minAgreement: 0.95,
  scoreTolerance: 0.05,
  alpha: 0.01,
  beta: 0.05,
  then: "gate",
};

/**
 * The standard plan of each strategy, made from the environment's canary plan so that limits, error budgets and bake are
 * the same whichever way the candidate goes live.
 */
export function planOfStrategy(strategy: Strategy, canary: Plan): Plan {
  switch (strategy) {
    case "canary":
      return canary;
    case "blue_green":
      return {
        ...withoutComparison(canary),
        strategy,
        steps: [{ weightBp: 0, dwellSeconds: 0, minUnits: 0, advance: "gate" }],
      };
    case "shadow":
      return {
        ...canary,
        strategy,
        shadow: { samplingBp: 2_000, dwellSeconds: 3_600, comparison: COMPARISON },
      };
    case "ab":
      return abPlan(canary);
    case "all_at_once":
      return { ...withoutComparison(canary), strategy, steps: [] };
  }
}

/** Without two arms nothing is compared before the switch; the bake still is, with the rates before the release. */
const withoutComparison = (canary: Plan): Plan => ({
  ...canary,
  shadow: null,
  guards: [],
  predictionGuard: null,
});

/** A small first step, then a fixed half until the outcome is told. Labels that come late need a longer limit than errors. */
function abPlan(canary: Plan): Plan {
  const first = canary.steps[0] ?? { dwellSeconds: 600, minUnits: 1_000 };
  return {
    ...canary,
    strategy: "ab",
    // What is asked about is whether the candidate is better; honest differences in shares are part of that.
    predictionGuard: null,
    steps: [
      { ...first, weightBp: Math.min(1_000, canary.exposureCapBp), advance: "no-harm" },
      { ...first, weightBp: 5_000, advance: "better" },
    ],
    outcome: {
      metric: "wrongLabel",
      better: "lower",
      minimumEffect: 0,
      alpha: 0.05,
      onWorse: "roll_back",
    },
    maxStepSeconds: Math.max(canary.maxStepSeconds, 14 * 86_400),
  };
}

const DRILL: Omit<DrillPlan, "fault"> = {
  requestsPerSecond: 40,
  objectiveSeconds: 120,
  validDays: 90,
};

export const FAULTS: readonly Fault[] = [
  { kind: "errors", share: 0.5 },
  { kind: "latency", addMs: 250 },
  { kind: "drifted_inputs", factor: 25 },
];

/**
 * A release that must end in its own roll back: half of the traffic meets the fault, and the guards of the environment's
 * plan have to find it. It has one step that only a person could leave, and a drill lets nobody through.
 */
export function drillPlan(canary: Plan, fault: Fault): Plan {
  return {
    ...canary,
    strategy: "canary",
    shadow: null,
    steps: [{ weightBp: 5_000, dwellSeconds: 0, minUnits: 1, advance: "gate" }],
    predictionGuard: {
      margin: Math.max(0.25, canary.predictionGuard?.margin ?? 0),
      action: "roll_back",
      alpha: canary.predictionGuard?.alpha ?? 0.001,
    },
    maxStepSeconds: DRILL.objectiveSeconds,
    gateLimitSeconds: DRILL.objectiveSeconds,
    onTimeout: "roll_back",
    drill: { ...DRILL, fault },
  };
}
