import { z } from "zod";
import { changeRow, changesView } from "./release-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/models/{model}/compare: two versions of a model side by side. */
export const partChange = z.object({
  name: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
});

export const comparisonView = z.object({
  asOf: instant,
  modelName: z.string(),
  from: z.string(),
  to: z.string(),
  /** Versions to choose from, newest first. */
  versions: z.array(z.string()),
  say: z.string(),
  rows: z.array(changeRow),
  contract: changesView.shape.contract,
  /** Operators, model elements or imports whose number differs. */
  inventory: z.object({ title: z.string(), changes: z.array(partChange), same: count }),
  /** Initialisers of two ONNX files, by the digest of their bytes; null for other formats, with the reason. */
  weights: z.object({ changes: z.array(partChange), same: count, changed: count, leftOut: count }).nullable(),
  weightsNote: z.string().nullable(),
});
export type ComparisonView = z.output<typeof comparisonView>;
