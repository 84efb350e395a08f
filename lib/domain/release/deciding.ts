import type { ReleaseState } from "./states.ts";

/** What of a stored decision tells whether it ended a comparison. */
export type StoredMove = { readonly fromState: string; readonly toState: string };

const COMPARING: readonly string[] = [
  "SHADOWING",
  "STEP_ACTIVE",
  "HOLDING",
  "AWAITING_GATE",
] satisfies ReleaseState[];
const BAKED: readonly string[] = ["BAKING", "COMPLETED"] satisfies ReleaseState[];

const isComparing = (state: string): boolean => COMPARING.includes(state);

/**
 * The decision that ended the comparison of both arms, of decisions oldest first; undefined while it goes on. From then
 * on the guards stand as they stood in its counts: a window that comes later was no ground of anything.
 */
export function comparisonEnd<D extends StoredMove>(decisions: readonly D[]): D | undefined {
  const last = decisions.findLast(({ fromState }) => isComparing(fromState));
  return last !== undefined && !isComparing(last.toState) ? last : undefined;
}

/** The decision that ended the watch after promotion; undefined while it goes on or never began. */
export function bakeEnd<D extends StoredMove>(decisions: readonly D[]): D | undefined {
  const ended = (decision: D) =>
    BAKED.includes(decision.fromState) && decision.toState !== "BAKING";
  return (
    decisions.findLast((decision) => ended(decision) && decision.toState === "ROLLING_BACK") ??
    decisions.find(ended)
  );
}
