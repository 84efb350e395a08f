import { z } from "zod";

/** Parts that the inspections of all formats are made of. */

export const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
export const name = z.string().max(4096);

export const onnxDim = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed"), size: count }),
  z.strictObject({ kind: z.literal("free"), name: name.nullable() }),
]);
