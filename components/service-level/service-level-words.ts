import { formatDuration } from "#lib/client/format-time.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import type { BudgetRow, ServiceLevelView } from "#lib/contracts/views/service-level-view.ts";

/** Percent with as many digits as a target near 1 needs: 0.999 is "99.9 %", 0.99953 "99.953 %". */
export const exactPercent = (share: number): string => {
  const text = Number((share * 100).toFixed(3));
  const digits = (String(text).split(".")[1] ?? "").length;
  return `${formatNumber(text, digits)}\u00a0%`;
};

export const leftPercent = (left: number): string => `${formatNumber(left * 100, Math.abs(left) < 0.1 ? 1 : 0)}\u00a0%`;

export const objectiveWords = { availability: "Answered", latency: "Fast enough" } as const;

/** What is asked for, in words. */
export function objectiveText({ objective, target }: Pick<BudgetRow, "objective" | "target">, latencyMs: number | null): string {
  return objective === "availability" ? `${exactPercent(target)} of requests are answered` : `${exactPercent(target)} of answers within ${formatNumber(latencyMs ?? 0)}\u00a0ms`;
}

export const money = (amount: number, currency: string): string => {
  const digits = amount !== 0 && Math.abs(amount) < 1 ? 4 : 2;
  return `${formatNumber(amount, digits)}\u00a0${currency}`;
};

function budgetSentence({ objective, left, attained, bad, daysLeft }: BudgetRow, windowDays: number): string {
  const what = objective === "availability" ? "answered" : "answered fast enough";
  if (left === null || attained === null) return `No request came in ${String(windowDays)} days that could be ${what}.`;
  if (left < 0) return `${exactPercent(attained)} were ${what} over ${String(windowDays)} days: the budget is overspent by ${leftPercent(-left)}.`;
  const rest = `${exactPercent(attained)} were ${what} over ${String(windowDays)} days; ${leftPercent(left)} of the budget is left`;
  if (bad === 0) return `${rest}, untouched.`;
  return daysLeft === null ? `${rest}, and at the rate of the last 6 hours it lasts.` : `${rest}; at the rate of the last 6 hours it is gone in ${formatDuration(daysLeft * 86_400)}.`;
}

/** The page in a sentence: the worst budget first. */
export function headline({ objectives, budgets, windowDays }: ServiceLevelView): string {
  if (objectives === null) return "No service level is set, so nothing is promised and no budget is watched.";
  const [worst] = [...budgets].sort((a, b) => (a.left ?? 2) - (b.left ?? 2));
  return worst === undefined ? "" : budgetSentence(worst, windowDays);
}

/** What fewest replicas mean, in a sentence: the least that never was too few, and what it costs. */
export function capacitySentence({ capacity, prices }: ServiceLevelView): string {
  if (capacity === null) return "No traffic was counted in the last fortnight, so there is nothing to work replicas out from.";
  const enough = capacity.rows.find(({ saturatedShare }) => saturatedShare === 0 || saturatedShare === null);
  const spare = capacity.rows.find(({ fragileShare }) => fragileShare === 0);
  const cost = (row: typeof enough): string => {
    const perMonth = row?.costPerMonth ?? null;
    return perMonth === null || prices === null ? "" : ` (${money(perMonth, prices.currency)} a month)`;
  };
  const first = enough === undefined ? "With every number tried there was a time in which replicas were too few." : `With ${String(enough.minReplicas)} at the least${cost(enough)} replicas never were too few.`;
  const second =
    spare === undefined ? " With none of them could one replica be lost at any time." : spare.minReplicas === enough?.minReplicas ? " One could be lost at any time." : ` To lose one at any time takes ${String(spare.minReplicas)}${cost(spare)}.`;
  return first + second;
}
