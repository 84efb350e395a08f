import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type SigningRulesRecord = { readonly part11: boolean; readonly smallTeam: boolean; readonly changedBy: string | null; readonly changedAt: Date };

/** How strictly this installation signs. */
export async function signingRules(db: Db): Promise<SigningRulesRecord> {
  const { part11, smallTeam, changedBy, changedAt } = await db.signingRules.findUniqueOrThrow({ where: { id: 1 } });
  return { part11, smallTeam, changedBy, changedAt };
}

export async function saveSigningRules(db: Db, change: { part11: boolean; smallTeam: boolean; changedBy: string; changedAt: Date }): Promise<void> {
  await db.signingRules.update({ where: { id: 1 }, data: change });
}

export async function insertStepUpGrant(
  db: Db,
  grant: { id: string; userId: string; sessionId: string; action: string; digest: string; method: string; expiresAt: Date },
): Promise<void> {
  await db.stepUpGrant.create({ data: grant });
}

/**
 * Uses a grant up: true for exactly one caller, if it is this person's in this session for this act and digest, unspent and in time.
 * The time is the database's own at this statement, so a transaction that began in time cannot use it late.
 */
export async function spendStepUpGrant(
  db: Db,
  grant: { id: string; userId: string; sessionId: string; action: string; digest: string },
): Promise<string | null> {
  const [row] = await db.$queryRaw<{ method: string }[]>`
    UPDATE "StepUpGrant" SET "usedAt" = clock_timestamp()
    WHERE "id" = ${grant.id}::uuid AND "userId" = ${grant.userId}::uuid AND "sessionId" = ${grant.sessionId}::uuid
      AND "action" = ${grant.action} AND "digest" = ${grant.digest} AND "usedAt" IS NULL AND "expiresAt" > clock_timestamp()
    RETURNING "method"`;
  return row?.method ?? null;
}

export type DelegationRecord = {
  readonly id: string;
  readonly fromUserId: string;
  readonly toUserId: string;
  readonly role: string;
  readonly reason: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly revokedAt: Date | null;
};

export async function insertDelegation(db: Db, delegation: Omit<DelegationRecord, "revokedAt">): Promise<void> {
  await db.delegation.create({ data: delegation });
}

export async function revokeDelegation(db: Db, id: string, now: Date): Promise<boolean> {
  return (await db.delegation.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } })).count === 1;
}

export const findDelegation = (db: Db, id: string): Promise<DelegationRecord | null> => db.delegation.findUnique({ where: { id } });

/** Delegations to this person, or all, newest first; with `at` only those in force then. */
export async function delegations(db: Db, filter: { readonly toUserId?: string; readonly at?: Date } = {}): Promise<DelegationRecord[]> {
  const { toUserId, at } = filter;
  return db.delegation.findMany({
    where: {
      ...(toUserId === undefined ? {} : { toUserId }),
      ...(at === undefined ? {} : { startsAt: { lte: at }, endsAt: { gt: at }, revokedAt: null }),
    },
    orderBy: { createdAt: "desc" },
    take: 200,
  });
}

/** Delegations that were in force at a past moment, whether or not they were ended since. */
export const delegationsAt = (db: Db, at: Date): Promise<DelegationRecord[]> =>
  db.delegation.findMany({
    where: { createdAt: { lte: at }, startsAt: { lte: at }, endsAt: { gt: at }, OR: [{ revokedAt: null }, { revokedAt: { gt: at } }] },
    orderBy: { createdAt: "asc" },
  });

export async function insertChallenge(
  db: Db,
  entry: { id: string; releaseId: string; kind: string; replyToId: string | null; text: string; by: string; personId: string; role: string; digest: string },
): Promise<void> {
  await db.challengeEntry.create({ data: entry });
}

/** The challenge log of a release, oldest first. */
export const challengesOf = (db: Db, releaseId: string) => db.challengeEntry.findMany({ where: { releaseId }, orderBy: [{ at: "asc" }, { id: "asc" }] });

export type BreakGlassRecord = Prisma.BreakGlassGetPayload<object>;

export async function insertBreakGlass(
  db: Db,
  one: { id: string; releaseId: string; reason: string; askedById: string; askedByPersonId: string; askedByName: string; expiresAt: Date },
): Promise<void> {
  await db.breakGlass.create({ data: one });
}

/** The request of a release that is neither used nor expired, or null. Locked. */
export async function openBreakGlass(db: Db, releaseId: string, now: Date): Promise<BreakGlassRecord | null> {
  await db.$executeRaw`SELECT 1 FROM "BreakGlass" WHERE "releaseId" = ${releaseId}::uuid FOR UPDATE`;
  return db.breakGlass.findFirst({ where: { releaseId, usedAt: null, expiresAt: { gt: now } }, orderBy: { askedAt: "desc" } });
}

export async function useBreakGlass(
  db: Db,
  id: string,
  second: { secondPersonId: string; secondName: string; usedAt: Date; reviewDueAt: Date },
): Promise<void> {
  await db.breakGlass.update({ where: { id }, data: second });
}

export const breakGlassOf = (db: Db, releaseId: string): Promise<BreakGlassRecord[]> => db.breakGlass.findMany({ where: { releaseId }, orderBy: { askedAt: "asc" } });

export const findBreakGlass = (db: Db, id: string): Promise<BreakGlassRecord | null> => db.breakGlass.findUnique({ where: { id } });

export async function reviewBreakGlass(db: Db, id: string, review: { reviewedAt: Date; reviewedBy: string; review: string }): Promise<boolean> {
  return (await db.breakGlass.updateMany({ where: { id, usedAt: { not: null }, reviewedAt: null }, data: review })).count === 1;
}

/** Used without a review when that was due, and without an incident yet. */
export const unreviewedBreakGlass = (db: Db, now: Date): Promise<BreakGlassRecord[]> =>
  db.breakGlass.findMany({ where: { reviewDueAt: { lte: now }, reviewedAt: null, incidentId: null }, take: 50 });

/** False when another replica was first. */
export async function nameBreakGlassIncident(db: Db, id: string, incidentId: string): Promise<boolean> {
  return (await db.breakGlass.updateMany({ where: { id, incidentId: null }, data: { incidentId } })).count === 1;
}
