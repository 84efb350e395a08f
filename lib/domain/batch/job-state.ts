/** How a batch job stands. `assembling`: every row is done and the output is being put together. */
export const BATCH_STATES = ["running", "paused", "assembling", "succeeded", "failed", "cancelled"] as const;
export type BatchState = (typeof BATCH_STATES)[number];

export const BATCH_ACTS = ["pause", "resume", "cancel"] as const;
export type BatchAct = (typeof BATCH_ACTS)[number];

const TABLE: Readonly<Record<BatchAct, Readonly<Partial<Record<BatchState, BatchState>>>>> = {
  pause: { running: "paused" },
  resume: { paused: "running" },
  cancel: { running: "cancelled", paused: "cancelled", assembling: "cancelled" },
};

export const isBatchEnd = (state: BatchState): boolean =>
  state === "succeeded" || state === "failed" || state === "cancelled";

/** The state after a person's act, or null when the job is not in a state for it. */
export const afterBatchAct = (state: BatchState, act: BatchAct): BatchState | null => TABLE[act][state] ?? null;

export const BATCH_STATE_LABELS: Readonly<Record<BatchState, string>> = {
  running: "Running",
  paused: "Paused",
  assembling: "Writing output",
  succeeded: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

export type RowCounts = { readonly answered: number; readonly failed: number };

/**
 * Whether the finished rows make an output that may become current: the share of rows without an answer is at most the limit.
 * A job without rows has nothing to be wrong about and does not exist.
 */
export function isWithinFailureLimit({ answered, failed }: RowCounts, limitBp: number): boolean {
  return failed * 10_000 <= limitBp * (answered + failed);
}
