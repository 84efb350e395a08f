import { LOW_IS_BAD, type Fault, type Trigger } from "./plan-parts.ts";
import type { Plan } from "./plan.ts";
import { FEATURE_TRIGGER_SECONDS } from "./trigger-features.ts";

type Say = (pointer: string, message: string) => void;

const DAY = 86_400;
const isWhole = (value: number, low: number, high: number) =>
  Number.isInteger(value) && value >= low && value <= high;
const isBetween = (value: number, low: number, high: number) => value >= low && value <= high;

/** What a plan's strategy asks of it beside sound numbers. */
export function strategyProblems(plan: Plan, say: Say): void {
  shapeProblems(plan, say);
  lastStepProblems(plan, say);
  comparisonProblems(plan, say);
  outcomeProblems(plan, say);
  for (const [index, trigger] of (plan.triggers ?? []).entries())
    triggerProblems(trigger, `/triggers/${index}`, say);
  if ((plan.triggers ?? []).length > 20) say("/triggers", "At most 20 triggers.");
  drillProblems(plan, say);
}

function shapeProblems({ strategy, steps, shadow }: Plan, say: Say): void {
  if (strategy === "all_at_once" && steps.length > 0)
    say("/steps", "All at once has no steps: it is promoted when it is warm everywhere.");
  if (strategy === "blue_green" && (steps.length !== 1 || steps[0]?.weightBp !== 0))
    say(
      "/steps",
      "Blue-green has one step, at 0 %: green is looked at, then all traffic switches.",
    );
  if (strategy === "blue_green" && steps[0]?.minUnits !== undefined && steps[0].minUnits > 0)
    say("/steps/0/minUnits", "At 0 % no traffic is counted: 0.");
  if (strategy === "shadow" && shadow === null)
    say("/shadow", "A shadow release says how much is mirrored and for how long.");
  if ((strategy === "all_at_once" || strategy === "blue_green") && shadow !== null)
    say("/shadow", "Mirroring first makes it a shadow release.");
}

/** From the last step the candidate gets everything, so that needs proof or a person, unless the cap allows all. */
function lastStepProblems({ steps, exposureCapBp }: Plan, say: Say): void {
  const last = steps.at(-1);
  const isUnproven = last?.advance === "no-harm" || last?.advance === "time";
  if (isUnproven && exposureCapBp < 10_000) {
    say(
      `/steps/${steps.length - 1}/advance`,
      'After the last step the candidate gets all traffic: on proof ("safe", "better") or by a person ("gate").',
    );
  }
}

function comparisonProblems({ shadow, steps }: Plan, say: Say): void {
  const comparison = shadow?.comparison;
  if (comparison === undefined) return;
  const at = "/shadow/comparison";
  if (!isWhole(comparison.minUnits, 1, 1e9))
    say(`${at}/minUnits`, "A whole number of keys, at least 1.");
  if (!isBetween(comparison.minAgreement, 0.01, 0.9999))
    say(`${at}/minAgreement`, "A share from 0.01 to 0.9999.");
  if (!isBetween(comparison.scoreTolerance, 0, 1e9))
    say(`${at}/scoreTolerance`, "A number of at least 0.");
  for (const name of ["alpha", "beta"] as const) {
    if (!(comparison[name] > 0 && comparison[name] <= 0.2))
      say(`${at}/${name}`, "Above 0, at most 0.2.");
  }
  if (comparison.then === "deprecate" && steps.length > 0)
    say("/steps", "A challenger that ends with its comparison has no steps.");
}

function outcomeProblems({ strategy, outcome, steps, guards }: Plan, say: Say): void {
  const asks = steps.some(({ advance }) => advance === "better");
  if (strategy === "ab" && outcome === undefined)
    say("/outcome", "An A/B release names the outcome that decides it.");
  if (strategy !== "ab" && outcome !== undefined)
    say("/outcome", "Only an A/B release is decided by an outcome.");
  if (strategy === "ab" && !asks) say("/steps", 'One step of an A/B release is left by "better".');
  if (asks && outcome === undefined)
    say("/steps", '"better" needs an outcome that tells what better is.');
  if (outcome === undefined) return;
  if (!(outcome.alpha > 0 && outcome.alpha <= 0.2)) say("/outcome/alpha", "Above 0, at most 0.2.");
  const most = outcome.metric === "wrongLabel" ? 0.95 : 1e12;
  if (!isBetween(outcome.minimumEffect, 0, most))
    say("/outcome/minimumEffect", `From 0 to ${most}.`);
  if (outcome.metric === "wrongLabel" && outcome.better !== "lower")
    say("/outcome/better", "Fewer wrong labels are better.");
  if (!guards.some(({ provesSafe }) => provesSafe))
    say("/guards", "An A/B release keeps guards that prove safety: better on average is not safe.");
}

function triggerProblems(trigger: Trigger, at: string, say: Say): void {
  const { metric, threshold } = trigger;
  const isShare = metric !== "latencyP50Ms" && metric !== "latencyP95Ms" && metric !== "meanValue";
  if (isShare && !isBetween(threshold, 0, 1)) say(`${at}/threshold`, "A share from 0 to 1.");
  if (!isShare && !Number.isFinite(threshold)) say(`${at}/threshold`, "A number.");
  if (!LOW_IS_BAD.includes(metric) && threshold <= 0)
    say(`${at}/threshold`, "Above 0: everything is past 0.");
  if (!isWhole(trigger.seconds, 10, 3_600)) say(`${at}/seconds`, "Whole seconds from 10 to 3600.");
  if (metric === "featureDrift" && trigger.seconds % FEATURE_TRIGGER_SECONDS !== 0)
    say(`${at}/seconds`, "Inputs are added up by minutes: a multiple of 60 s.");
  if (!isWhole(trigger.intervals, 1, 30))
    say(`${at}/intervals`, "From 1 to 30 intervals in a row.");
  if (!isWhole(trigger.minRequests, 1, 1e6))
    say(`${at}/minRequests`, "At least 1: no traffic says nothing.");
}

function faultProblem(fault: Fault): string | null {
  switch (fault.kind) {
    case "latency":
      return isWhole(fault.addMs, 1, 10_000) ? null : "Whole milliseconds from 1 to 10 000.";
    case "errors":
      return isBetween(fault.share, 0.01, 1) ? null : "A share from 0.01 to 1.";
    case "drifted_inputs":
      return isBetween(Math.abs(fault.factor), 1e-6, 1e6) ? null : "A factor up to a million.";
  }
}

function drillProblems({ drill, onTimeout, steps }: Plan, say: Say): void {
  if (drill === undefined) return;
  const fault = faultProblem(drill.fault);
  if (fault !== null) say("/drill/fault", fault);
  if (!isBetween(drill.requestsPerSecond, 0, 200))
    say("/drill/requestsPerSecond", "From 0 to 200.");
  if (!isBetween(drill.objectiveSeconds, 1, DAY))
    say("/drill/objectiveSeconds", "From 1 s to a day.");
  if (!isWhole(drill.validDays, 1, 366)) say("/drill/validDays", "From 1 to 366 days.");
  if (onTimeout !== "roll_back") say("/onTimeout", "A drill that nothing stops is rolled back.");
  if (steps.length !== 1 || steps[0]?.advance !== "gate")
    say("/steps", "A drill has one step that nobody passes.");
}
