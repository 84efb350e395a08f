import { approvalsComplete } from "./approvals.ts";
import type { Observation } from "./observation.ts";
import type { Refusal } from "./refusal.ts";
import type { Release } from "./release.ts";
import type { WaitReason } from "./wait-reason.ts";

export type StartRefusal = Refusal & { readonly wait: WaitReason };

/** What keeps an approved release from starting; null when nothing does. The same for a person and for the plan. */
export function startRefusal(release: Release, observation: Observation): StartRefusal | null {
  const { endpoint, checklistOpen, freeze } = observation;
  const approvals = approvalsComplete(release);
  if (!approvals.isComplete) {
    return {
      code: "approvals_missing",
      message: `${approvals.have} of ${approvals.need} approvals are valid for this plan and evidence.${approvals.missingRoles.length === 0 ? "" : ` Missing: ${approvals.missingRoles.join(", ")}.`}`,
      wait: { code: "awaiting_approval", have: approvals.have, need: approvals.need, missingRoles: approvals.missingRoles },
    };
  }
  if (checklistOpen.length > 0) {
    return {
      code: "checklist_open",
      message: `The checklist is open: ${checklistOpen.join(", ")}.`,
      wait: { code: "checklist_open", items: checklistOpen },
    };
  }
  if (endpoint.activeReleaseId !== null && endpoint.activeReleaseId !== release.id) {
    return {
      code: "endpoint_busy",
      message: "Another release of this endpoint is not over.",
      wait: { code: "endpoint_busy", releaseId: endpoint.activeReleaseId },
    };
  }
  if (endpoint.stableVersionId !== release.stableVersionId) {
    return {
      code: "stable_changed",
      message: "The endpoint serves another version than the one this release was made to replace.",
      wait: { code: "stable_changed", stableVersionId: endpoint.stableVersionId },
    };
  }
  if (freeze !== null) {
    return {
      code: "change_freeze",
      message: `Change freeze "${freeze.name}".`,
      wait: { code: "change_freeze", name: freeze.name, untilMs: freeze.untilMs },
    };
  }
  return null;
}
