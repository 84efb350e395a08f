import { judgeBake, type BakeCounts } from "./bake.ts";
import type { CanonicalCounts } from "./canonical-counts.ts";
import type { Plan } from "./plan.ts";
import { recompute } from "./verdict.ts";

/** A stored decision as the export gives it. */
export type StoredDecision = {
  readonly id: string;
  readonly counts: string;
  readonly countsSha256: string;
  readonly report: unknown;
};

export type Explained =
  | { readonly result: "identical"; readonly verdict: string }
  /** The decision rested on no counts: a person's act, or a fact that needs no statistics. */
  | { readonly result: "no_counts" }
  | { readonly result: "changed_counts" }
  | { readonly result: "different"; readonly at: string };

const hasFormat = (value: unknown, format: string): boolean =>
  typeof value === "object" && value !== null && "format" in value && value.format === format;

const isCounts = (value: unknown): value is CanonicalCounts => hasFormat(value, "slipway.counts/1");
const isBakeCounts = (value: unknown): value is BakeCounts =>
  hasFormat(value, "slipway.bake-counts/1");

/** Where two JSON values first differ, as a pointer; null when they are equal. Numbers must be equal to the last bit. */
export function firstDifference(a: unknown, b: unknown, at = ""): string | null {
  if (Object.is(a, b)) return null;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return at === "" ? "/" : at;
  if (Array.isArray(a) !== Array.isArray(b)) return at === "" ? "/" : at;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    if (!left.has(name) || !right.has(name)) return `${at}/${name}`;
    const found = firstDifference(left.get(name), right.get(name), `${at}/${name}`);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Computes a stored decision's report again from its stored counts and the release's plan. `sha256` hashes text as UTF-8
 * and answers lower-case hex. The same engine must give the same report, bit for bit.
 */
export function explainDecision(
  decision: StoredDecision,
  plan: Plan,
  sha256: (text: string) => string,
): Explained {
  if (sha256(decision.counts) !== decision.countsSha256) return { result: "changed_counts" };
  const counts: unknown = JSON.parse(decision.counts);
  if (isCounts(counts))
    return compared(recompute(counts, plan), decision.report, (report) => report.verdict);
  if (isBakeCounts(counts))
    return compared(judgeBake(plan, counts), decision.report, (report) => report.word);
  return { result: "no_counts" };
}

function compared<R>(again: R, stored: unknown, wordOf: (report: R) => string): Explained {
  // What was stored went through JSON, which knows neither undefined nor negative zero.
  const at = firstDifference(JSON.parse(JSON.stringify(again)), stored);
  return at === null
    ? { result: "identical", verdict: wordOf(again) }
    : { result: "different", at };
}
