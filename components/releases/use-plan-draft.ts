import { useState } from "react";
import type { PlanStepDraft, StrategyChoice } from "#lib/contracts/views/new-release-view.ts";
import { parsePlan } from "#lib/domain/release/parse-plan.ts";
import type { Trigger } from "#lib/domain/release/plan-parts.ts";

type UsualPlan = Pick<StrategyChoice, "plan" | "steps">;

/** The triggers that a plan declares by itself. */
const triggersOf = (plan: unknown): readonly Trigger[] => parsePlan(plan)?.triggers ?? [];

/** Steps and triggers as the form changes them; `change` is the part of the request that says so, empty for the policy's own plan. */
export function usePlanDraft(usual: UsualPlan) {
  const usualTriggers = triggersOf(usual.plan);
  const [steps, setSteps] = useState<readonly PlanStepDraft[]>(usual.steps);
  const [triggers, setTriggers] = useState<readonly Trigger[]>(usualTriggers);
  const isChanged = JSON.stringify([steps, triggers]) !== JSON.stringify([usual.steps, usualTriggers]);
  const declared = triggers.length + usualTriggers.length === 0 ? {} : { triggers };
  return {
    steps,
    setSteps,
    triggers,
    setTriggers,
    /** Another strategy begins with its own plan. */
    restart(next: UsualPlan) {
      setSteps(next.steps);
      setTriggers(triggersOf(next.plan));
    },
    change: isChanged ? { plan: { ...usual.plan, steps, ...declared } } : {},
  };
}
