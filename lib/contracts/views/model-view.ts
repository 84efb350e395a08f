import { z } from "zod";
import { livePlace, openAct, releaseRow, versionState } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/models/{model}: one model, its versions and where they are. */

export const modelVersionRow = z.object({
  versionId: z.string(),
  name: z.string(),
  digest: z.string(),
  state: versionState,
  sizeBytes: z.number().nonnegative(),
  authorName: z.string(),
  createdAt: instant,
  notes: z.string().nullable(),
  places: z.array(livePlace),
});

export const modelView = z.object({
  asOf: instant,
  modelId: z.string(),
  name: z.string(),
  intendedUse: z.string(),
  riskTier: z.string(),
  sector: z.string().nullable(),
  jurisdictions: z.array(z.string()),
  ownerName: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  demo: z.boolean(),
  places: z.array(livePlace),
  /** Newest first; the newest 200. */
  versions: z.array(modelVersionRow),
  versionsTotal: count,
  releases: z.array(releaseRow),
  mayRegister: openAct,
  mayRelease: openAct,
});
export type ModelView = z.output<typeof modelView>;
