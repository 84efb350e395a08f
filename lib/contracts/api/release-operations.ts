import { z } from "zod";
import { operation, type Operation } from "#lib/contracts/operation.ts";
import {
  approveReleaseBody,
  cancelReleaseBody,
  changePlanBody,
  completeRollbackReasonBody,
  createReleaseBody,
  deprecateReleaseBody,
  holdReleaseBody,
  passGateBody,
  promoteReleaseBody,
  rejectReleaseBody,
  resumeReleaseBody,
  rollbackReleaseBody,
  startReleaseBody,
} from "#lib/contracts/release-api.ts";
import { releaseListView } from "#lib/contracts/views/release-list-view.ts";
import { releaseListGroups } from "#lib/contracts/views/release-list-view.ts";
import { drillListQuery, drillListView } from "#lib/contracts/views/drill-list-view.ts";
import { releaseState } from "#lib/contracts/views/release-vocabulary.ts";
import { dryRunView } from "#lib/contracts/views/dry-run-view.ts";
import { releaseView } from "#lib/contracts/views/release-view.ts";

const none = z.strictObject({});
const byId = z.strictObject({ releaseId: z.uuid() });

/** Where a release stands after an act. `rowVersion` goes into the next If-Match. */
export const releaseStanding = z.object({
  id: z.string(),
  number: z.number().int(),
  state: releaseState,
  rowVersion: z.number().int(),
});

export const createRelease = operation({
  name: "createRelease",
  method: "POST",
  path: "/api/v1/releases",
  summary: "Plan to move an endpoint to a version, and ask for approval",
  permission: "release:create",
  params: none,
  query: none,
  body: createReleaseBody,
  response: z.object({ id: z.string(), number: z.number().int(), state: releaseState }),
  status: 201,
});

export const dryRunRelease = operation({
  name: "dryRunRelease",
  method: "POST",
  path: "/api/v1/releases/dry-run",
  summary: "What would happen if this release were made now; nothing is kept",
  permission: "release:create",
  params: none,
  query: none,
  body: createReleaseBody,
  response: dryRunView,
  status: 200,
});

export const listReleases = operation({
  name: "listReleases",
  method: "GET",
  path: "/api/v1/releases",
  summary: "Releases, newest first",
  permission: "release:read",
  params: none,
  query: z.strictObject({
    q: z.string().max(120).default(""),
    group: z.enum(releaseListGroups).nullable().default(null),
    environment: z.string().max(64).nullable().default(null),
    cursor: z.string().max(256).nullable().default(null),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  body: null,
  response: releaseListView,
  status: 200,
});

export const getRelease = operation({
  name: "getRelease",
  method: "GET",
  path: "/api/v1/releases/{releaseId}",
  summary: "One release whole, by its number or its id",
  permission: "release:read",
  params: z.strictObject({ releaseId: z.union([z.uuid(), z.string().regex(/^[1-9][0-9]{0,8}$/)]) }),
  query: none,
  body: null,
  response: releaseView,
  status: 200,
});

/** Decisions with the bytes they were made from: what `slipway release explain` computes again. */
export const decisionExport = z.object({
  format: z.literal("slipway.decisions/1"),
  releaseId: z.string(),
  number: z.number().int(),
  plan: z.unknown(),
  decisions: z.array(
    z.object({
      id: z.string(),
      at: z.string(),
      from: z.string(),
      to: z.string(),
      verdict: z.string(),
      sentence: z.string(),
      engineVersion: z.string(),
      /** Canonical JSON of the counts, exactly as stored. */
      counts: z.string(),
      countsSha256: z.string(),
      report: z.unknown(),
    }),
  ),
});
export type DecisionExport = z.output<typeof decisionExport>;

export const readDecisions = operation({
  name: "readDecisions",
  method: "GET",
  path: "/api/v1/releases/{releaseId}/decisions",
  summary: "Every decision of a release with the counts it was made from, to be computed again",
  permission: "release:read",
  params: z.strictObject({ releaseId: z.union([z.uuid(), z.string().regex(/^[1-9][0-9]{0,8}$/)]) }),
  query: none,
  body: null,
  response: decisionExport,
  status: 200,
});

export const listDrills = operation({
  name: "listDrills",
  method: "GET",
  path: "/api/v1/drills",
  summary: "Rollback drills, newest first",
  permission: "release:read",
  params: none,
  query: drillListQuery,
  body: null,
  response: drillListView,
  status: 200,
});

const act = <const B extends z.ZodType, const N extends string, const P extends Operation["permission"], const V extends string>(
  name: N,
  verb: V,
  summary: string,
  permission: P,
  body: B,
) =>
  operation({
    name,
    method: "POST",
    path: `/api/v1/releases/{releaseId}/${verb}`,
    summary,
    permission,
    params: byId,
    query: none,
    body,
    response: releaseStanding,
    status: 200,
  });

export const submitRelease = act("submitRelease", "submit", "Ask for approval of a draft", "release:create", startReleaseBody);
export const approveRelease = act("approveRelease", "approve", "Sign for the plan and evidence of this digest", "release:approve", approveReleaseBody);
export const rejectRelease = act("rejectRelease", "reject", "Refuse, with a reason", "release:reject", rejectReleaseBody);
export const startRelease = act("startRelease", "start", "Start an approved release that waits for it", "release:start", startReleaseBody);
export const cancelRelease = act("cancelRelease", "cancel", "Withdraw a release that has not begun", "release:cancel", cancelReleaseBody);
export const holdRelease = act("holdRelease", "hold", "Stop moving; weights stay as they are", "release:hold", holdReleaseBody);
export const resumeRelease = act("resumeRelease", "resume", "Go on after a hold", "release:resume", resumeReleaseBody);
export const passGate = act("passGate", "pass-gate", "Let the release through its gate", "release:promote", passGateBody);
export const deprecateRelease = act("deprecateRelease", "deprecate", "End a challenger after mirroring: its copy of the traffic stops everywhere", "release:cancel", deprecateReleaseBody);
export const changePlan = act("changePlan", "plan", "Change the plan before the start; approvals given to the old one are void", "release:create", changePlanBody);
export const promoteRelease = act("promoteRelease", "promote", "Promote now by signed override, undecided guards included", "release:override", promoteReleaseBody);
export const rollbackRelease = act("rollbackRelease", "rollback", "Send all traffic back to stable at once", "release:rollback", rollbackReleaseBody);
export const completeRollbackReason = act("completeRollbackReason", "reason", "Write the reason an emergency roll back still owes", "release:rollback", completeRollbackReasonBody);
