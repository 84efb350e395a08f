import type { ControlState } from "#lib/domain/governance/frameworks/derive-control.ts";
import { Mark, type StatusShape } from "../ui/mark.tsx";
import { Status } from "../ui/status.tsx";

/** One vocabulary of shapes and words for controls, evidence and items, on every page of assurance. */
const STATES: Readonly<Record<ControlState, { readonly word: string; readonly shape: StatusShape }>> = {
  met: { word: "Met", shape: "passed" },
  stale: { word: "Stale", shape: "holding" },
  failed: { word: "Failed", shape: "failed" },
  missing: { word: "Missing", shape: "awaiting" },
  waived: { word: "Waived", shape: "draft" },
  upcoming: { word: "Upcoming", shape: "scheduled" },
  not_applicable: { word: "Not applicable", shape: "retired" },
};

export const stateWord = (state: ControlState): string => STATES[state].word;

export function ControlStatus({ state }: { state: ControlState }) {
  return <Status shape={STATES[state].shape}>{STATES[state].word}</Status>;
}

/** The shape alone, for rows of many; the word is there for those who do not see it. */
export function StateMark({ state, label }: { state: ControlState; label?: string }) {
  const { shape, word } = STATES[state];
  return (
    <span className="mk" data-status={shape} title={label ?? word}>
      <Mark name={shape} />
      <span className="vh">{label ?? word}</span>
    </span>
  );
}

export const ALL_STATES = ["met", "waived", "stale", "missing", "failed", "upcoming", "not_applicable"] as const satisfies readonly ControlState[];

export function StateKey() {
  return (
    <p className="key">
      {ALL_STATES.map((state) => (
        <ControlStatus key={state} state={state} />
      ))}
      <span>Derived from evidence, never ticked.</span>
    </p>
  );
}
