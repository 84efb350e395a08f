import { expect, test } from "vitest";
import { planDiff } from "./plan-diff.ts";
import { demoCanaryPlan } from "./plan.ts";
import type { Trigger } from "./plan-parts.ts";

const PLAN = demoCanaryPlan();
const slow = (threshold: number): Trigger => ({ metric: "latencyP95Ms", threshold, seconds: 60, intervals: 3, minRequests: 100, action: "roll_back" });

test("equal plans do not differ, and guards are the same in any order", () => {
  expect(planDiff(PLAN, PLAN)).toEqual([]);
  expect(planDiff(PLAN, { ...PLAN, guards: [...PLAN.guards].reverse() })).toEqual([]);
});

test("a changed step and a guard that is gone are named by their place", () => {
  const [first, ...rest] = PLAN.steps;
  if (first === undefined) throw new Error("The plan has no step.");
  const pointers = (after: typeof PLAN) => planDiff(PLAN, after).map(({ pointer }) => pointer);
  expect(pointers({ ...PLAN, steps: [{ ...first, weightBp: 700 }, ...rest] })).toEqual(["/steps/0/weightBp"]);
  expect(pointers({ ...PLAN, guards: PLAN.guards.filter(({ metric }) => metric !== "error") })).toEqual(["/guards/error"]);
});

test("of two triggers on one metric neither hides the other", () => {
  const before = { ...PLAN, triggers: [slow(50), slow(200)] };
  expect(planDiff(before, { ...PLAN, triggers: [slow(80), slow(200)] })).toEqual([{ pointer: "/triggers/latencyP95Ms/threshold", before: "50", after: "80" }]);
  expect(planDiff(before, { ...PLAN, triggers: [slow(50)] }).map(({ pointer }) => pointer)).toEqual(["/triggers/latencyP95Ms 2"]);
});
