import { z } from "zod";
import { openAct, versionState } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/endpoints/new: what the form for an endpoint needs. */

export const newEndpointViewQuery = z.strictObject({
  model: z.string().max(128).nullable().default(null),
  environment: z.string().max(128).nullable().default(null),
});

export const endpointVersionChoice = z.object({
  versionName: z.string(),
  state: versionState,
  createdAt: instant,
  /** What still stops it from being live in the chosen environment; empty: nothing. */
  blockers: z.array(z.string()),
});

export const newEndpointView = z.object({
  asOf: instant,
  environments: z.array(
    z.object({ name: z.string(), approvalsRequired: count, open: z.boolean() }),
  ),
  models: z.array(z.object({ name: z.string(), versions: count })),
  takenNames: z.array(z.string()),
  /** Of the chosen model, newest first. */
  versions: z.array(endpointVersionChoice),
  mayCreate: openAct,
  mayCreateEnvironment: openAct,
});
export type NewEndpointView = z.output<typeof newEndpointView>;
