import { approvalRule } from "#lib/contracts/environment-policy.ts";
import { approvalTerms, type ApprovalTerms, type PossibleApprover } from "#lib/domain/release/approval-terms.ts";
import { allows } from "#lib/domain/access/permissions.ts";
import type { Release } from "#lib/domain/release/release.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import type { UnitOfWork } from "../ports.ts";

/** Roles that an able person holds there, if they may approve there at all. */
function rolesOf(person: PersonRecord, environmentId: string): string[] {
  if (person.disabledAt !== null || person.kind !== "person") return [];
  if (!allows({ roles: person.grants, scopes: null }, "release:approve", environmentId)) return [];
  return person.grants.filter((grant) => grant.environmentId === null || grant.environmentId === environmentId).map(({ role }) => role);
}

/** Everybody who could approve in this environment at this moment; the accounts of one human being are one, delegated roles count. */
async function possibleApprovers(tx: UnitOfWork, environmentId: string, now: Date): Promise<PossibleApprover[]> {
  const people = await tx.people.listPeople();
  const delegated = await tx.signatures.delegations({ at: now });
  const byPerson = new Map<string, Set<string>>();
  for (const person of people) {
    const roles = byPerson.get(person.personId) ?? new Set<string>();
    const own = rolesOf(person, environmentId);
    for (const role of own) roles.add(role);
    if (own.length > 0) for (const { toUserId, role } of delegated) if (toUserId === person.id) roles.add(role);
    byPerson.set(person.personId, roles);
  }
  return [...byPerson].filter(([, roles]) => roles.size > 0).map(([personId, roles]) => ({ personId, roles: [...roles] }));
}

type Authors = Pick<Release, "authorId" | "candidateAuthorId">;

/** What a release has to be approved by, from the policy, the model's tier, the people and the signing rules as they are now. */
export async function termsFor(tx: UnitOfWork, endpoint: Pick<EndpointRecord, "environment">, riskTier: string, authors: Authors, now: Date): Promise<ApprovalTerms> {
  const { environment } = endpoint;
  const { smallTeam } = await tx.signatures.signingRules();
  return approvalTerms({
    rule: approvalRule(environment.policy, riskTier),
    people: smallTeam ? await possibleApprovers(tx, environment.id, now) : [],
    isSmallTeam: smallTeam,
    authorId: authors.authorId,
    candidateAuthorId: authors.candidateAuthorId,
  });
}
