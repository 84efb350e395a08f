import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { NO_ERRORS, NO_OUTCOMES, type BinnedCounts, type PeriodCounts } from "#lib/domain/drift/period.ts";
import { EMPTY_HISTOGRAM } from "#lib/domain/statistics/histogram.ts";

/** Written by saveWindows from a parsed report and by nothing else. */
type WindowCounts = Pick<WindowReport, "predictions" | "latencyUs" | "queueUs" | "inferenceUs" | "reasons" | "values" | "labelPairs" | "labelErrors">;

export type BaseRow = {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly labelsReceived: number;
  readonly labelsWrong: number;
  readonly counts: WindowCounts;
  readonly binned: BinnedCounts | null;
};

/** What a window counted, as stored. */
export const periodOfWindow = ({ counts, binned, requests, errors, refused, labelsReceived, labelsWrong }: BaseRow): PeriodCounts => ({
  requests,
  errors,
  refused,
  labelsReceived,
  labelsWrong,
  predictions: counts.predictions,
  latencyUs: counts.latencyUs,
  queueUs: counts.queueUs ?? EMPTY_HISTOGRAM,
  inferenceUs: counts.inferenceUs ?? EMPTY_HISTOGRAM,
  reasons: counts.reasons ?? [],
  values: counts.values ?? NO_OUTCOMES,
  labelPairs: counts.labelPairs ?? [],
  labelErrors: counts.labelErrors ?? NO_ERRORS,
  binned: binned === null ? [] : [binned],
});

export type RollupRow = {
  readonly requests: bigint;
  readonly errors: bigint;
  readonly refused: bigint;
  readonly labelsReceived: bigint;
  readonly labelsWrong: bigint;
  readonly counts: Omit<PeriodCounts, "requests" | "errors" | "refused" | "labelsReceived" | "labelsWrong" | "binned">;
  readonly binned: readonly BinnedCounts[];
};

/** What a stretch counted, as stored. */
export const periodOfRollup = (row: RollupRow): PeriodCounts => ({
  ...row.counts,
  requests: Number(row.requests),
  errors: Number(row.errors),
  refused: Number(row.refused),
  labelsReceived: Number(row.labelsReceived),
  labelsWrong: Number(row.labelsWrong),
  binned: row.binned,
});
