import type { Problem } from "#lib/domain/problem.ts";
import type { BakeGuard, Plan, PlanStep, RateGuard, Strategy } from "./plan.ts";
import { strategyProblems } from "./strategy-problems.ts";

export { parsePlan } from "./parse-plan.ts";

/** What an environment allows a plan to be. */
export type PlanPolicy = {
  readonly allowedStrategies: readonly Strategy[];
  readonly exposureCapBp: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bakeSeconds: number;
  readonly blindLimitSeconds: number;
  readonly deadmanSeconds: number;
  /** Only there a fault may be put into a version on purpose. Absent: not here. */
  readonly faultInjection?: boolean;
};

type Say = (pointer: string, message: string) => void;

/** Sums of shares of an error budget are compared with this slack, for the rounding of decimal fractions. */
const SLACK = 1e-9;
const DAY = 86_400;

/**
 * What is wrong with a plan: ranges, error budgets that do not add up, steps that would let weight rise without
 * evidence, and what the environment's policy forbids. Empty when the plan may be signed.
 */
export function planProblems(plan: Plan, policy?: PlanPolicy): Problem[] {
  const problems: Problem[] = [];
  const say: Say = (pointer, message) => problems.push({ pointer, message });
  stepProblems(plan, say);
  guardProblems(plan, say);
  budgetProblems(plan, say);
  timeProblems(plan, say);
  strategyProblems(plan, say);
  if (policy !== undefined) policyProblems(plan, policy, say);
  return problems;
}

const isWhole = (value: number, low: number, high: number) =>
  Number.isInteger(value) && value >= low && value <= high;
const isBetween = (value: number, low: number, high: number) => value >= low && value <= high;

/** All at once has none, and neither has a challenger that ends with its comparison. */
const mayHaveNoStep = (strategy: Strategy, shadow: Plan["shadow"]): boolean =>
  strategy === "all_at_once" || (strategy === "shadow" && shadow?.comparison?.then === "deprecate");

function stepProblems({ steps, strategy, exposureCapBp, guards, shadow }: Plan, say: Say): void {
  if (steps.length === 0 && !mayHaveNoStep(strategy, shadow)) {
    say("/steps", "At least one step before the promotion.");
  }
  if (steps.length > 20) say("/steps", "At most 20 steps.");
  if (!isWhole(exposureCapBp, 0, 10_000))
    say("/exposureCapBp", "A whole number of basis points from 0 to 10 000.");
  if (
    shadow !== null &&
    (!isWhole(shadow.samplingBp, 1, 10_000) || !isBetween(shadow.dwellSeconds, 0, 30 * DAY))
  ) {
    say("/shadow", "Samples 1 to 10 000 basis points for 0 s to 30 days.");
  }
  const provesSafe = guards.some((guard) => guard.provesSafe);
  let before = -1;
  for (const [index, step] of steps.entries()) {
    oneStepProblems(
      step,
      { at: `/steps/${index}`, before, exposureCapBp, provesSafe, strategy },
      say,
    );
    before = step.weightBp;
  }
}

type StepPlace = {
  readonly at: string;
  readonly before: number;
  readonly exposureCapBp: number;
  readonly provesSafe: boolean;
  readonly strategy: Strategy;
};

function oneStepProblems(step: PlanStep, place: StepPlace, say: Say): void {
  const { at, before, exposureCapBp, provesSafe, strategy } = place;
  const lowest = strategy === "blue_green" ? 0 : 1;
  if (!isWhole(step.weightBp, lowest, 9_999)) {
    say(
      `${at}/weightBp`,
      `A whole number of basis points from ${lowest} to 9 999; 100 % is the promotion, not a step.`,
    );
  }
  if (step.weightBp <= before) say(`${at}/weightBp`, "Weights rise from step to step.");
  if (!isBetween(step.dwellSeconds, 0, 30 * DAY)) say(`${at}/dwellSeconds`, "From 0 s to 30 days.");
  if (!isWhole(step.minUnits, 0, 1e9))
    say(`${at}/minUnits`, "A whole number of units of at least 0.");
  const isUnproven = step.advance === "no-harm" || step.advance === "time";
  if (isUnproven && step.weightBp > exposureCapBp) {
    say(
      `${at}/advance`,
      `Above ${exposureCapBp} basis points a step is left on proof ("safe") or by a person ("gate").`,
    );
  }
  if (isUnproven && step.advance === "no-harm" && step.minUnits === 0) {
    say(`${at}/minUnits`, "No harm seen in no traffic is not evidence: at least 1 unit.");
  }
  if ((step.advance === "safe" || step.advance === "better") && !provesSafe)
    say(`${at}/advance`, "No guard of this plan proves safety.");
}

function guardProblems({ guards, bakeGuards, predictionGuard }: Plan, say: Say): void {
  for (const [index, guard] of guards.entries()) oneGuardProblems(guard, `/guards/${index}`, say);
  for (const [index, guard] of bakeGuards.entries())
    bakeGuardProblems(guard, `/bakeGuards/${index}`, say);
  for (const [name, list] of [
    ["/guards", guards],
    ["/bakeGuards", bakeGuards],
  ] as const) {
    if (new Set(list.map(({ metric }) => metric)).size < list.length)
      say(name, "One guard for each metric.");
  }
  if (predictionGuard !== null && !isBetween(predictionGuard.margin, 0, 9)) {
    say("/predictionGuard/margin", "From 0 to 9.");
  }
  if (
    predictionGuard !== null &&
    predictionGuard.action === "roll_back" &&
    predictionGuard.margin === 0
  ) {
    say(
      "/predictionGuard/margin",
      "Honest versions differ: rolling back by itself needs a declared margin above 0.",
    );
  }
}

function oneGuardProblems(guard: RateGuard, at: string, say: Say): void {
  if (!isBetween(guard.limitRatio, 1.05, 20))
    say(`${at}/limitRatio`, "From 1.05 to 20 times stable.");
  if (guard.alpha <= 0)
    say(`${at}/alpha`, "Above 0: without an error budget nothing is ever proven.");
  if (guard.betaRelative < 0 || guard.betaAbsolute < 0) say(at, "Error budgets are not negative.");
  const { absoluteCeiling: ceiling } = guard;
  if (ceiling !== null && !isBetween(ceiling, 1e-6, 0.5))
    say(`${at}/absoluteCeiling`, "From 0.000001 to 0.5.");
  if ((ceiling === null) !== (guard.betaAbsolute === 0)) {
    say(
      `${at}/betaAbsolute`,
      "An error budget for the ceiling is set exactly when there is a ceiling.",
    );
  }
  if (ceiling !== null && guard.metric === "wrongLabel") {
    say(
      `${at}/absoluteCeiling`,
      "Wrong labels have no ceiling: units without a label would count as right.",
    );
  }
  if (guard.provesSafe && guard.betaRelative + guard.betaAbsolute <= 0) {
    say(`${at}/betaRelative`, "A guard that proves safety needs an error budget for it.");
  }
}

function bakeGuardProblems(guard: BakeGuard, at: string, say: Say): void {
  if (!isBetween(guard.limitRatio, 1.5, 50)) {
    say(`${at}/limitRatio`, "From 1.5 to 50: a frozen reference cannot carry a narrow limit.");
  }
  if (!isBetween(guard.floorRate, 1e-5, 0.9)) say(`${at}/floorRate`, "From 0.00001 to 0.9.");
  if (guard.alpha <= 0) say(`${at}/alpha`, "Above 0.");
}

function budgetProblems(
  { guards, bakeGuards, predictionGuard, alpha, beta, splitAlpha }: Plan,
  say: Say,
): void {
  if (!(alpha > 0 && alpha <= 0.2)) say("/alpha", "Above 0, at most 0.2.");
  if (!(beta > 0 && beta <= 0.2)) say("/beta", "Above 0, at most 0.2.");
  if (!(splitAlpha > 0 && splitAlpha <= 0.05)) say("/splitAlpha", "Above 0, at most 0.05.");
  const spent = guards.reduce((sum, guard) => sum + guard.alpha, predictionGuard?.alpha ?? 0);
  if (spent > alpha + SLACK)
    say("/guards", `The guards spend ${spent.toPrecision(3)} of an alpha of ${alpha}.`);
  const baked = bakeGuards.reduce((sum, guard) => sum + guard.alpha, 0);
  if (baked > alpha + SLACK)
    say("/bakeGuards", `The bake guards spend ${baked.toPrecision(3)} of an alpha of ${alpha}.`);
  // Every proving guard must be fooled for a wrong SAFE, so each may spend the whole of beta, over its two ways.
  for (const [index, guard] of guards.entries()) {
    if (guard.betaRelative + guard.betaAbsolute > beta + SLACK) {
      say(`/guards/${index}/betaRelative`, `Both ways together spend more than beta, ${beta}.`);
    }
  }
}

/** Seconds: field, least, most. */
const TIMES = [
  ["graceSeconds", 0, 30 * DAY],
  ["maxStepSeconds", 1, 90 * DAY],
  ["gateLimitSeconds", 1, 90 * DAY],
  ["warmLimitSeconds", 1, DAY],
  ["windowSeconds", 1, 60],
  ["blindLimitSeconds", 10, 3600],
  ["deadmanSeconds", 30, DAY],
  ["bakeSeconds", 0, 30 * DAY],
  ["keepWarmSeconds", 0, 90 * DAY],
] as const;

function timeProblems(plan: Plan, say: Say): void {
  for (const [field, least, most] of TIMES) {
    if (!isBetween(plan[field], least, most)) say(`/${field}`, `From ${least} s to ${most} s.`);
  }
  if (!isWhole(plan.latencyFloorUs, 0, 60_000_000))
    say("/latencyFloorUs", "Whole microseconds up to 60 s.");
  for (const [index, step] of plan.steps.entries()) {
    if (step.dwellSeconds >= plan.maxStepSeconds) {
      say(`/steps/${index}/dwellSeconds`, "The minimum time of a step is below its time limit.");
    }
  }
}

function policyProblems(plan: Plan, policy: PlanPolicy, say: Say): void {
  if (!policy.allowedStrategies.includes(plan.strategy)) {
    say("/strategy", `Here: ${policy.allowedStrategies.join(", ")}.`);
  }
  if (plan.drill !== undefined && policy.faultInjection !== true)
    say("/drill", "Faults are not put in on purpose in this environment.");
  if (plan.exposureCapBp > policy.exposureCapBp)
    say("/exposureCapBp", `At most ${policy.exposureCapBp} here.`);
  if (plan.alpha > policy.alpha) say("/alpha", `At most ${policy.alpha} here.`);
  if (plan.beta > policy.beta) say("/beta", `At most ${policy.beta} here.`);
  if (plan.bakeSeconds < policy.bakeSeconds)
    say("/bakeSeconds", `At least ${policy.bakeSeconds} s here.`);
  if (plan.blindLimitSeconds > policy.blindLimitSeconds) {
    say("/blindLimitSeconds", `At most ${policy.blindLimitSeconds} s here.`);
  }
  if (plan.deadmanSeconds > policy.deadmanSeconds)
    say("/deadmanSeconds", `At most ${policy.deadmanSeconds} s here.`);
}
