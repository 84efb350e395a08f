import { z } from "zod";
import { livePlace, openAct, releaseRef, versionState } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/models: every model with where it is live. */

export const modelListStates = ["release", "live", "not_live", "empty"] as const;
export type ModelListState = (typeof modelListStates)[number];

export const modelListViewQuery = z.strictObject({
  /** Words of the name, the intended use or the owner. */
  q: z.string().max(120).default(""),
  state: z.enum(modelListStates).nullable().default(null),
  environment: z.string().max(64).nullable().default(null),
});

export const modelListRow = z.object({
  modelId: z.string(),
  name: z.string(),
  intendedUse: z.string(),
  riskTier: z.string(),
  ownerName: z.string(),
  demo: z.boolean(),
  /** release: one is not over; live: a version answers; not_live: versions, none on an endpoint; empty: no version yet. */
  state: z.enum(modelListStates),
  openRelease: releaseRef.nullable(),
  places: z.array(livePlace),
  versions: count,
  newest: z.object({ name: z.string(), state: versionState, createdAt: instant }).nullable(),
  /** Over the last 5 min, all its endpoints; null when it is on none. */
  requestsPerSecond: z.number().nonnegative().nullable(),
});
export type ModelListRow = z.output<typeof modelListRow>;

export const modelListView = z.object({
  asOf: instant,
  rows: z.array(modelListRow),
  /** Under the text and environment filters, before the state. */
  counts: z.object({ all: count, release: count, live: count, not_live: count, empty: count }),
  mayCreate: openAct,
});
export type ModelListView = z.output<typeof modelListView>;
