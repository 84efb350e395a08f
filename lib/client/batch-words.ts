import type { BatchState } from "#lib/domain/batch/job-state.ts";

export const batchJobPath = (number: number): string => `/batch/jobs/${String(number)}`;
export const batchChangePath = (number: number): string => `/batch/changes/${String(number)}`;

const SHAPES = {
  running: "running",
  paused: "holding",
  assembling: "running",
  succeeded: "passed",
  failed: "failed",
  cancelled: "retired",
} as const satisfies Readonly<Record<BatchState, string>>;

export const batchShape = (state: BatchState): (typeof SHAPES)[BatchState] => SHAPES[state];

type ChangeStatus = { readonly word: string; readonly shape: "running" | "awaiting" | "live" | "failed" | "retired" | "rolled-back" | "no-data" };

const CHANGE_STATUS: Readonly<Record<string, ChangeStatus>> = {
  comparing: { word: "Comparing", shape: "running" },
  awaiting_approval: { word: "Awaiting approval", shape: "awaiting" },
  applied: { word: "In force", shape: "live" },
  rejected: { word: "Rejected", shape: "failed" },
  withdrawn: { word: "Withdrawn", shape: "retired" },
  failed: { word: "Failed", shape: "failed" },
  reverted: { word: "Rolled back", shape: "rolled-back" },
};

export const changeStatus = (state: string): ChangeStatus => CHANGE_STATUS[state] ?? { word: state, shape: "no-data" };
