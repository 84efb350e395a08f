import { STATES_WITH_WEIGHT, type ReleaseState } from "./states.ts";

export const PERSON_EVENTS = [
  "submit",
  "approve",
  "reject",
  "cancel",
  "start",
  "hold",
  "resume",
  "pass_gate",
  "promote_now",
  "roll_back",
  "deprecate",
  "change_plan",
  "supersede",
] as const;
export type PersonEventName = (typeof PERSON_EVENTS)[number];

export const CONTROLLER_EVENTS = [
  "void_approvals",
  "expire",
  "start_by_plan",
  "all_loaded",
  "begin_shadow",
  "conclude",
  "enter_step",
  "suspend",
  "end_hold",
  "open_gate",
  "promote",
  "bake",
  "complete",
  "release_previous",
  "abort",
  "fall_back",
  "finish_rollback",
] as const;
export type ControllerEventName = (typeof CONTROLLER_EVENTS)[number];

export type EventName = PersonEventName | ControllerEventName;

type Row = { readonly [E in EventName]?: readonly ReleaseState[] };

const WHILE_PREPARING: Row = {
  roll_back: ["ABORTED"],
  abort: ["ABORTED"],
  supersede: ["SUPERSEDED"],
};
const WHILE_IN_STEPS: Row = {
  promote_now: ["PROMOTING"],
  roll_back: ["ROLLING_BACK"],
  fall_back: ["ROLLING_BACK"],
  supersede: ["ROLLING_BACK"],
};

/**
 * Every legal move of a release, in one place: state, event, the states it may lead to. A missing cell means that the
 * move is illegal. People's buttons, the controller and the picture in `docs/release-machine.md` all read this table.
 */
export const RELEASE_MACHINE: Readonly<Record<ReleaseState, Row>> = {
  DRAFT: {
    change_plan: ["DRAFT"],
    submit: ["PENDING_APPROVAL", "APPROVED"],
    cancel: ["CANCELLED"],
    supersede: ["SUPERSEDED"],
  },
  PENDING_APPROVAL: {
    change_plan: ["PENDING_APPROVAL"],
    approve: ["PENDING_APPROVAL", "APPROVED"],
    reject: ["REJECTED"],
    cancel: ["CANCELLED"],
    expire: ["EXPIRED"],
    supersede: ["SUPERSEDED"],
  },
  APPROVED: {
    change_plan: ["PENDING_APPROVAL", "APPROVED"],
    start: ["PROVISIONING"],
    start_by_plan: ["PROVISIONING"],
    reject: ["REJECTED"],
    cancel: ["CANCELLED"],
    void_approvals: ["PENDING_APPROVAL"],
    expire: ["EXPIRED"],
    supersede: ["SUPERSEDED"],
  },
  PROVISIONING: { ...WHILE_PREPARING, all_loaded: ["WARMING"] },
  WARMING: {
    ...WHILE_PREPARING,
    begin_shadow: ["SHADOWING"],
    enter_step: ["STEP_ACTIVE"],
    promote: ["PROMOTING"],
  },
  SHADOWING: {
    ...WHILE_PREPARING,
    enter_step: ["STEP_ACTIVE"],
    promote: ["PROMOTING"],
    open_gate: ["AWAITING_GATE"],
    deprecate: ["ROLLING_BACK"],
    conclude: ["ROLLING_BACK"],
  },
  STEP_ACTIVE: {
    ...WHILE_IN_STEPS,
    enter_step: ["STEP_ACTIVE"],
    promote: ["PROMOTING"],
    open_gate: ["AWAITING_GATE"],
    hold: ["HOLDING"],
    suspend: ["HOLDING"],
  },
  HOLDING: {
    ...WHILE_IN_STEPS,
    hold: ["HOLDING"],
    suspend: ["HOLDING"],
    resume: ["STEP_ACTIVE"],
    end_hold: ["STEP_ACTIVE"],
  },
  AWAITING_GATE: {
    ...WHILE_IN_STEPS,
    deprecate: ["ROLLING_BACK"],
    pass_gate: ["STEP_ACTIVE", "PROMOTING"],
    hold: ["HOLDING"],
    suspend: ["HOLDING"],
  },
  PROMOTING: { bake: ["BAKING"], roll_back: ["ROLLING_BACK"], fall_back: ["ROLLING_BACK"] },
  BAKING: {
    complete: ["COMPLETED"],
    pass_gate: ["COMPLETED"],
    supersede: ["COMPLETED"],
    roll_back: ["ROLLING_BACK"],
    fall_back: ["ROLLING_BACK"],
  },
  COMPLETED: { release_previous: ["COMPLETED"], roll_back: ["ROLLING_BACK"] },
  ROLLING_BACK: { finish_rollback: ["ROLLED_BACK", "SUPERSEDED", "ABORTED", "DEPRECATED"] },
  ROLLED_BACK: {},
  REJECTED: {},
  EXPIRED: {},
  CANCELLED: {},
  ABORTED: {},
  SUPERSEDED: {},
  DEPRECATED: {},
};

/** Where an event may lead from a state; undefined when the event is illegal there. */
export function targetsOf(
  state: ReleaseState,
  event: EventName,
): readonly ReleaseState[] | undefined {
  return RELEASE_MACHINE[state][event];
}

/** Whether the move is in the table. */
export function isLegal(from: ReleaseState, event: EventName, to: ReleaseState): boolean {
  return targetsOf(from, event)?.includes(to) ?? false;
}

const isPersonEvent = (event: EventName): boolean =>
  (PERSON_EVENTS as readonly EventName[]).includes(event);

/** Each cell of the table as one line: from, event, to, and whether a person or the controller moves. */
export function machineRows(): {
  from: ReleaseState;
  event: EventName;
  to: ReleaseState;
  by: "person" | "controller";
}[] {
  const events: readonly EventName[] = [...PERSON_EVENTS, ...CONTROLLER_EVENTS];
  return (Object.keys(RELEASE_MACHINE) as ReleaseState[]).flatMap((from) =>
    events.flatMap((event) =>
      (targetsOf(from, event) ?? []).map((to) => ({
        from,
        event,
        to,
        by: isPersonEvent(event) ? ("person" as const) : ("controller" as const),
      })),
    ),
  );
}

/** States from which one person brings all traffic back to stable. */
export const STATES_WITH_ROLL_BACK = [
  "PROVISIONING",
  "WARMING",
  "SHADOWING",
  ...STATES_WITH_WEIGHT,
  "COMPLETED",
] as const;
