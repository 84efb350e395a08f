import { passwordProblem } from "#lib/domain/access/password-rules.ts";
import { AppError } from "#lib/domain/errors.ts";
import { newId } from "../new-id.ts";
import { assignRoles } from "../people/assign-roles.ts";
import type { CallContext } from "../ports.ts";
import type { Store } from "../store.ts";
import { personActor, personTarget, unknownActor } from "./actors.ts";
import type { Passwords } from "./passwords.ts";
import { secretHash } from "./secrets.ts";
import { linkSpent } from "./sign-in.ts";

type Dependencies = { readonly store: Store; readonly passwords: Passwords };

function refuseWeak(password: string, own: readonly string[]): void {
  const problem = passwordProblem(password, own);
  if (problem === null) return;
  throw new AppError("invalid_input", problem, { errors: [{ pointer: "/password", message: problem }] });
}

/** What an unspent link is for and whose it is, for the page it leads to. Looking does not use it up. */
export async function inspectLink(
  store: Store,
  secret: string,
): Promise<{ readonly purpose: "sign_in" | "first_administrator" | "invitation"; readonly name: string | null }> {
  return store.read(async (db) => {
    const link = await db.links.findLink(secretHash(secret), await db.clock.databaseNow());
    if (link === null) throw linkSpent();
    const person = link.userId === null ? null : await db.people.findPerson(link.userId);
    return { purpose: link.purpose, name: person?.name ?? null };
  });
}

/** An invited person chooses a password, or somebody who forgot theirs another one. All their sessions end. Answers the address to sign in with. */
export async function acceptInvitation(
  { store, passwords }: Dependencies,
  given: { readonly token: string; readonly password: string },
  context: CallContext,
): Promise<{ readonly email: string }> {
  const tokenHash = secretHash(given.token);
  const invited = await store.read(async (db) => {
    const link = await db.links.findLink(tokenHash, await db.clock.databaseNow());
    return link?.purpose === "invitation" && link.userId !== null ? db.people.findPerson(link.userId) : null;
  });
  if (invited === null || invited.disabledAt !== null) throw linkSpent();
  refuseWeak(given.password, [invited.name, invited.email]);
  const passwordHash = await passwords.hash(given.password);

  return store.write(async ({ uow, now, appendAudit }) => {
    if ((await uow.links.spendLink(tokenHash, ["invitation"], now)) === null) throw linkSpent();
    const person = await uow.people.getPerson(invited.id);
    await uow.people.updatePerson(person.id, { passwordHash });
    const sessionsEnded = await uow.sessions.revokeSessionsOf(person.id, now);
    const actor = personActor(person, "one_time_link", null, context);
    const draft = {
      action: "user.password_changed",
      targets: [personTarget(person)],
      after: { by: "invitation", sessionsEnded },
    } as const;
    await appendAudit({ drafts: [draft], actor, context, forceCheckpoint: false });
    return { email: person.email };
  });
}

/**
 * The first person of an installation. Administers, and builds, because somebody has to begin; approving is for those whom they invite.
 * Works once: as soon as anybody administers, the link is worthless.
 */
export async function createFirstAdministrator(
  { store, passwords }: Dependencies,
  given: { readonly token: string; readonly name: string; readonly email: string; readonly password: string },
  context: CallContext,
): Promise<{ readonly email: string }> {
  const tokenHash = secretHash(given.token);
  const isOpen = await store.read(async (db) => {
    const link = await db.links.findLink(tokenHash, await db.clock.databaseNow());
    return link?.purpose === "first_administrator" && !(await db.people.hasAdministrator());
  });
  if (!isOpen) throw linkSpent();
  refuseWeak(given.password, [given.name, given.email]);
  const passwordHash = await passwords.hash(given.password);

  return store.write(async ({ uow, now, appendAudit }) => {
    const link = await uow.links.spendLink(tokenHash, ["first_administrator"], now);
    if (link === null || (await uow.people.hasAdministrator())) throw linkSpent();
    const id = newId();
    const person = { id, name: given.name, email: given.email };
    await uow.people.insertPerson({ ...person, personId: id, passwordHash, demo: false });
    const roles = (["admin", "engineer"] as const).map((role) => ({ role, environment: null }));
    const grants = await assignRoles(uow, person, roles, { userId: null, pointer: "" });
    const created = {
      action: "user.created",
      targets: [personTarget(person)],
      after: { name: person.name, email: person.email, by: "first_administrator" },
    } as const;
    await appendAudit({
      drafts: [created, ...grants],
      actor: { ...unknownActor(context), id, name: person.name, authMethod: "one_time_link" },
      context,
      forceCheckpoint: true,
    });
    return { email: person.email };
  });
}
