import { describe, expect, it } from "vitest";
import { parsePlan, planProblems, type PlanPolicy } from "./plan-problems.ts";
import {
  defaultCanaryPlan,
  demoCanaryPlan,
  PRODUCTION_CANARY_POLICY,
  STRATEGIES,
  type Plan,
} from "./plan.ts";
import { drillPlan, FAULTS, planOfStrategy } from "./strategy-plans.ts";

const canary = defaultCanaryPlan(PRODUCTION_CANARY_POLICY);
const policy: PlanPolicy = {
  allowedStrategies: [...STRATEGIES],
  exposureCapBp: 1_000,
  alpha: 0.01,
  beta: 0.05,
  bakeSeconds: 86_400,
  blindLimitSeconds: 120,
  deadmanSeconds: 300,
};
const pointers = (plan: Plan, by: PlanPolicy = policy) =>
  planProblems(plan, by).map(({ pointer }) => pointer);
const of = (strategy: Plan["strategy"], over: Partial<Plan> = {}): Plan => ({
  ...planOfStrategy(strategy, canary),
  ...over,
});

describe("the standard plan of each strategy", () => {
  it.each(STRATEGIES)("%s keeps the policy and survives being sent", (strategy) => {
    for (const base of [canary, { ...demoCanaryPlan(), bakeSeconds: 86_400 }]) {
      const plan = planOfStrategy(strategy, base);
      expect(planProblems(plan, policy)).toEqual([]);
      expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    }
  });

  it.each(FAULTS)("a drill of $kind is allowed only where faults may be put in", (fault) => {
    const plan = drillPlan(canary, fault);
    expect(pointers(plan, { ...policy, faultInjection: true })).toEqual([]);
    expect(pointers(plan)).toEqual(["/drill"]);
    expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });
});

describe("a strategy is refused with", () => {
  it.each<[string, Plan, string]>([
    ["steps in all at once", of("all_at_once", { steps: canary.steps }), "/steps"],
    [
      "a step with weight in blue-green",
      of("blue_green", { steps: canary.steps.slice(-1) }),
      "/steps",
    ],
    [
      "a switch that only time decides",
      of("blue_green", {
        steps: [{ weightBp: 0, dwellSeconds: 60, minUnits: 0, advance: "time" }],
      }),
      "/steps/0/advance",
    ],
    [
      "a canary that goes from 5 % to all without proof",
      of("canary", { steps: canary.steps.slice(0, 1) }),
      "/steps/0/advance",
    ],
    ["nothing mirrored in a shadow release", of("shadow", { shadow: null }), "/shadow"],
    ["no outcome in A/B", { ...canary, strategy: "ab", steps: canary.steps }, "/outcome"],
    [
      "an outcome in a canary",
      of("canary", { outcome: planOfStrategy("ab", canary).outcome! }),
      "/outcome",
    ],
    ["A/B without guards", of("ab", { guards: [] }), "/guards"],
    [
      "an agreement of 100 %",
      of("shadow", {
        shadow: {
          samplingBp: 1,
          dwellSeconds: 1,
          comparison: { ...of("shadow").shadow!.comparison!, minAgreement: 1 },
        },
      }),
      "/shadow/comparison/minAgreement",
    ],
    [
      "a trigger that fires on no traffic",
      of("canary", {
        triggers: [
          {
            metric: "errorRate",
            threshold: 0.5,
            seconds: 60,
            intervals: 3,
            minRequests: 0,
            action: "roll_back",
          },
        ],
      }),
      "/triggers/0/minRequests",
    ],
    [
      "a trigger on inputs by half minutes",
      of("canary", {
        triggers: [
          {
            metric: "featureDrift",
            threshold: 0.3,
            seconds: 90,
            intervals: 1,
            minRequests: 50,
            action: "hold",
          },
        ],
      }),
      "/triggers/0/seconds",
    ],
    [
      "a trigger at nothing",
      of("canary", {
        triggers: [
          {
            metric: "latencyP95Ms",
            threshold: 0,
            seconds: 60,
            intervals: 3,
            minRequests: 10,
            action: "roll_back",
          },
        ],
      }),
      "/triggers/0/threshold",
    ],
  ])("%s", (_, plan, pointer) => {
    expect(pointers(plan)).toContain(pointer);
  });

  it("words that no plan has", () => {
    expect(parsePlan({ ...of("ab"), outcome: { ...of("ab").outcome, margin: 1 } })).toBeNull();
    expect(
      parsePlan({
        ...canary,
        drill: {
          fault: { kind: "errors", share: 1, addMs: 3 },
          requestsPerSecond: 1,
          objectiveSeconds: 1,
          validDays: 1,
        },
      }),
    ).toBeNull();
  });
});
