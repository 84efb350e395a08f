import { bumpDesiredRevision } from "./desired-state.ts";
import { type Grant, isPersonRole } from "#lib/domain/access/permissions.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type PersonGrant = Grant & {
  readonly id: string;
  readonly environmentName: string | null;
  readonly grantedAt: Date;
};

export type PersonRecord = {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** The same for all accounts of one human being. */
  readonly personId: string;
  readonly timeZone: string;
  readonly demo: boolean;
  readonly hasPassword: boolean;
  /** A program's account signs in by tokens only. */
  readonly kind: "person" | "service";
  /** What the directory calls this one; null when it did not come from there. */
  readonly externalId: string | null;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  readonly grants: readonly PersonGrant[];
};

export const WITH_GRANTS = {
  roleGrants: { include: { environment: { select: { name: true } } }, orderBy: { grantedAt: "asc" } },
} as const satisfies Prisma.UserInclude;
type UserRow = Prisma.UserGetPayload<{ include: typeof WITH_GRANTS }>;

export function toPerson(row: UserRow): PersonRecord {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    personId: row.personId,
    timeZone: row.timeZone,
    demo: row.demo,
    hasPassword: row.passwordHash !== null,
    kind: row.kind === "service" ? "service" : "person",
    externalId: row.externalId,
    disabledAt: row.disabledAt,
    createdAt: row.createdAt,
    // A role that this program does not know gives nothing.
    grants: row.roleGrants.flatMap((grant) =>
      isPersonRole(grant.role)
        ? [
            {
              id: grant.id,
              role: grant.role,
              environmentId: grant.environmentId,
              environmentName: grant.environment?.name ?? null,
              grantedAt: grant.grantedAt,
            },
          ]
        : [],
    ),
  };
}

/** One spelling of an address, so that a person exists once. */
export const normalEmail = (email: string): string => email.trim().normalize("NFC").toLowerCase();

export async function findPerson(db: Db, id: string): Promise<PersonRecord | null> {
  const row = await db.user.findUnique({ where: { id }, include: WITH_GRANTS });
  return row ? toPerson(row) : null;
}

/** The accounts of these ids that are there, by id. */
export async function findPeople(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, PersonRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await db.user.findMany({ where: { id: { in: [...new Set(ids)] } }, include: WITH_GRANTS });
  return new Map(rows.map((row) => [row.id, toPerson(row)]));
}

export async function getPerson(db: Db, id: string): Promise<PersonRecord> {
  const person = await findPerson(db, id);
  if (person === null) throw notFound();
  return person;
}

export async function findPersonByEmail(db: Db, email: string): Promise<PersonRecord | null> {
  const row = await db.user.findUnique({ where: { email: normalEmail(email) }, include: WITH_GRANTS });
  return row ? toPerson(row) : null;
}

/** By the identity an OpenID provider gave: issuer and subject. */
export async function findPersonByPersonId(db: Db, personId: string): Promise<PersonRecord | null> {
  const row = await db.user.findFirst({ where: { personId }, include: WITH_GRANTS, orderBy: { createdAt: "asc" } });
  return row ? toPerson(row) : null;
}

/** The stored argon2id hash; null when there is none or no such person. Leaves this layer only to be verified. */
export async function passwordHashOf(db: Db, userId: string): Promise<string | null> {
  const row = await db.user.findUnique({ where: { id: userId }, select: { passwordHash: true } });
  return row?.passwordHash ?? null;
}

export async function insertPerson(
  db: Db,
  person: {
    readonly id: string;
    readonly email: string;
    readonly name: string;
    readonly personId: string;
    readonly passwordHash: string | null;
    readonly demo: boolean;
    readonly kind?: "person" | "service";
    readonly externalId?: string | null;
  },
): Promise<void> {
  await db.user.create({ data: { ...person, email: normalEmail(person.email) } });
}

/** False when somebody has this address already, also when they were made at the same moment. */
export async function insertPersonUnlessThere(db: Db, person: Parameters<typeof insertPerson>[1]): Promise<boolean> {
  return (await db.user.createMany({ data: [{ ...person, email: normalEmail(person.email) }], skipDuplicates: true })).count === 1;
}

export async function updatePerson(
  db: Db,
  id: string,
  change: { readonly name?: string; readonly timeZone?: string; readonly personId?: string; readonly passwordHash?: string; readonly email?: string; readonly externalId?: string | null },
): Promise<void> {
  await db.user.update({ where: { id }, data: { ...change, ...(change.email === undefined ? {} : { email: normalEmail(change.email) }) } });
}

export async function setDisabled(db: Db, id: string, disabledAt: Date | null): Promise<void> {
  await db.user.update({ where: { id }, data: { disabledAt } });
  // A token of theirs by which runtimes let callers choose a version goes, or comes back, with them.
  if ((await db.apiToken.count({ where: { userId: id, revokedAt: null, scopes: { has: "pin" } } })) > 0) await bumpDesiredRevision(db);
}

export async function insertGrant(
  db: Db,
  grant: {
    readonly id: string;
    readonly userId: string;
    readonly role: string;
    readonly environmentId: string | null;
    readonly grantedById: string | null;
  },
): Promise<void> {
  await db.roleGrant.create({ data: grant });
}

export async function deleteGrant(db: Db, id: string): Promise<void> {
  await db.roleGrant.delete({ where: { id } });
}

/**
 * How many able people administer the whole installation, beside this one. Locks the grants it counts,
 * so that two administrators cannot remove each other at the same moment.
 */
export async function countOtherAdministrators(db: Db, userId: string): Promise<number> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT g."userId" FROM "RoleGrant" g JOIN "User" u ON u."id" = g."userId"
    WHERE g."role" = 'admin' AND g."environmentId" IS NULL AND u."disabledAt" IS NULL
    ORDER BY g."id" FOR UPDATE OF g, u`;
  return new Set(rows.map((row) => row.userId).filter((id) => id !== userId)).size;
}

/** Does anybody administer this installation, able or not? */
export async function hasAdministrator(db: Db): Promise<boolean> {
  return (await db.roleGrant.count({ where: { role: "admin", environmentId: null } })) > 0;
}

/** Id of the able person with this address; null when there is none. */
export async function userIdByEmail(db: Db, email: string): Promise<string | null> {
  const row = await db.user.findFirst({
    where: { email: normalEmail(email), disabledAt: null },
    select: { id: true },
  });
  return row?.id ?? null;
}

/** Everybody with their last sign of life, by name. At most 1000. */
export async function listPeople(
  db: Db,
): Promise<readonly (PersonRecord & { readonly lastSeenAt: Date | null })[]> {
  const rows = await db.user.findMany({
    where: { kind: "person" },
    include: { ...WITH_GRANTS, sessions: { select: { lastSeenAt: true }, orderBy: { lastSeenAt: "desc" }, take: 1 } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 1000,
  });
  return rows.map((row) => ({ ...toPerson(row), lastSeenAt: row.sessions[0]?.lastSeenAt ?? null }));
}

/** Whom a visitor of the demo may become. */
export async function listDemoPeople(db: Db): Promise<readonly PersonRecord[]> {
  const rows = await db.user.findMany({
    where: { demo: true, disabledAt: null },
    include: WITH_GRANTS,
    orderBy: { createdAt: "asc" },
    take: 20,
  });
  return rows.map(toPerson);
}

/** The human being behind an account; null when there is no such account. */
export async function personIdOfUser(db: Db, userId: string): Promise<string | null> {
  const row = await db.user.findUnique({ where: { id: userId }, select: { personId: true } });
  return row?.personId ?? null;
}

/** The id that the trail knows somebody by: of the one whose name or address this is, else the text itself taken as an id. */
export async function actorIdOf(db: Db, text: string): Promise<string> {
  const row = await db.user.findFirst({
    where: { OR: [{ name: { equals: text, mode: "insensitive" } }, { email: normalEmail(text) }] },
    select: { id: true },
  });
  return row?.id ?? text;
}

/** Whether anybody is here beside the people of the demonstration. */
export async function hasInvitedPerson(db: Db): Promise<boolean> {
  return (await db.user.findFirst({ where: { demo: false }, select: { id: true } })) !== null;
}

/** Accounts of programs, by name. At most 500. */
export async function listServiceAccounts(db: Db): Promise<readonly PersonRecord[]> {
  const rows = await db.user.findMany({ where: { kind: "service" }, include: WITH_GRANTS, orderBy: [{ name: "asc" }, { id: "asc" }], take: 500 });
  return rows.map(toPerson);
}
