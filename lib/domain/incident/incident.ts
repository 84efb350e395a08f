import type { Clock } from "./clocks.ts";
import type { Severity } from "./harm.ts";

/** The life of an incident. Forward only, but for opening a closed one again. */
export const INCIDENT_STATES = ["open", "contained", "resolved", "closed"] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];
export const INCIDENT_STATE_LABELS: Readonly<Record<IncidentState, string>> = {
  open: "Open",
  contained: "Contained",
  resolved: "Resolved",
  closed: "Closed",
};

const NEXT: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  open: ["contained", "resolved"],
  contained: ["open", "resolved"],
  resolved: ["open", "closed"],
  closed: ["open"],
};

export const nextIncidentStates = (state: IncidentState): readonly IncidentState[] => NEXT[state];

export const ACTION_STATES = ["open", "done", "dropped"] as const;
export type ActionState = (typeof ACTION_STATES)[number];

export type ClosingFacts = {
  readonly severity: Severity;
  readonly hasPostMortem: boolean;
  readonly actions: readonly { readonly state: ActionState }[];
  readonly clocks: readonly Clock[];
};

/** What still stops an incident from being closed, one sentence each; empty when nothing does. */
export function closingRefusals({ severity, hasPostMortem, actions, clocks }: ClosingFacts): string[] {
  const owed = clocks.filter(({ state }) => state === "running" || state === "overdue");
  const open = actions.filter(({ state }) => state === "open").length;
  return [
    ...owed.map(({ rule }) => `A report under ${rule.citation} is owed.`),
    ...(open > 0 ? [`${String(open)} corrective ${open === 1 ? "action is" : "actions are"} open.`] : []),
    ...(severity !== "minor" && !hasPostMortem ? ["The post-mortem is not written."] : []),
  ];
}
