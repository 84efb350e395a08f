import { z } from "zod";
import { evaluationReport, evaluationSettings } from "#lib/contracts/evaluation.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

export const evaluationStates = ["waiting", "running", "succeeded", "failed", "cancelled"] as const;

export const evaluationRow = z.object({
  number: count,
  state: z.enum(evaluationStates),
  dataset: z.string(),
  rowsTotal: count,
  rowsDone: count,
  /** Null until it is through. */
  passed: z.boolean().nullable(),
  /** The first figure: accuracy, or mean absolute error. */
  main: z.object({ name: z.string(), value: z.number(), low: z.number().nullable(), high: z.number().nullable() }).nullable(),
  createdBy: z.string(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type EvaluationRow = z.output<typeof evaluationRow>;

/** GET /api/v1/models/{model}/versions/{version}/evaluations: those of a version, and what a form for another one needs. */
export const evaluationListView = z.object({
  asOf: instant,
  modelName: z.string(),
  versionName: z.string(),
  rows: z.array(evaluationRow),
  /** Inputs whose values have no names of their own: they need a range of columns. */
  unnamedInputs: z.array(z.object({ name: z.string(), values: count })),
  /** Digest of what it was trained on, where its lineage says so; and whether those rows are at hand. */
  training: z.object({ digest: z.string(), isAtHand: z.boolean() }).nullable(),
  mostRows: count,
  mayEvaluate: openAct,
});
export type EvaluationListView = z.output<typeof evaluationListView>;

/** GET /api/v1/evaluations/{number}. */
export const evaluationView = z.object({
  asOf: instant,
  modelName: z.string(),
  versionName: z.string(),
  versionDigest: z.string(),
  row: evaluationRow,
  say: z.string(),
  settings: evaluationSettings,
  data: z.object({ name: z.string(), digest: z.string(), format: z.string(), sizeBytes: z.number(), rows: count }),
  startedAt: instant.nullable(),
  problem: z.string().nullable(),
  /** What kept it from passing. */
  faults: z.array(z.string()),
  report: evaluationReport.nullable(),
  mayCancel: openAct,
});
export type EvaluationView = z.output<typeof evaluationView>;
