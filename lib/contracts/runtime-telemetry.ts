import { z } from "zod";

/**
 * What runtimes count of inputs and answers for monitoring, and by which bins. All of it is optional on the line: a runtime
 * without a baseline for a version sends windows without `monitoring`, and a control plane without need of it sends no baseline.
 */

const id = z.string().min(1).max(64);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(256);

export const MAX_EDGES = 257;
export const MAX_CATEGORIES = 256;

const cells = z.array(count).max(MAX_CATEGORIES);
/** Strictly rising. Bin i of n holds [edge i, edge i+1); the last one also its upper edge. */
const edges = z.array(z.number()).min(2).max(MAX_EDGES);

/** Where a value lies: a column on the last axis of a tensor, or (null) every value of it. */
const place = { tensor: name, column: z.number().int().nonnegative().nullable() };

const numericBins = z.object({
  kind: z.literal("numeric"),
  /** The contract's field name, or a name for the output. */
  name,
  ...place,
  edges,
  /** Baseline counts per bin, for the out-of-distribution flag; null = this one takes no part in it. */
  baseline: cells.nullable(),
});
const categoricalBins = z.object({
  kind: z.literal("categorical"),
  name,
  ...place,
  /** Known values in order: texts as they are; numbers and booleans (0, 1) in their shortest decimal form. */
  values: z.array(z.string().max(256)).min(1).max(MAX_CATEGORIES),
  baseline: cells.nullable(),
});

/** Bins of one feature or output. */
export const baselineBins = z.discriminatedUnion("kind", [numericBins, categoricalBins]);
export type BaselineBins = z.output<typeof baselineBins>;

/**
 * The bins by which one version's traffic is counted. May change while the version stays loaded: runtimes take new bins up at the
 * next window, so that a window has one `binsHash`.
 */
export const monitoringBaseline = z.object({
  versionId: id,
  /** SHA-256 of the canonical JSON of all bins. Windows of different hashes are never added up. */
  binsHash: digest,
  features: z.array(baselineBins).max(1000),
  /** The first one is the score: labels are counted by its bins, and their errors measured against its value. */
  outputs: z.array(baselineBins).max(64),
  /**
   * A row whose mean surprise exceeds this many bits is counted as out of distribution. Surprise of a value in bin b:
   * -log2((baseline[b] + 0.5) / (N + 0.5 * B)), with N the sum and B the number of the feature's baseline counts; outside all bins
   * (under, over, unseen, null, not a number) the count is 0. Null: no flag.
   */
  oodThresholdBits: z.number().positive().nullable(),
});
export type MonitoringBaseline = z.output<typeof monitoringBaseline>;

/** Mean and sum of squared deviations of finite values; null below 5 values, which would come near to telling them. */
export const moments = z.strictObject({
  n: count,
  mean: z.number(),
  m2: z.number().nonnegative(),
});

/** Counts of one feature or output in one window, as values arrived, before the contract replaced any. Cells and the five others add up to the values seen. */
export const binCounts = z.strictObject({
  name,
  /** Bins, or known values, in the baseline's order. */
  cells,
  /** Below the first edge, minus infinity included. */
  under: count,
  over: count,
  /** A text that is no known value, or a number that is none where the bins are values. */
  unseen: count,
  /** JSON null in integers and booleans; the empty string in texts. In floats JSON null is NaN. */
  nulls: count,
  nan: count,
  moments: moments.nullable(),
});
export type BinCounts = z.output<typeof binCounts>;

/** Inputs and answers of one window against the baseline's bins. Per row, each request's. Pinned requests are not in it. */
export const monitoringCounts = z.strictObject({
  binsHash: digest,
  /** Rows whose inputs were counted: those that passed the contract. */
  rows: count,
  /** Rows of very large requests that were served but not counted. */
  rowsSkipped: count,
  /** Rows past the baseline's `oodThresholdBits`. */
  oodRows: count,
  features: z.array(binCounts).max(1000),
  outputs: z.array(binCounts).max(64),
  /** True labels by bin of the score output: `[label, one count per cell, then under, then over]`; at most 16 labels, the rest as `__other__`. */
  labelsByScore: z
    .array(z.tuple([z.string().max(128), z.array(count).max(MAX_CATEGORIES + 2)]))
    .max(17),
});
export type MonitoringCounts = z.output<typeof monitoringCounts>;

/** `[predicted class, true label, count]` of labels reported in this window; at most 256 pairs, the rest as `__other__`. */
export const labelPairs = z
  .array(z.tuple([z.string().max(128), z.string().max(128), count]))
  .max(257);

/** Numeric labels against the score: error = answer - label. */
export const labelErrors = z.strictObject({
  n: count,
  sum: z.number(),
  sumAbsolute: z.number().nonnegative(),
  sumSquares: z.number().nonnegative(),
});

/** Business values reported for predictions of the window's epoch; one value counts per prediction. */
export const outcomeValues = z.strictObject({
  received: count,
  sum: z.number(),
  sumSquares: z.number().nonnegative(),
});

/** Requests of the window that were not answered, by reason and status; `refused` ones are among them. */
export const reasonCounts = z
  .array(
    z.strictObject({
      reason: z.string().max(40),
      status: z.number().int().min(400).max(599),
      count,
    }),
  )
  .max(64);

/** What an autoscaler needs of one endpoint on one runtime, over the last seconds. */
export const endpointSignals = z.strictObject({
  endpointId: id,
  requestsPerSecond: z.number().nonnegative(),
  /** Requests between admission and answer, mean. */
  concurrency: z.number().nonnegative(),
  concurrencyLimit: z.number().int().positive(),
  /** Busy share of the model hosts of the serving version, 0 to 1. */
  utilisation: z.number().min(0).max(1),
  queueUsP95: z.number().nonnegative().nullable(),
  /** Runtimes of this size that would bring utilisation to `targetUtilisation`; null while there is no traffic. */
  recommendedRuntimes: z.number().int().positive().nullable(),
  targetUtilisation: z.number().positive().max(1),
});
export type EndpointSignals = z.output<typeof endpointSignals>;

/** The runtime process itself, over the last seconds. */
export const runtimeSignals = z.strictObject({
  cpuShare: z.number().nonnegative(),
  residentBytes: count,
  eventLoopDelayMsP99: z.number().nonnegative(),
  /** Windows lost since the start: the spool was full, a line could not be read, or they were refused. */
  windowsLost: count,
  endpoints: z.array(endpointSignals).max(1000),
});
export type RuntimeSignals = z.output<typeof runtimeSignals>;
