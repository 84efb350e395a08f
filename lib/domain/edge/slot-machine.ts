/** The two places a device keeps a version in: one serves, the other takes the next. */
export type SlotName = "a" | "b";

/** `empty` nothing installed yet; `steady` the active slot has proven itself; `trial` it was switched to and has not yet. */
export type SlotPhase = "empty" | "steady" | "trial";

/** What must survive a power cut; written as a whole after each step. A slot holds the number of the manifest it was filled by. */
export type SlotState = {
  readonly phase: SlotPhase;
  readonly active: SlotName;
  readonly a: number | null;
  readonly b: number | null;
  /** Starts of the process during this trial. */
  readonly trialStarts: number;
  /** Rises with each switch, also back: routing follows the newest. */
  readonly epoch: number;
};

export const NO_SLOTS: SlotState = { phase: "empty", active: "a", a: null, b: null, trialStarts: 0, epoch: 0 };

export type SlotEvent =
  /** A version was downloaded, verified and passed its gate. */
  | { readonly kind: "passed_gate"; readonly number: number }
  /** The switched-to version answers. */
  | { readonly kind: "confirmed" }
  /** The switched-to version could not be brought to answer. */
  | { readonly kind: "failed" }
  /** The process began. */
  | { readonly kind: "started" };

/** A trial that was cut off by this many starts is taken for the cause of them. */
export const MAX_TRIAL_STARTS = 3;

const other = (slot: SlotName): SlotName => (slot === "a" ? "b" : "a");

/** Back to the slot before; with nothing there, a first version that failed leaves the device empty. */
function revert(state: SlotState): SlotState {
  const back = other(state.active);
  const emptied = { ...state, [state.active]: null, active: back, trialStarts: 0, epoch: state.epoch + 1 };
  return { ...emptied, phase: emptied[back] === null ? "empty" : "steady" };
}

const TRANSITIONS: { readonly [P in SlotPhase]: (state: SlotState, event: SlotEvent) => SlotState } = {
  empty: (state, event) =>
    event.kind === "passed_gate"
      ? { ...state, [state.active]: event.number, phase: "trial", trialStarts: 0, epoch: state.epoch + 1 }
      : state,
  steady: (state, event) => {
    if (event.kind !== "passed_gate") return state;
    const next = other(state.active);
    return { ...state, [next]: event.number, active: next, phase: "trial", trialStarts: 0, epoch: state.epoch + 1 };
  },
  trial: (state, event) => {
    switch (event.kind) {
      case "confirmed":
        return { ...state, phase: "steady", trialStarts: 0 };
      case "failed":
        return revert(state);
      case "started":
        return state.trialStarts + 1 >= MAX_TRIAL_STARTS ? revert(state) : { ...state, trialStarts: state.trialStarts + 1 };
      case "passed_gate":
        return state;
    }
  },
};

/** The state after an event; the same object when the event means nothing here. */
export const afterSlotEvent = (state: SlotState, event: SlotEvent): SlotState => TRANSITIONS[state.phase](state, event);

/** The slot that may be overwritten; null while the way back is still needed. */
export const spareSlot = (state: SlotState): SlotName | null =>
  state.phase === "trial" ? null : state.phase === "empty" ? state.active : other(state.active);
