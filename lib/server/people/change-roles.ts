import { z } from "zod";
import { grantRoleBody } from "#lib/contracts/people-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { personTarget } from "../auth/actors.ts";
import { command } from "../command.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import type { Actor, UnitOfWork } from "../ports.ts";
import { assignRoles } from "./assign-roles.ts";

const personId = z.uuid();

async function locatePerson({ tx, input }: { tx: UnitOfWork; input: { personId: string } }) {
  const person = await tx.people.getPerson(input.personId);
  return { environmentId: null, targets: [personTarget(person)], person };
}

/** Nobody changes their own rights, under whichever account of theirs. */
function refuseSelf(actor: Actor, person: PersonRecord): void {
  if (actor.personId === null || actor.personId !== person.personId) return;
  throw new AppError("self_grant", "Nobody changes their own roles.", { hint: "Ask another administrator." });
}

/** Somebody must be left who can let people in. */
async function keepAnAdministrator(tx: UnitOfWork, person: PersonRecord): Promise<void> {
  const administers = person.grants.some((grant) => grant.role === "admin" && grant.environmentId === null);
  if (!administers || (await tx.people.countOtherAdministrators(person.id)) > 0) return;
  throw new AppError("conflict", `${person.name} is the last administrator.`, {
    hint: "Make somebody else an administrator first.",
  });
}

export const grantRole = command({
  name: "grant-role",
  permission: "person:grant",
  input: grantRoleBody.extend({ personId }),
  locate: locatePerson,
  async run({ tx, actor, input, located: { person } }) {
    refuseSelf(actor, person);
    const has = person.grants.some(
      (grant) => grant.role === input.role && grant.environmentName === input.environment,
    );
    if (has) throw new AppError("already_exists", `${person.name} has this role already.`);
    const [draft] = await assignRoles(tx, person, [input], { userId: actor.userId, pointer: "/environment" });
    if (draft === undefined) throw new Error("No role was given.");
    return { result: await tx.people.getPerson(person.id), audit: draft };
  },
});

export const revokeRole = command({
  name: "revoke-role",
  permission: "person:grant",
  input: z.strictObject({ personId, grantId: z.uuid() }),
  locate: locatePerson,
  async run({ tx, actor, input, located: { person, targets } }) {
    refuseSelf(actor, person);
    const grant = person.grants.find(({ id }) => id === input.grantId);
    if (grant === undefined) throw notFound();
    if (grant.role === "admin" && grant.environmentId === null) await keepAnAdministrator(tx, person);
    await tx.people.deleteGrant(grant.id);
    return {
      result: await tx.people.getPerson(person.id),
      audit: {
        action: "role.revoked",
        targets,
        before: { role: grant.role, environment: grant.environmentName },
      },
    };
  },
});

/** Their sessions and tokens end with the next request. What they signed stays. */
export const disablePerson = command({
  name: "disable-person",
  permission: "person:disable",
  input: z.strictObject({ personId, reason: z.string().max(2000).optional() }),
  locate: locatePerson,
  async run({ tx, actor, input, now, located: { person, targets } }) {
    refuseSelf(actor, person);
    if (person.disabledAt !== null) throw new AppError("conflict", `${person.name} is disabled already.`);
    await keepAnAdministrator(tx, person);
    await tx.people.setDisabled(person.id, now);
    const sessionsEnded = await tx.sessions.revokeSessionsOf(person.id, now);
    return {
      result: await tx.people.getPerson(person.id),
      audit: { action: "user.disabled", targets, reason: input.reason ?? null, after: { sessionsEnded } },
    };
  },
});

export const enablePerson = command({
  name: "enable-person",
  permission: "person:disable",
  input: z.strictObject({ personId }),
  locate: locatePerson,
  async run({ tx, actor, located: { person, targets } }) {
    refuseSelf(actor, person);
    if (person.disabledAt === null) throw new AppError("conflict", `${person.name} is not disabled.`);
    await tx.people.setDisabled(person.id, null);
    return { result: await tx.people.getPerson(person.id), audit: { action: "user.enabled", targets } };
  },
});
