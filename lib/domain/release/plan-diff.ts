import type { Plan } from "./plan.ts";

/** One place in which two plans differ; values as JSON, null where the place is missing. */
export type PlanDifference = {
  readonly pointer: string;
  readonly before: string | null;
  readonly after: string | null;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Guards and triggers are compared by their metric and not by their place in the list; several of one metric by their order among themselves. */
function keyed(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const seen = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const metric = isObject(item) && typeof item["metric"] === "string" ? item["metric"] : null;
    const before = metric === null ? 0 : (seen.get(metric) ?? 0);
    if (metric !== null) seen.set(metric, before + 1);
    found.set(metric === null ? String(index) : before === 0 ? metric : `${metric} ${String(before + 1)}`, item);
  }
  return found;
}

/** Every leaf in which the plans differ, in the order of the first plan's fields. */
export function planDiff(before: Plan, after: Plan): PlanDifference[] {
  return diff("", before, after);
}

function diff(pointer: string, before: unknown, after: unknown): PlanDifference[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => diff(`${pointer}/${name}`, before[name], after[name]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [left, right] = [keyed(before), keyed(after)];
    const names = [...new Set([...left.keys(), ...right.keys()])];
    return names.flatMap((name) => diff(`${pointer}/${name}`, left.get(name), right.get(name)));
  }
  const show = (value: unknown): string | null =>
    value === undefined || value === null ? null : JSON.stringify(value);
  const [left, right] = [show(before), show(after)];
  return left === right ? [] : [{ pointer, before: left, after: right }];
}
