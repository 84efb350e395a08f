import { metricName } from "./labels.ts";
import type { GuardAction, Plan, RateGuard } from "./plan.ts";
import { triggerText } from "./strategy-words.ts";
import { formatRatio, formatShare } from "./wording.ts";

/** One limit of a plan as people read it. */
export type LimitLine = { readonly label: string; readonly text: string };

const acts = (action: GuardAction): string => (action === "roll_back" ? "Rolls back" : "Holds");

/** What a guard does and what it asks for, in one or two sentences. */
export function guardText(guard: RateGuard): string {
  const ceiling = guard.absoluteCeiling === null ? "" : `, or itself below ${formatShare(guard.absoluteCeiling)}`;
  const proof = guard.provesSafe ? ` Must be proven below it${ceiling} where a step asks for proof.` : " Can stop the release; is not asked for proof.";
  return `${acts(guard.action)} when proven more than ${formatRatio(guard.limitRatio)} times stable's.${proof}`;
}

/** Every limit that a plan holds a candidate to, in a fixed order. */
export function planLimits({ guards, predictionGuard, triggers = [], bakeGuards, exposureCapBp }: Plan): LimitLine[] {
  return [
    ...guards.map((guard) => ({ label: metricName(guard.metric), text: guardText(guard) })),
    ...(predictionGuard === null ? [] : [{ label: "predictions", text: `${acts(predictionGuard.action)} when a class is proven to be predicted more than ${formatRatio(1 + predictionGuard.margin)} times as often as by stable, or as rarely.` }]),
    ...triggers.map((trigger) => ({ label: "trigger", text: triggerText(trigger) })),
    ...bakeGuards.map((guard) => ({ label: `${metricName(guard.metric)}, after promotion`, text: `${acts(guard.action)} when proven more than ${formatRatio(guard.limitRatio)} times what stable had before.` })),
    { label: "weight without proof of safety", text: `At most ${formatShare(exposureCapBp / 10_000)}.` },
  ];
}
