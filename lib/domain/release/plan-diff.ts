import type { Plan } from "./plan.ts";

/** One place in which two plans differ; values as JSON, null where the place is missing. */
export type PlanDifference = {
  readonly pointer: string;
  readonly before: string | null;
  readonly after: string | null;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Guards and triggers are compared by their metric and not by their place in the list. */
function keyed(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  return new Map(
    list.map((item, index) => [
      isObject(item) && typeof item["metric"] === "string" ? item["metric"] : String(index),
      item,
    ]),
  );
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
