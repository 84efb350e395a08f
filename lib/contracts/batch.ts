import { z } from "zod";
import { slug, versionName } from "./registry-api.ts";
import { desiredVersion } from "./runtime-protocol.ts";

/** Batch jobs: what people send, and what crosses between control plane and runtimes under `/api/runtime/v1/batch/`. */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const columnName = z.string().min(1).max(200);

export const batchFormats = ["csv", "jsonl", "parquet"] as const;
export const batchFormat = z.enum(batchFormats);
export type BatchFormat = z.output<typeof batchFormat>;

/** By input: the columns from `from` to `to`, in the file's order, fill it. An input that is not named is filled by name. */
export const columnMapping = z.record(z.string().min(1).max(256), z.strictObject({ from: columnName, to: columnName }));
export type ColumnMapping = z.output<typeof columnMapping>;

/** Where the rows come from. A path lies under SLIPWAY_BATCH_DIR; `{date}` in a path or key becomes the day of the run in UTC, as 2026-11-23. */
export const batchSource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("upload"), digest }),
  z.strictObject({ kind: z.literal("file"), path: z.string().min(1).max(500) }),
  z.strictObject({
    kind: z.literal("s3"),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{2,62}$/, "An S3 bucket name."),
    key: z.string().min(1).max(1024),
  }),
]);
export type BatchSource = z.output<typeof batchSource>;

const jobSettings = {
  endpoint: slug,
  mapping: columnMapping.default({}),
  /** Column that is copied to the output beside the row number; null: the row number alone. */
  idColumn: columnName.nullable().default(null),
  /** Outputs of one name are versions of each other. */
  outputName: slug.default("results"),
  outputFormat: batchFormat.default("csv"),
  /** Above this share of rows without an answer the job fails and its output does not become current. Basis points. */
  failureLimitBp: z.number().int().min(0).max(10_000).default(500),
};

export const createBatchJobBody = z.strictObject({
  ...jobSettings,
  source: batchSource,
  /** Rows a runtime takes at a time. */
  partitionRows: z.number().int().min(250).max(100_000).default(5000),
});
export type CreateBatchJobBody = z.output<typeof createBatchJobBody>;

export const createBatchScheduleBody = z.strictObject({
  ...jobSettings,
  source: batchSource,
  /** Five fields: minute hour day month weekday. */
  cron: z.string().trim().min(9).max(120),
  timeZone: z.string().min(1).max(64).default("UTC"),
});
export type CreateBatchScheduleBody = z.output<typeof createBatchScheduleBody>;

export const createBatchChangeBody = z.strictObject({
  endpoint: slug,
  version: versionName,
  source: batchSource,
  mapping: columnMapping.default({}),
  /** Rows that both versions answer, spread over the input. */
  sliceRows: z.number().int().min(100).max(1_000_000).default(2000),
});

export const decideBatchChangeBody = z.strictObject({
  /** What was seen: the digest of the difference report. */
  digest,
  reason: z.string().trim().min(10, "Say in a sentence why.").max(2000),
});

export const reasonBody = z.strictObject({ reason: z.string().trim().min(10, "Say in a sentence why.").max(2000) });

/** One tensor's share of a row. */
export const batchColumn = z.object({ name: columnName });

/** A partition to work off, with all that is needed. */
export const batchWork = z.object({
  jobId: z.uuid(),
  jobNumber: count,
  index: count,
  leaseToken: z.uuid(),
  leaseSeconds: z.number().int().positive(),
  version: desiredVersion,
  /** Dual run: this version answers the same rows. */
  compareWith: desiredVersion.nullable(),
  input: z.object({
    digest,
    format: batchFormat,
    sizeBytes: count,
    columns: z.array(columnName).max(4096),
    delimiter: z.string().length(1).nullable(),
    byteStart: count,
    byteEnd: count,
    firstRow: count,
    rows: count,
  }),
  mapping: columnMapping,
  idColumn: columnName.nullable(),
  outputFormat: batchFormat,
});
export type BatchWork = z.output<typeof batchWork>;

export const leaseBatchResponse = z.object({ work: batchWork.nullable() });

/** Sent while a partition is worked on. `rowsDone` shows progress between the ends of partitions. */
export const batchTick = z.strictObject({ bootId: z.uuid(), leaseToken: z.uuid(), rowsDone: count });
/** False: the job was paused or cancelled, or the lease is another's; the work done so far is thrown away. */
export const batchTickResponse = z.object({ goOn: z.boolean() });

const counts = z.record(z.string().max(300), count);
const fieldCounts = z.record(z.string().max(300), z.strictObject({ null: count, range: count, domain: count }));

export const differenceTally = z.strictObject({
  rows: count,
  bothAnswered: count,
  onlyCurrentAnswered: count,
  onlyNewAnswered: count,
  neitherAnswered: count,
  otherClass: count,
  currentClasses: counts,
  newClasses: counts,
  moves: counts,
  outputs: z.record(
    z.string().max(256),
    z.strictObject({ values: count, sumAbsolute: z.number().nonnegative(), maxAbsolute: z.number().nonnegative() }),
  ),
  currentUs: z.number().nonnegative(),
  newUs: z.number().nonnegative(),
});

/** What was counted over a partition, and in sum over a job: as for live traffic, counts and no values. */
export const batchReport = z.strictObject({
  answered: count,
  /** Rows without an answer: refused by the contract, unreadable, or failed in the model. */
  failed: count,
  refused: count,
  flagged: fieldCounts,
  imputed: fieldCounts,
  predictions: counts,
  modelUs: z.number().nonnegative(),
  difference: differenceTally.nullable(),
});
export type BatchReport = z.output<typeof batchReport>;

export const batchResult = z.strictObject({
  bootId: z.uuid(),
  leaseToken: z.uuid(),
  /** Null: the partition could not be worked off on this runtime; `problem` says why. */
  output: digest.nullable(),
  errors: digest.nullable(),
  report: batchReport.nullable(),
  problem: z.string().max(1000).nullable(),
});
export type BatchResult = z.output<typeof batchResult>;
