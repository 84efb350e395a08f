import { z } from "zod";
import { releaseState } from "./release-vocabulary.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/drills: rollback drills, newest first. */
export const drillListQuery = z.strictObject({
  /** Of this endpoint only. */
  endpoint: z.string().min(1).max(128).nullable().default(null),
});

export const drillListView = z.object({
  asOf: instant,
  rows: z.array(
    z.object({
      releaseNumber: count,
      modelName: z.string(),
      versionName: z.string(),
      endpointName: z.string(),
      environmentName: z.string(),
      at: instant,
      fault: z.string(),
      state: releaseState,
      /** Null while it runs. */
      passed: z.boolean().nullable(),
      /** From the fault to the order to go back, and from there to the last answer of the candidate. */
      detectedMs: z.number().nonnegative().nullable(),
      restoredMs: z.number().nonnegative().nullable(),
      objectiveSeconds: z.number(),
      /** What found the fault, in words; null: nothing did, or not yet. */
      fired: z.string().nullable(),
      /** Until when the finished drill counts as evidence; null while there is none. */
      evidenceExpiresAt: instant.nullable(),
      summary: z.string(),
    }),
  ),
  /** Where a drill may be ordered: endpoints of environments whose policy allows faults. */
  endpoints: z.array(z.object({ name: z.string(), environmentName: z.string(), modelName: z.string() })),
  mayDrill: z.object({ open: z.boolean(), closedBecause: z.string().nullable() }),
});
export type DrillListView = z.output<typeof drillListView>;
