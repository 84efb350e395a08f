import type { OidcRoleRule } from "#lib/domain/access/oidc-roles.ts";
import type { SessionLimits } from "#lib/domain/access/session-rules.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import { newId } from "../new-id.ts";
import { followGroups } from "../people/follow-groups.ts";
import { type AuditDraft, type CallContext, type UnitOfWork, systemActor } from "../ports.ts";
import type { Store } from "../store.ts";
import { personActor, personTarget } from "./actors.ts";
import { type StartedSession, startSession } from "./start-session.ts";

/** What the identity provider vouches for. */
export type OidcIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly groups: readonly string[];
  /** When they last typed a password or used a key there, in seconds since 1970; null when the provider does not say. */
  readonly authTime?: number | null;
};

/** How long ago somebody may have proved themselves at the provider for it to count as now. */
const AGAIN_SECONDS = 60;

/**
 * Signs in somebody the identity provider vouches for; the first time makes them known here. Their roles named in the rules follow their groups
 * at each sign-in; roles given here beside them stay. Throws `forbidden` for a disabled account, or without an address to know them by.
 */
export async function signInWithOidc(
  { store, limits, rules }: { readonly store: Store; readonly limits: SessionLimits; readonly rules: readonly OidcRoleRule[] },
  identity: OidcIdentity,
  context: CallContext,
): Promise<StartedSession> {
  const outcome = await store.write(async ({ uow, now, appendAudit }) => {
    const { person, drafts } = await findOrCreate(uow, identity);
    const provider = systemActor("Single sign-on", context);
    if (person === null || person.disabledAt !== null) {
      const denied: AuditDraft = {
        action: "signin.failed",
        outcome: "denied",
        targets: person === null ? [] : [personTarget(person)],
        after: { method: "oidc", why: person === null ? "no_verified_email" : "disabled" },
      };
      await appendAudit({ drafts: [denied], actor: provider, context, forceCheckpoint: false });
      return null;
    }
    // A directory may tell the groups beside the token, or in its place.
    const groups = [...new Set([...identity.groups, ...(await uow.directory.groupNamesOf(person.id))])];
    const roleDrafts = await followGroups(uow, person, rules, groups);
    const { session, draft } = await startSession(uow, person, isProvedNow(identity, now) ? "oidc_again" : "oidc", { now, limits, context });
    const changes = [...drafts, ...roleDrafts].map((one) => ({ ...one, actor: auditActor }));
    await appendAudit({
      drafts: [draft, ...changes],
      actor: personActor(person, "oidc", session.sessionId, context),
      context,
      forceCheckpoint: false,
    });
    return session;
  });
  if (outcome !== null) return outcome;
  throw new AppError("forbidden", "Your sign-on was accepted, but there is no account for you here.", {
    hint: "Ask an administrator of this installation.",
  });
}

const isProvedNow = ({ authTime = null }: OidcIdentity, now: Date): boolean =>
  authTime !== null && Math.abs(now.getTime() / 1000 - authTime) <= AGAIN_SECONDS;

const auditActor = { type: "system", id: "oidc", name: "Single sign-on", authMethod: null } as const;

async function findOrCreate(
  tx: UnitOfWork,
  identity: OidcIdentity,
): Promise<{ readonly person: PersonRecord | null; readonly drafts: readonly AuditDraft[] }> {
  const personId = `${identity.issuer}#${identity.subject}`;
  const known = await tx.people.findPersonByPersonId(personId);
  if (known !== null) return { person: known, drafts: [] };
  // An address nobody has verified could be anybody's.
  if (identity.email === null || !identity.emailVerified) return { person: null, drafts: [] };

  const sameAddress = await tx.people.findPersonByEmail(identity.email);
  if (sameAddress !== null) {
    // Linked to another subject already: a second subject with the same address is another human being.
    if (sameAddress.personId !== sameAddress.id) return { person: null, drafts: [] };
    await tx.people.updatePerson(sameAddress.id, { personId });
    const draft: AuditDraft = {
      action: "user.updated",
      targets: [personTarget(sameAddress)],
      before: { personId: sameAddress.personId },
      after: { personId },
    };
    return { person: { ...sameAddress, personId }, drafts: [draft] };
  }
  const id = newId();
  const name = (identity.name ?? identity.email).slice(0, 120);
  await tx.people.insertPerson({ id, email: identity.email, name, personId, passwordHash: null, demo: false });
  const person = await tx.people.getPerson(id);
  const draft: AuditDraft = {
    action: "user.created",
    targets: [personTarget(person)],
    after: { name, email: person.email, by: "oidc" },
  };
  return { person, drafts: [draft] };
}
