import { z } from "zod";
import { endpointPattern } from "#lib/contracts/registry-api.ts";
import { livePlace, openAct, releaseRef } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/endpoints: every address clients call, and what answers there. */

export const endpointListViewQuery = z.strictObject({
  q: z.string().max(120).default(""),
  environment: z.string().max(64).nullable().default(null),
});

export const endpointListRow = z.object({
  endpointId: z.string(),
  name: z.string(),
  environmentName: z.string(),
  modelName: z.string(),
  pattern: endpointPattern,
  demo: z.boolean(),
  /** Stable first, then candidate, previous and shadows. */
  places: z.array(livePlace),
  openRelease: releaseRef.nullable(),
  /** Over the last 5 min; null when nothing was reported in that time. */
  requestsPerSecond: z.number().nonnegative().nullable(),
  errorShare: z.number().min(0).max(1).nullable(),
  /** Runtimes heard from that route by the epoch in force, of those that are heard from. */
  runtimesCurrent: count,
  runtimesLive: count,
});
export type EndpointListRow = z.output<typeof endpointListRow>;

export const endpointListView = z.object({
  asOf: instant,
  rows: z.array(endpointListRow),
  total: count,
  mayCreate: openAct,
});
export type EndpointListView = z.output<typeof endpointListView>;
