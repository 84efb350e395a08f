import { describe, expect, it } from "vitest";
import { parsePlan, planProblems, type PlanPolicy } from "./plan-problems.ts";
import { defaultCanaryPlan, demoCanaryPlan, PRODUCTION_CANARY_POLICY, type Plan } from "./plan.ts";

const plan = defaultCanaryPlan(PRODUCTION_CANARY_POLICY);
const policy: PlanPolicy = {
  allowedStrategies: ["canary"],
  exposureCapBp: 1_000,
  alpha: 0.01,
  beta: 0.05,
  bakeSeconds: 86_400,
  blindLimitSeconds: 120,
  deadmanSeconds: 300,
};
const pointers = (over: Partial<Plan>, by?: PlanPolicy) =>
  planProblems({ ...plan, ...over }, by).map(({ pointer }) => pointer);
const step = (over: Partial<Plan["steps"][number]>) => ({ ...plan.steps[0]!, ...over });
const guard = (over: Partial<Plan["guards"][number]>) => ({ ...plan.guards[0]!, ...over });

describe("the plans we make", () => {
  it.each([
    ["production", plan],
    ["labels that prove", defaultCanaryPlan({ ...PRODUCTION_CANARY_POLICY, labels: "prove" })],
    ["no labels", defaultCanaryPlan({ ...PRODUCTION_CANARY_POLICY, labels: "none" })],
    ["demo", demoCanaryPlan()],
  ])("have no problem: %s", (_, made) => {
    expect(planProblems(made)).toEqual([]);
    expect(parsePlan(JSON.parse(JSON.stringify(made)))).toEqual(made);
  });

  it("keep the production policy", () => {
    expect(planProblems(plan, policy)).toEqual([]);
  });

  it("step 5 and 10 % without harm, 25 and 50 % on proof, and never 100 %", () => {
    expect(plan.steps.map(({ weightBp, advance }) => [weightBp, advance])).toEqual([
      [500, "no-harm"],
      [1_000, "no-harm"],
      [2_500, "safe"],
      [5_000, "safe"],
    ]);
  });

  it("let p99 stop but not gate", () => {
    expect(plan.guards.find(({ metric }) => metric === "latencyP99")).toMatchObject({
      provesSafe: false,
      action: "roll_back",
    });
  });
});

describe("a plan is refused with", () => {
  it.each<[string, Partial<Plan>, string]>([
    ["no step", { steps: [] }, "/steps"],
    [
      "100 % as a step",
      { steps: [step({ weightBp: 10_000, advance: "safe" })] },
      "/steps/0/weightBp",
    ],
    [
      "falling weights",
      { steps: [step({ weightBp: 500 }), step({ weightBp: 400 })] },
      "/steps/1/weightBp",
    ],
    ["half a basis point", { steps: [step({ weightBp: 0.5 })] }, "/steps/0/weightBp"],
    [
      "weight above the cap left without proof",
      { steps: [step({ weightBp: 2_500 })] },
      "/steps/0/advance",
    ],
    [
      "time as the rule above the cap",
      { steps: [step({ weightBp: 2_500, advance: "time" })] },
      "/steps/0/advance",
    ],
    ["no-harm without a single unit", { steps: [step({ minUnits: 0 })] }, "/steps/0/minUnits"],
    [
      "proof asked for where no guard proves",
      { guards: [guard({ provesSafe: false })] },
      "/steps/2/advance",
    ],
    ["dwell beyond the step's limit", { maxStepSeconds: 600 }, "/steps/0/dwellSeconds"],
    ["an overspent alpha", { guards: [guard({ alpha: 0.02 })] }, "/guards"],
    ["an overspent beta", { guards: [guard({ betaRelative: 0.05 })] }, "/guards/0/betaRelative"],
    ["no alpha for a guard", { guards: [guard({ alpha: 0 })] }, "/guards/0/alpha"],
    ["a limit at equality", { guards: [guard({ limitRatio: 1 })] }, "/guards/0/limitRatio"],
    [
      "two guards of one metric",
      { guards: [guard({ alpha: 0.001 }), guard({ alpha: 0.001 })] },
      "/guards",
    ],
    [
      "a ceiling without a budget",
      { guards: [guard({ betaAbsolute: 0 })] },
      "/guards/0/betaAbsolute",
    ],
    [
      "a ceiling for labels",
      { guards: [guard({ metric: "wrongLabel" })] },
      "/guards/0/absoluteCeiling",
    ],
    [
      "rollback on any shift of predictions",
      { predictionGuard: { margin: 0, action: "roll_back", alpha: 0.001 } },
      "/predictionGuard/margin",
    ],
    [
      "a narrow bake limit",
      { bakeGuards: [{ ...plan.bakeGuards[0]!, limitRatio: 1.1 }] },
      "/bakeGuards/0/limitRatio",
    ],
    ["alpha 1", { alpha: 1 }, "/alpha"],
    ["not-a-number seconds", { deadmanSeconds: Number.NaN }, "/deadmanSeconds"],
    ["a dead man of a second", { deadmanSeconds: 1 }, "/deadmanSeconds"],
  ])("%s", (_, over, pointer) => {
    expect(pointers(over)).toContain(pointer);
  });

  it.each<[string, Partial<Plan>, string]>([
    ["a strategy that is not allowed", { strategy: "all_at_once" }, "/strategy"],
    ["a higher exposure cap", { exposureCapBp: 2_000 }, "/exposureCapBp"],
    ["a larger alpha", { alpha: 0.05 }, "/alpha"],
    ["a larger beta", { beta: 0.1 }, "/beta"],
    ["a shorter bake", { bakeSeconds: 60 }, "/bakeSeconds"],
    ["longer blindness", { blindLimitSeconds: 600 }, "/blindLimitSeconds"],
    ["a longer dead man", { deadmanSeconds: 600 }, "/deadmanSeconds"],
  ])("%s by the environment's policy", (_, over, pointer) => {
    expect(pointers(over, policy)).toContain(pointer);
  });
});

describe("parsing", () => {
  it.each<[string, unknown]>([
    ["nothing", null],
    ["a list", []],
    ["a missing field", { ...plan, alpha: undefined }],
    ["a field too many", { ...plan, autoPromote: true }],
    ["an unknown rule", { ...plan, steps: [{ ...plan.steps[0], advance: "yes" }] }],
    ["a number as text", { ...plan, alpha: "0.01" }],
    ["infinity", { ...plan, bakeSeconds: Infinity }],
    ["a thousand steps", { ...plan, steps: Array.from({ length: 1_000 }, () => plan.steps[0]) }],
    ["an inherited field", Object.create(plan)],
  ])("refuses %s", (_, value) => {
    expect(parsePlan(value)).toBeNull();
  });
});
