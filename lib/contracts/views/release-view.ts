import { z } from "zod";
import type { EndedBy } from "#lib/domain/release/wait-reason.ts";
import { approvalMeanings } from "../release-api.ts";
import { guardView, predictionsView } from "./guard-view.ts";
import {
  approvalView,
  bakeView,
  changesView,
  checklistPhaseView,
  logView,
  rollbackInfo,
  stepView,
  stopwatchView,
  trafficView,
} from "./release-parts.ts";
import { strategyView } from "./strategy-view.ts";
import { holdReason, releaseState } from "./release-vocabulary.ts";
import {
  actionAvailability,
  actorRef,
  basisPoints,
  count,
  instant,
  versionRef,
} from "./view-parts.ts";

/** GET /api/v1/views/releases/{number}: exactly what the release page shows. */

const ENDED_BY = [
  "author",
  "approver",
  "time",
  "traffic",
  "labels",
  "runtime",
  "engineer",
  "nobody",
] as const satisfies readonly EndedBy[];

export const waitView = z.object({
  /** Code of the wait reason that the sentence was made from. */
  code: z.string(),
  endedBy: z.enum(ENDED_BY),
  /** When it ends by itself, known or expected at the present rate; null when that cannot be told. */
  endsAt: instant.nullable(),
  /** When the controller looks again. */
  nextCheckAt: instant.nullable(),
});
export type WaitView = z.output<typeof waitView>;

/** Once decided, the guards stand as they stood in the decision's stored counts. */
export const decidedView = z.object({
  decisionId: z.string(),
  at: instant,
  /** sha256 of the stored counts: `slipway release explain` computes the guards from them again. */
  countsSha256: z.string(),
  /** "As they stood when ...", for the heading of the guards. */
  text: z.string(),
  /** What arrived afterwards and what it would have said; null when nothing arrived. */
  later: z.string().nullable(),
});
export type DecidedView = z.output<typeof decidedView>;

export const releaseActions = z.object({
  submit: actionAvailability,
  start: actionAvailability,
  approve: actionAvailability,
  reject: actionAvailability,
  hold: actionAvailability,
  resume: actionAvailability,
  promote: actionAvailability,
  passGate: actionAvailability,
  rollback: actionAvailability,
  cancel: actionAvailability,
  deprecate: actionAvailability,
  changePlan: actionAvailability,
  /** Write the reason that an emergency roll back still owes. */
  completeReason: actionAvailability,
});
export type ReleaseActions = z.output<typeof releaseActions>;
export type ReleaseActionName = keyof ReleaseActions;

export const releaseView = z.object({
  /** Database time of this read. */
  asOf: instant,
  releaseId: z.string(),
  number: count,
  /** Sent back as If-Match by every act. */
  rowVersion: count,
  demo: z.boolean(),
  endpointName: z.string(),
  environmentName: z.string(),
  riskTier: z.string(),
  strategy: z.string(),
  candidate: versionRef,
  stable: versionRef,
  state: releaseState,
  holdReason: holdReason.nullable(),
  stateSince: instant,
  stepIndex: count,
  /** Weight the candidate has by the newest route table. */
  weightBp: basisPoints,
  author: actorRef,
  createdAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** True until a terminal state. */
  open: z.boolean(),
  /** lib/domain/release/sentence.ts: what is live at what weight, why it waits, what ends the wait. */
  sentence: z.string(),
  wait: waitView.nullable(),
  planDigest: z.string(),
  policyName: z.string(),
  steps: z.array(stepView),
  bake: bakeView,
  /** Start of the evidence; null before step 1. */
  evidenceSince: instant.nullable(),
  /** How the verdict is computed, in a few plain sentences with this plan's numbers. */
  howItDecides: z.array(z.string()),
  byStrategy: strategyView,
  /** The whole plan, as `POST /api/v1/releases/{id}/plan` takes it back before the start. */
  plan: z.record(z.string(), z.unknown()),
  /** Other endpoints that serve the same model: this release does not move them. */
  dependents: z.array(z.object({ endpointName: z.string(), environmentName: z.string(), versionName: z.string() })),
  /** What differs from the plan that the environment gives for this strategy, one line each. */
  planDifferences: z.array(z.object({ place: z.string(), usual: z.string(), here: z.string() })),
  /** Null while the comparison goes on. */
  decided: decidedView.nullable(),
  /** Worst first. */
  guards: z.array(guardView),
  predictions: predictionsView.nullable(),
  traffic: trafficView.nullable(),
  approvals: z.object({
    required: count,
    given: count,
    /** Roles of which each must be among the approvals. */
    rolesNeeded: z.array(z.string()),
    /** "Independence not met: ..." where a small team let its authors count; null otherwise. */
    independence: z.string().nullable(),
    /** Null while DRAFT. */
    boundDigest: z.string().nullable(),
    /** Meanings the viewer may sign with. */
    meanings: z.array(z.object({ code: z.enum(approvalMeanings), text: z.string() })),
    expiresAt: instant.nullable(),
    rows: z.array(approvalView),
  }),
  checklist: z.object({ met: count, total: count, phases: z.array(checklistPhaseView) }),
  changes: changesView,
  log: logView,
  actions: releaseActions,
  rollback: rollbackInfo,
  stopwatch: stopwatchView.nullable(),
});
export type ReleaseView = z.output<typeof releaseView>;
