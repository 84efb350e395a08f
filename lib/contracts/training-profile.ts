import { z } from "zod";

/**
 * A training profile on the wire: the training data of a version as counts of each column, never as rows. `examples/<model>/<version>/baseline.json` shows one.
 * What the file says beyond this (quantiles, digests) is for its readers and is not kept.
 */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(256);

const numberColumn = z.object({
  name,
  type: z.literal("number"),
  nulls: count.default(0),
  mean: z.number().nullable().default(null),
  sd: z.number().nonnegative().nullable().default(null),
  binEdges: z.array(z.number()).min(2).max(257),
  binCounts: z.array(count).min(1).max(256),
});
const valueColumn = z.object({
  name,
  type: z.enum(["integer", "text"]),
  nulls: count.default(0),
  values: z.array(z.object({ value: z.union([z.number(), z.string().max(256)]), count })).max(1000),
});
export const profileColumn = z.discriminatedUnion("type", [numberColumn, valueColumn]);

export const trainingProfile = z.object({
  rows: count,
  features: z.array(profileColumn).max(1000),
  classes: z.array(z.object({ label: z.string().max(128), count })).max(256).default([]),
});
