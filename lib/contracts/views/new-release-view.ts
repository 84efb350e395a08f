import { z } from "zod";
import { ADVANCE_RULES, STRATEGIES } from "#lib/domain/release/plan.ts";
import { basisPoints, count, instant } from "./view-parts.ts";

/** GET /api/v1/views/releases/new: what the form needs. One endpoint in full, the rest by name. */

export const newReleaseQuery = z.strictObject({
  endpoint: z.string().max(128).nullable().default(null),
  version: z.string().max(128).nullable().default(null),
});
export type NewReleaseQuery = z.output<typeof newReleaseQuery>;

export const candidateChoice = z.object({
  versionId: z.string(),
  versionName: z.string(),
  digest: z.string(),
  createdAt: instant,
  authorName: z.string(),
  /** Facts that stop a release of it: "No load profile yet". Empty: may be released. */
  blockers: z.array(z.string()),
});
export type CandidateChoice = z.output<typeof candidateChoice>;

export const planStepDraft = z.object({
  weightBp: basisPoints,
  advance: z.enum(ADVANCE_RULES),
  dwellSeconds: z.number().int().min(0),
  minUnits: count,
});
export type PlanStepDraft = z.output<typeof planStepDraft>;

export const planGuardNote = z.object({
  metric: z.string(),
  name: z.string(),
  /** "Rolls back when proven more than 2× stable's; must be proven below it before 25 %." */
  text: z.string(),
});

/** One way to go live, with the plan that the environment gives for it. */
export const strategyChoice = z.object({
  name: z.enum(STRATEGIES),
  label: z.string(),
  explanation: z.string(),
  wayBack: z.string(),
  /** Why it may not be chosen here; null when it may. */
  closedBecause: z.string().nullable(),
  plan: z.record(z.string(), z.unknown()),
  steps: z.array(planStepDraft),
  guards: z.array(planGuardNote),
  /** What the plan's error guard can find at this endpoint's own traffic; null where nothing can be told. */
  power: z
    .object({
      requestsPerSecond: z.number(),
      baseRate: z.number(),
      detections: z.array(z.object({ ratio: z.number(), seconds: z.number().nullable(), badAnswers: z.number().nullable() })),
      safeSeconds: z.number().nullable(),
    })
    .nullable(),
});
export type StrategyChoice = z.output<typeof strategyChoice>;

export const endpointChoice = z.object({
  endpointId: z.string(),
  name: z.string(),
  environmentName: z.string(),
  modelName: z.string(),
  /** Null: nothing is live; the first deployment is made on the endpoint's own page. */
  stableVersionName: z.string().nullable(),
  /** Number of the release that has not ended here; a second one must wait. */
  openReleaseNumber: count.nullable(),
});
export type EndpointChoice = z.output<typeof endpointChoice>;

export const newReleaseView = z.object({
  asOf: instant,
  endpoints: z.array(endpointChoice),
  /** Detail of the chosen endpoint; null until one is chosen. */
  chosen: z
    .object({
      endpointId: z.string(),
      candidates: z.array(candidateChoice),
      strategies: z.array(strategyChoice),
      /** The whole plan that the environment's policy gives, as `POST /api/v1/releases` takes it back with changed steps. */
      plan: z.record(z.string(), z.unknown()),
      /** Its steps; the form may change them within the bounds. */
      steps: z.array(planStepDraft),
      guards: z.array(planGuardNote),
      bakeSeconds: z.number().int().min(0),
      exposureCapBp: basisPoints,
      approvalsRequired: count,
      approverRoles: z.array(z.string()),
      /** Roles of which each must sign. */
      rolesNeeded: z.array(z.string()),
      /** Requests a second the endpoint served over the last 10 min; for the estimate of how long it takes. */
      requestsPerSecond: z.number().nonnegative().nullable(),
    })
    .nullable(),
  mayCreate: z.object({ open: z.boolean(), closedBecause: z.string().nullable() }),
});
export type NewReleaseView = z.output<typeof newReleaseView>;
