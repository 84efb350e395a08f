import { z } from "zod";
import { batchFormat, batchReport, batchSource } from "#lib/contracts/batch.ts";
import { BATCH_STATES } from "#lib/domain/batch/job-state.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** What the screens of batch jobs show. */

const shareInterval = z.object({ share: z.number(), low: z.number(), high: z.number() });

export const batchJobRow = z.object({
  id: z.string(),
  number: count,
  endpointName: z.string(),
  environmentName: z.string(),
  modelName: z.string(),
  versionName: z.string(),
  /** Dual run: the version it was compared with. */
  compareVersionName: z.string().nullable(),
  state: z.enum(BATCH_STATES),
  inputName: z.string(),
  rowsTotal: count,
  rowsDone: count,
  rowsPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  failedRows: count.nullable(),
  outputName: z.string(),
  outputVersion: count.nullable(),
  isCurrent: z.boolean(),
  createdAt: instant,
  createdBy: z.string(),
  finishedAt: instant.nullable(),
  isScheduled: z.boolean(),
});
export type BatchJobRow = z.output<typeof batchJobRow>;

export const batchOutputRow = z.object({
  id: z.string(),
  name: z.string(),
  version: count,
  jobNumber: count,
  versionName: z.string(),
  format: batchFormat,
  digest: z.string(),
  sizeBytes: count,
  rows: count,
  failedRows: count,
  /** Shift of the class shares against the output before it; null for the first, or without classes. */
  stabilityIndex: z.number().nullable(),
  isCurrent: z.boolean(),
  createdAt: instant,
});
export type BatchOutputRow = z.output<typeof batchOutputRow>;

export const batchJobView = z.object({
  asOf: instant,
  job: batchJobRow,
  /** What it does or did, in a sentence. */
  say: z.string(),
  problem: z.string().nullable(),
  input: z.object({ digest: z.string(), format: batchFormat, sizeBytes: count, columns: z.array(z.string()) }),
  outputFormat: batchFormat,
  idColumn: z.string().nullable(),
  failureLimitBp: count,
  partitions: count,
  partitionsDone: count,
  runtimes: count,
  report: batchReport,
  output: batchOutputRow.nullable(),
  hasErrors: z.boolean(),
  /** Every output of this name, newest first: the way back. */
  outputs: z.array(batchOutputRow),
  changeNumber: count.nullable(),
  mayRun: openAct,
});
export type BatchJobView = z.output<typeof batchJobView>;

export const batchScheduleRow = z.object({
  id: z.string(),
  endpointName: z.string(),
  cron: z.string(),
  timeZone: z.string(),
  source: batchSource,
  outputName: z.string(),
  enabled: z.boolean(),
  nextAt: instant.nullable(),
  lastAt: instant.nullable(),
  lastProblem: z.string().nullable(),
  createdBy: z.string(),
});

export const batchChangeRow = z.object({
  number: count,
  endpointName: z.string(),
  environmentName: z.string(),
  modelName: z.string(),
  fromVersionName: z.string(),
  toVersionName: z.string(),
  state: z.string(),
  authorName: z.string(),
  createdAt: instant,
  jobNumber: count,
});

export const batchChangeView = z.object({
  asOf: instant,
  change: batchChangeRow,
  say: z.string(),
  digest: z.string().nullable(),
  reason: z.string().nullable(),
  approvals: z.array(z.object({ name: z.string(), reason: z.string(), at: instant })),
  approvalsRequired: count,
  job: batchJobRow,
  difference: z
    .object({
      tally: batchReport.shape.difference.unwrap(),
      otherClass: shareInterval.nullable(),
      newlyUnanswered: shareInterval,
      timeRatio: z.number().nullable(),
    })
    .nullable(),
  mayDecide: openAct,
  mayWithdraw: openAct,
  mayRevert: openAct,
});
export type BatchChangeView = z.output<typeof batchChangeView>;

export const batchListView = z.object({
  asOf: instant,
  jobs: z.array(batchJobRow),
  total: count,
  next: count.nullable(),
  schedules: z.array(batchScheduleRow),
  changes: z.array(batchChangeRow),
  mayRun: openAct,
});
export type BatchListView = z.output<typeof batchListView>;

export const newBatchView = z.object({
  asOf: instant,
  endpoints: z.array(
    z.object({
      name: z.string(),
      environmentName: z.string(),
      modelName: z.string(),
      versionName: z.string(),
      pattern: z.string(),
      /** Versions that may be compared with the live one. */
      versions: z.array(z.string()),
      /** Tensors that have no named fields, with how many values a row of each takes. */
      unnamedInputs: z.array(z.object({ name: z.string(), values: count })),
    }),
  ),
  hasDirectory: z.boolean(),
  buckets: z.array(z.string()),
  mayRun: openAct,
});
export type NewBatchView = z.output<typeof newBatchView>;
