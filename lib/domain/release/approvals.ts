import type { Approval, Release } from "./release.ts";

/** Whether this person may approve this release at all: neither its author nor the candidate's. */
export function mayApprove(release: Release, personId: string): boolean {
  return personId !== release.authorId && personId !== release.candidateAuthorId;
}

/** The approvals that count: of the present digest, by distinct other people in an allowed role. The first of each. */
export function validApprovals(release: Release): Approval[] {
  const seen = new Set<string>();
  return release.approvals.filter((approval) => {
    const isAllowedRole =
      release.approverRoles.length === 0 || release.approverRoles.includes(approval.role);
    const counts =
      approval.digest === release.digest && mayApprove(release, approval.personId) && isAllowedRole;
    if (!counts || seen.has(approval.personId)) return false;
    seen.add(approval.personId);
    return true;
  });
}

export type ApprovalCount = {
  readonly have: number;
  readonly need: number;
  readonly isComplete: boolean;
  readonly voided: number;
};

/** How far the quorum is. `voided` are approvals that were given to another digest. */
export function approvalsComplete(release: Release): ApprovalCount {
  const have = validApprovals(release).length;
  const voided = release.approvals.filter((approval) => approval.digest !== release.digest).length;
  return {
    have,
    need: release.approvalsNeeded,
    isComplete: have >= release.approvalsNeeded,
    voided,
  };
}
