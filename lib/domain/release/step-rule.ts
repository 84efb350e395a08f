import type { PlanStep } from "./plan.ts";
import { formatCount, formatSeconds } from "./wording.ts";

/** The step's rule in words. */
export function stepRule({ advance, dwellSeconds, minUnits, weightBp }: PlanStep, unitWord: string): string {
  const least = `after ${formatSeconds(dwellSeconds)} and ${formatCount(minUnits)} candidate ${unitWord}`;
  switch (advance) {
    case "no-harm":
      return `Goes on ${least} if no guard is past its limit.`;
    case "safe":
      return `Goes on ${least} once every proving guard is within its limit.`;
    case "better":
      return `Goes on ${least} once every proving guard is within its limit and the outcome is proven better.`;
    case "gate":
      if (weightBp === 0) return "Golden inputs are asked through the preview; then a person switches all traffic.";
      return `A person decides, ${least}.`;
    case "time":
      return `Goes on after ${formatSeconds(dwellSeconds)}.`;
  }
}
