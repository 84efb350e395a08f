import { z } from "zod";
import { count } from "./view-parts.ts";

/** GET /api/v1/models/{model}/versions/{version}/graph: an ONNX graph as a picture can show it. */
export const graphView = z.object({
  boxes: z.array(z.object({ label: z.string(), row: count, place: count })),
  lines: z.array(z.tuple([count, count])),
  rows: count,
  width: count,
  leftOut: count,
  nodeCount: count,
  initialiserCount: count,
  /** Lower bound for one row; null when the file holds no weight matrix that MatMul or Gemm takes. */
  flopsPerRow: z.number().nonnegative().nullable(),
});
export type GraphView = z.output<typeof graphView>;
