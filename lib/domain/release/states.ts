/** The states of a release; this spelling in database, API and code. */
export const RELEASE_STATES = [
  "DRAFT",
  "PENDING_APPROVAL",
  "APPROVED",
  "PROVISIONING",
  "WARMING",
  "SHADOWING",
  "STEP_ACTIVE",
  "HOLDING",
  "AWAITING_GATE",
  "PROMOTING",
  "BAKING",
  "COMPLETED",
  "ROLLING_BACK",
  "ROLLED_BACK",
  "REJECTED",
  "EXPIRED",
  "CANCELLED",
  "ABORTED",
  "SUPERSEDED",
  "DEPRECATED",
] as const;
export type ReleaseState = (typeof RELEASE_STATES)[number];

/** Nothing moves by itself from here. COMPLETED can still be rolled back while the previous version is warm. */
export const END_STATES = [
  "COMPLETED",
  "ROLLED_BACK",
  "REJECTED",
  "EXPIRED",
  "CANCELLED",
  "ABORTED",
  "SUPERSEDED",
  "DEPRECATED",
] as const satisfies readonly ReleaseState[];

/** Ends after which the release has weight 0 for ever. */
export const ENDED_WITHOUT_SUCCESS = END_STATES.filter((state) => state !== "COMPLETED");

/** The candidate may be answering requests. */
export const STATES_WITH_WEIGHT = [
  "STEP_ACTIVE",
  "HOLDING",
  "AWAITING_GATE",
  "PROMOTING",
  "BAKING",
] as const satisfies readonly ReleaseState[];

/** Started and not ended: the endpoint belongs to this release. */
export const STARTED_STATES = [
  "PROVISIONING",
  "WARMING",
  "SHADOWING",
  ...STATES_WITH_WEIGHT,
  "ROLLING_BACK",
] as const satisfies readonly ReleaseState[];

const isIn = (states: readonly ReleaseState[]) => (state: ReleaseState) => states.includes(state);
export const isEnd = isIn(END_STATES);
export const hasEndedWithoutSuccess = isIn(ENDED_WITHOUT_SUCCESS);
export const mayHaveWeight = isIn(STATES_WITH_WEIGHT);
export const isStarted = isIn(STARTED_STATES);

/** Why a release in HOLDING does not move. */
export const HOLD_REASONS = [
  "INSUFFICIENT",
  "UNDECIDED",
  "BLIND",
  "INVALID",
  "MANUAL",
  "TIMED_OUT",
  "RUNTIME_UNREACHABLE",
  "LIMIT_CROSSED",
  "STABLE_UNHEALTHY",
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Holds that only a person ends; the others end when their cause does. */
export const HOLDS_FOR_A_PERSON = [
  "MANUAL",
  "TIMED_OUT",
  "LIMIT_CROSSED",
] as const satisfies readonly HoldReason[];

export const VERDICTS = ["HARM", "SAFE", "INSUFFICIENT", "TIMED_OUT", "BLIND", "INVALID"] as const;
export type Verdict = (typeof VERDICTS)[number];
