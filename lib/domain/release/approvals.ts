import type { Approval, Release } from "./release.ts";

/** Whether this person made neither the release nor its candidate. */
export const isIndependent = ({ authorId, candidateAuthorId }: Pick<Release, "authorId" | "candidateAuthorId">, personId: string): boolean =>
  personId !== authorId && personId !== candidateAuthorId;

/** Whether this person may approve this release at all: an independent one, or an author where a small team has nobody else and the release says so. */
export const mayApprove = (release: Release, personId: string): boolean => isIndependent(release, personId) || (release.smallTeam ?? null) !== null;

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
  /** Roles that must be among the approvals and are not yet. */
  readonly missingRoles: readonly string[];
};

/** How far the quorum is. `voided` are approvals that were given to another digest. */
export function approvalsComplete(release: Release): ApprovalCount {
  const valid = validApprovals(release);
  const have = valid.length;
  const missingRoles = (release.rolesNeeded ?? []).filter((role) => !valid.some((approval) => approval.role === role));
  const voided = release.approvals.filter((approval) => approval.digest !== release.digest).length;
  return {
    have,
    need: release.approvalsNeeded,
    isComplete: have >= release.approvalsNeeded && missingRoles.length === 0,
    voided,
    missingRoles,
  };
}
