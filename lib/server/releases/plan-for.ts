import type { EnvironmentPolicy, Strategy } from "#lib/contracts/environment-policy.ts";
import { AppError } from "#lib/domain/errors.ts";
import { defaultCanaryPlan, demoCanaryPlan, type Plan } from "#lib/domain/release/plan.ts";
import { parsePlan, planProblems } from "#lib/domain/release/plan-problems.ts";
import type { Fault } from "#lib/domain/release/plan-parts.ts";
import { drillPlan, FAULTS, planOfStrategy } from "#lib/domain/release/strategy-plans.ts";

/** Where a plan is to hold: the environment's policy, and how much harm the model can do. */
export type PlanScene = {
  readonly policy: EnvironmentPolicy;
  readonly demo: boolean;
  readonly riskTier: string;
};

/** The plan that an environment's policy gives for a strategy when none was written. */
export function planFor({ policy, demo }: Pick<PlanScene, "policy" | "demo">, strategy: Strategy = "canary"): Plan {
  const canary = demo
    ? demoCanaryPlan()
    : defaultCanaryPlan({
        bakeSeconds: policy.bakeSeconds,
        exposureCapBp: policy.exposureCapBp,
        deadmanSeconds: policy.deadmanSeconds,
        labels: "stop",
      });
  return planOfStrategy(strategy, {
    ...canary,
    bakeSeconds: policy.bakeSeconds,
    blindLimitSeconds: policy.blindLimitSeconds,
  });
}

/** The plan of a rollback drill with the usual fault of that kind. */
export function drillPlanFor(scene: Pick<PlanScene, "policy" | "demo">, kind: Fault["kind"]): Plan {
  const fault = FAULTS.find((usual) => usual.kind === kind) ?? { kind: "errors", share: 0.5 };
  return drillPlan(planFor(scene), fault);
}

/** Why a strategy may not be used here; null when it may. */
export function strategyRefusal(strategy: Strategy, { policy, riskTier }: Omit<PlanScene, "demo">): string | null {
  if (!policy.allowedStrategies.includes(strategy)) return "This environment's policy does not allow it.";
  if (strategy !== "all_at_once" || policy.allAtOnceRiskTiers.some((tier) => tier === riskTier)) return null;
  const tiers = policy.allAtOnceRiskTiers.join(" or ");
  return tiers === ""
    ? "All at once is open to no risk tier here."
    : `All at once is for models of ${tiers} risk here; this one's is ${riskTier}.`;
}

/** The written plan, or the policy's own for the strategy. Throws `invalid_input` with every place that is wrong. */
export function checkedPlan(written: unknown, strategy: Strategy, scene: PlanScene): Plan {
  const plan = written === undefined ? planFor(scene, strategy) : parsePlan(written);
  const problems = plan === null ? [{ pointer: "", message: "The plan does not have the shape of a plan." }] : planProblems(plan, scene.policy);
  if (plan !== null) {
    const refusal = strategyRefusal(plan.strategy, scene);
    if (refusal !== null && !problems.some(({ pointer }) => pointer === "/strategy")) problems.push({ pointer: "/strategy", message: refusal });
  }
  if (plan !== null && problems.length === 0) return plan;
  throw new AppError("invalid_input", "The plan does not keep this environment's policy.", {
    errors: problems.map(({ pointer, message }) => ({ pointer: `/plan${pointer}`, message })),
  });
}
