import { z } from "zod";
import { INTERVAL_METHODS } from "#lib/domain/evaluation/measure.ts";
import { OVERLAP_LIMIT } from "#lib/domain/evaluation/limits.ts";
import { columnMapping } from "./batch.ts";
import { desiredVersion } from "./runtime-protocol.ts";
import { batchWork } from "./batch.ts";

/** Evaluation of a version on held-out rows by a runtime: what people ask for, and what crosses between control plane and runtimes. */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const columnName = z.string().min(1).max(200);
const metricName = z.string().min(1).max(200);

export const evaluationTasks = ["classification", "regression"] as const;
export const evaluationTask = z.enum(evaluationTasks);
export type EvaluationTask = z.output<typeof evaluationTask>;

const limit = z
  .strictObject({ min: z.number().nullable().default(null), max: z.number().nullable().default(null) })
  .refine(({ min, max }) => min !== null || max !== null, "Give min, max or both.")
  .refine(({ min, max }) => min === null || max === null || min <= max, "min is above max.");

const settings = {
  /** Column with the true class or number. */
  labelColumn: columnName,
  /** Figures are also taken by the values of these. */
  sliceColumns: z.array(columnName).max(5).refine((all) => new Set(all).size === all.length, "Name each column once.").default([]),
  /** Left out, the outputs say it: a class or scores by class are classification, one number is regression. */
  task: evaluationTask.nullable().default(null),
  /** Figure by slice; left out, accuracy or mean absolute error. */
  sliceMetric: metricName.nullable().default(null),
  /** How far the worst slice may be from the best. Without it the slices are shown and not judged. */
  gapLimit: z.number().nonnegative().nullable().default(null),
  /** Limits by name of the figure, agreed on before the run; without them nothing can be called passed. */
  thresholds: z.record(metricName, limit).refine((all) => Object.keys(all).length <= 50, "At most 50 limits.").default({}),
  mapping: columnMapping.default({}),
  /** Share of the rows that may be in the training data as well. */
  overlapLimit: z.number().min(0).max(1).default(OVERLAP_LIMIT),
};

export const createEvaluationBody = z.strictObject({
  /** From POST /api/v1/evaluations/data. */
  data: digest,
  /** What the data is called in the record; left out, the file's name. */
  dataset: z.string().trim().min(1).max(200).nullable().default(null),
  /** Rows it was trained on, to look for rows that are in both; left out, the data set of its lineage where that was uploaded. */
  training: digest.nullable().default(null),
  ...settings,
});
export type CreateEvaluationBody = z.output<typeof createEvaluationBody>;

export const evaluationSettings = z.object({ ...settings, dataset: z.string(), training: digest.nullable() });
export type EvaluationSettings = z.output<typeof evaluationSettings>;

const rowsOf = z.object({
  digest,
  format: batchWork.shape.input.shape.format,
  sizeBytes: count,
  columns: batchWork.shape.input.shape.columns,
  delimiter: batchWork.shape.input.shape.delimiter,
  /** Read one after the other. */
  parts: z.array(z.object({ byteStart: count, byteEnd: count, firstRow: count, rows: count })).max(20_000),
});
export type EvaluationRows = z.output<typeof rowsOf>;

/** An evaluation to carry out, with all that is needed. */
export const evaluationWork = z.object({
  evaluationId: z.uuid(),
  number: count,
  leaseToken: z.uuid(),
  leaseSeconds: z.number().int().positive(),
  version: desiredVersion,
  data: rowsOf,
  training: rowsOf.nullable(),
  settings: evaluationSettings,
});
export type EvaluationWork = z.output<typeof evaluationWork>;

export const leaseEvaluationResponse = z.object({ work: evaluationWork.nullable() });

const measure = z.strictObject({
  name: metricName,
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: count,
  method: z.enum(INTERVAL_METHODS),
});

const sliceReport = z.strictObject({
  column: columnName,
  metric: metricName,
  rows: z.array(
    z.strictObject({ name: z.string().max(200), n: count, value: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable(), isJudged: z.boolean() }),
  ).max(40),
  gap: z.number().nonnegative().nullable(),
});

export const evaluationReport = z.strictObject({
  task: evaluationTask,
  rows: z.strictObject({
    total: count,
    /** With a true value and an answer. */
    measured: count,
    withoutLabel: count,
    withoutAnswer: count,
    /** Rows whose input an earlier row had already. */
    repeated: count,
  }),
  measures: z.array(measure).max(400),
  confusion: z.strictObject({ classes: z.array(z.string().max(200)).max(50), counts: z.array(z.array(count).max(50)).max(50) }).nullable(),
  calibration: z
    .strictObject({
      of: z.string().max(200).nullable(),
      bins: z.array(z.strictObject({ said: z.number(), share: z.number(), low: z.number(), high: z.number(), n: count })).max(20),
    })
    .nullable(),
  slices: z.array(sliceReport).max(5),
  /** Null when no training rows were at hand. */
  overlap: z.strictObject({ trainingRows: count, sharedRows: count }).nullable(),
  /** What is left out, and why. */
  notes: z.array(z.string().max(500)).max(20),
  modelUs: z.number().nonnegative(),
});
export type EvaluationReport = z.output<typeof evaluationReport>;

export const evaluationTick = z.strictObject({ bootId: z.uuid(), leaseToken: z.uuid(), rowsDone: count });

export const evaluationResult = z.strictObject({
  bootId: z.uuid(),
  leaseToken: z.uuid(),
  /** Null: it could not be carried out; `problem` says why. */
  report: evaluationReport.nullable(),
  problem: z.string().max(1000).nullable(),
});
export type EvaluationResult = z.output<typeof evaluationResult>;
