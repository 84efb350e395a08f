import type { DesiredEndpoint, RuntimeAcks } from "#lib/contracts/runtime-protocol.ts";
import type { BurntEpoch } from "./plan-table.ts";
import type { ServingArm, ServingTable } from "./serving-table.ts";

export type SafeCause = NonNullable<RuntimeAcks["endpoints"][number]["safeState"]>["cause"];

/** That this runtime left the candidate by itself, and why; kept on disk. */
export type BurntRecord = BurntEpoch & { readonly cause: SafeCause; readonly at: string };

/** So many answers of a candidate, all failed, and it is out: no statistics are needed for that. */
export const GROSS_FAILURE_COUNT = 20;

/** One endpoint on this runtime: what is asked, what is served, what still drains. */
export type EndpointState = {
  readonly endpointId: string;
  /** The newest that was asked, by epoch. */
  desired: DesiredEndpoint;
  burnt: BurntRecord | null;
  table: ServingTable | null;
  /** Earlier tables with requests in flight. */
  retired: ServingTable[];
  appliedAt: string | null;
  /** Requests in flight on arms that have no weight now. */
  lateInFlight: number;
  drainedAt: string | null;
  lateResponses: number;
  /** The candidate's answers since it first had weight in this release. */
  candidateAnswers: { readonly key: string; answered: number; failed: number };
  /** Requests between admission and answer. */
  inFlight: number;
};

export function createEndpointState(
  desired: DesiredEndpoint,
  burnt: BurntRecord | null,
): EndpointState {
  return {
    endpointId: desired.endpointId,
    desired,
    burnt,
    table: null,
    retired: [],
    appliedAt: null,
    lateInFlight: 0,
    drainedAt: null,
    lateResponses: 0,
    candidateAnswers: { key: "", answered: 0, failed: 0 },
    inFlight: 0,
  };
}

/** Whether a version has serving weight in the table in force. */
export function hasWeight(state: EndpointState, versionId: string): boolean {
  return (
    state.table?.arms.some(
      (arm) => arm.version.versionId === versionId && arm.weightBp > 0 && arm.role !== "shadow",
    ) ?? false
  );
}

/** Puts a table in force. One assignment; what was admitted before goes on under its own table and is counted as it drains. */
export function swapTable(state: EndpointState, next: ServingTable, at: string): void {
  const before = state.table;
  state.table = next;
  state.appliedAt = at;
  state.lateResponses = 0;
  if (before !== null) {
    before.isRetired = true;
    state.retired.push(before);
  }
  state.retired = state.retired.filter((table) => table.arms.some((arm) => arm.inFlight > 0));
  state.lateInFlight = 0;
  for (const table of state.retired) {
    for (const arm of table.arms)
      if (!hasWeight(state, arm.version.versionId)) state.lateInFlight += arm.inFlight;
  }
  state.drainedAt = state.lateInFlight === 0 ? at : null;
}

/** Notes that a request was admitted under the arm. */
export function admit(state: EndpointState, arm: ServingArm): void {
  arm.inFlight += 1;
  state.inFlight += 1;
}

/** What the end of a request may set off. */
export type Release = "none" | "drained" | "candidate_failing";

/**
 * How a request ended; a pinned one says nothing about the candidate, because nobody drew its arm by lot, and neither does one
 * whose caller left.
 */
export type RequestEnd = "answered" | "failed" | "pinned" | "left";

/** Notes that a request admitted under `table` has its answer, or will have none. */
export function release(
  state: EndpointState,
  table: ServingTable,
  arm: ServingArm,
  end: RequestEnd,
  now: () => string,
): Release {
  arm.inFlight -= 1;
  state.inFlight -= 1;
  if (table.isRetired) {
    if (hasWeight(state, arm.version.versionId)) return "none";
    state.lateResponses += 1;
    state.lateInFlight -= 1;
    if (state.lateInFlight !== 0) return "none";
    state.drainedAt = now();
    state.retired = [];
    return "drained";
  }
  if (arm.role !== "candidate" || end === "pinned" || end === "left") return "none";
  const key = `${arm.version.versionId} ${state.desired.releaseId ?? ""}`;
  if (state.candidateAnswers.key !== key) state.candidateAnswers = { key, answered: 0, failed: 0 };
  const answers = state.candidateAnswers;
  answers.answered += 1;
  if (end === "failed") answers.failed += 1;
  return answers.answered === GROSS_FAILURE_COUNT && answers.failed === GROSS_FAILURE_COUNT
    ? "candidate_failing"
    : "none";
}
