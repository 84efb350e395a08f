/**
 * What a release has to be approved by: how many people, in which roles, and what happens where there are too few of them. Fixed when the
 * release is submitted; a later change of policy, tier or people does not change it.
 */

/** As the environment's policy says it for one risk tier. */
export type ApprovalRule = {
  readonly approvals: number;
  /** Roles whose approvals count. */
  readonly roles: readonly string[];
  /** Roles of which each must be among the approvals, by a person of its own. */
  readonly eachOf: readonly string[];
};

/** Somebody who could approve, with the roles they hold or are delegated where the release goes. */
export type PossibleApprover = { readonly personId: string; readonly roles: readonly string[] };

/** Set where the rule asks for more independent people than there are, and small-team mode lets the authors count. */
export type SmallTeam = {
  /** Independent people that the rule asks for. */
  readonly required: number;
  /** Independent people there are. */
  readonly independent: number;
};

export type ApprovalTerms = {
  readonly approvalsNeeded: number;
  readonly approverRoles: readonly string[];
  readonly rolesNeeded: readonly string[];
  readonly smallTeam: SmallTeam | null;
};

export type TermsQuestion = {
  readonly rule: ApprovalRule;
  /** Distinct people; accounts of one human being are one. */
  readonly people: readonly PossibleApprover[];
  readonly isSmallTeam: boolean;
  readonly authorId: string;
  readonly candidateAuthorId: string;
};

/**
 * The greatest number of seats that different people can fill, each seat by one role. Seats without a role of their own take anybody who holds
 * one of `roles`. An augmenting-path matching: exact, and small enough for any organisation.
 */
export function seatsThatCanBeFilled(rule: Pick<ApprovalRule, "approvals" | "roles" | "eachOf">, people: readonly PossibleApprover[]): number {
  const seats: readonly (readonly string[])[] = [...rule.eachOf.map((role) => [role]), ...Array.from({ length: Math.max(0, rule.approvals - rule.eachOf.length) }, () => rule.roles)];
  const seatOf = new Map<number, number>();
  const tryFill = (seat: number, seen: Set<number>): boolean => {
    for (const [index, person] of people.entries()) {
      if (seen.has(index) || !(seats[seat] ?? []).some((role) => person.roles.includes(role))) continue;
      seen.add(index);
      const taken = seatOf.get(index);
      if (taken === undefined || tryFill(taken, seen)) {
        seatOf.set(index, seat);
        return true;
      }
    }
    return false;
  };
  return seats.filter((_, seat) => tryFill(seat, new Set())).length;
}

/**
 * The terms of one release. Where there are enough independent people, or small-team mode is off, the rule itself. Else as many signatures as
 * there are people, authors among them, with the shortfall written down: the terms never say that independence was met.
 */
export function approvalTerms({ rule, people, isSmallTeam, authorId, candidateAuthorId }: TermsQuestion): ApprovalTerms {
  const needed = Math.max(rule.approvals, rule.eachOf.length);
  const asAsked: ApprovalTerms = { approvalsNeeded: needed, approverRoles: rule.roles, rolesNeeded: rule.eachOf, smallTeam: null };
  const full = { approvals: needed, roles: rule.roles, eachOf: rule.eachOf };
  const independent = seatsThatCanBeFilled(full, people.filter(({ personId }) => personId !== authorId && personId !== candidateAuthorId));
  if (!isSmallTeam || needed === 0 || independent >= needed) return asAsked;
  // Which seats stay empty is nobody's choice: roles fall away, the count goes down to the people there are, and never below one.
  const canBeMetByAll = seatsThatCanBeFilled(full, people) === needed;
  return {
    approvalsNeeded: canBeMetByAll ? needed : Math.max(1, seatsThatCanBeFilled({ ...full, eachOf: [] }, people)),
    approverRoles: rule.roles,
    rolesNeeded: canBeMetByAll ? rule.eachOf : [],
    smallTeam: { required: needed, independent },
  };
}

const people = (count: number): string => (count === 1 ? "1 independent person" : `${count} independent people`);

/** The one sentence that stands on approval, release page and manifest. */
export const independenceSentence = ({ required, independent }: SmallTeam): string =>
  `Independence not met: the policy asks for ${people(required)} and there ${independent === 1 ? "is" : "are"} ${independent === 0 ? "none" : independent}. Small-team mode let the release go on with the people there are.`;
