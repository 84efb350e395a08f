import type { SessionFacts } from "#lib/domain/access/session-rules.ts";
import type { Prisma } from "./generated/client.ts";
import { type PersonRecord, WITH_GRANTS, toPerson } from "./person-repository.ts";

type Db = Prisma.TransactionClient;

export type SessionRecord = SessionFacts & {
  readonly id: string;
  readonly method: string;
  readonly createdAt: Date;
  readonly person: PersonRecord;
};

/** The session with its person and the database's time, in one statement's snapshot. Null when there is none. */
export async function findSession(db: Db, id: string): Promise<SessionRecord | null> {
  const row = await db.session.findUnique({ where: { id }, include: { user: { include: WITH_GRANTS } } });
  return row
    ? {
        id: row.id,
        method: row.method,
        createdAt: row.createdAt,
        lastSeenAt: row.lastSeenAt,
        expiresAt: row.expiresAt,
        revokedAt: row.revokedAt,
        userDisabledAt: row.user.disabledAt,
        person: toPerson(row.user),
      }
    : null;
}

export async function insertSession(
  db: Db,
  session: {
    readonly id: string;
    readonly userId: string;
    readonly method: string;
    readonly expiresAt: Date;
    readonly ip: string | null;
    readonly userAgent: string | null;
  },
): Promise<void> {
  await db.session.create({ data: { ...session, userAgent: session.userAgent?.slice(0, 400) ?? null } });
}

/** Ends one session; true when this call ended it. */
export async function revokeSession(db: Db, id: string, now: Date): Promise<boolean> {
  const { count } = await db.session.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } });
  return count === 1;
}

/** Ends all sessions of an account; answers how many. */
export async function revokeSessionsOf(db: Db, userId: string, now: Date): Promise<number> {
  const { count } = await db.session.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: now } });
  return count;
}
