import { machineRows, type EventName } from "./machine.ts";
import type { ReleaseState } from "./states.ts";

/** What each event means, for the table below the picture. */
const MEANING: Readonly<Record<EventName, string>> = {
  submit: "the author asks for approval",
  approve: "another person signs plan and evidence; the quorum completes it",
  reject: "an approver refuses",
  cancel: "given up before it was started",
  start: "an engineer starts it",
  hold: "a person stops the plan, with a reason; weights stay",
  resume: "a person lets it go on; a crossed limit is accepted by that",
  pass_gate: "a person other than the author lets it pass",
  promote_now: "signed override by a person other than the author",
  roll_back: "one person, no approval, no analysis",
  deprecate:
    "a person ends the challenger: its copy of the traffic stops everywhere, and that is its result",
  change_plan: "the plan is edited before the start; approvals given to the old one are void",
  supersede: "a newer release takes the endpoint",
  void_approvals: "plan or evidence changed after signing",
  expire: "nobody acted in time",
  start_by_plan: "approved, and nothing forbids the start",
  all_loaded: "every runtime has loaded the candidate",
  begin_shadow: "warm everywhere; the plan mirrors first",
  conclude: "the comparison of a challenger that only compares is over",
  enter_step: "warm everywhere, or the step before is left by its rule",
  suspend:
    "something forbids to go on: no data, invalid evidence, an unreachable runtime, a crossed limit, a wait that lasts",
  end_hold: "the cause of the hold is gone",
  open_gate: "the step's rule, or the end of the mirroring, asks for a person",
  promote: "the last step is left by its rule",
  bake: "every runtime confirmed the promotion",
  complete: "the bake is over and nothing is past its limit",
  release_previous: "the replaced version need not be kept warm any more",
  abort: "failed to load or warm, or took too long, before it had weight",
  fall_back: "harm proven, a guard rail, a runtime's own safety, blindness or the time limit",
  finish_rollback: "every runtime confirmed and drained, or was given up",
};

/** The transition table as a Mermaid state diagram; people's moves are marked with an asterisk. */
export function machineDiagram(): string {
  const edges = new Map<string, string[]>();
  for (const { from, event, to, by } of machineRows()) {
    const edge = `${from} --> ${to}`;
    edges.set(edge, [...(edges.get(edge) ?? []), by === "person" ? `${event}*` : event]);
  }
  const lines = [...edges].map(([edge, events]) => `    ${edge}: ${events.join(", ")}`);
  const outgoing = new Set(machineRows().map(({ from }) => from));
  const ends = [...new Set(machineRows().map(({ to }) => to))].filter(
    (state) => !outgoing.has(state),
  );
  return [
    "stateDiagram-v2",
    "    [*] --> DRAFT",
    ...lines,
    ...ends.map((state) => `    ${state} --> [*]`),
  ].join("\n");
}

/** One row for each event: from where, to where, who, and what it means. */
export function machineTable(): string {
  const events = new Map<
    EventName,
    { from: Set<ReleaseState>; to: Set<ReleaseState>; by: string }
  >();
  for (const { from, event, to, by } of machineRows()) {
    const entry = events.get(event) ?? { from: new Set(), to: new Set(), by };
    entry.from.add(from);
    entry.to.add(to);
    events.set(event, entry);
  }
  const rows = [...events]
    .sort(([, a], [, b]) => (a.by === b.by ? 0 : a.by === "person" ? -1 : 1))
    .map(
      ([event, { from, to, by }]) =>
        `| \`${event}\` | ${by} | ${[...from].join(", ")} | ${[...to].join(", ")} | ${MEANING[event]} |`,
    );
  return ["| Event | Who | From | To | When |", "|---|---|---|---|---|", ...rows].join("\n");
}
