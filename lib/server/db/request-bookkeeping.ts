import type { ThrottleState } from "#lib/domain/access/sign-in-throttle.ts";
import { CLEAR } from "#lib/domain/access/sign-in-throttle.ts";
import { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** What requests leave behind that is no governed state: last use of sessions and tokens, sign-in throttles, answers kept for repeated keys. */

/** A signed-in person did something just now. */
export async function touchSession(db: Db, id: string, now: Date): Promise<void> {
  await db.session.updateMany({ where: { id, revokedAt: null, lastSeenAt: { lt: now } }, data: { lastSeenAt: now } });
}

export async function touchToken(db: Db, id: string, now: Date): Promise<void> {
  await db.apiToken.updateMany({ where: { id }, data: { lastUsedAt: now } });
}

/** The throttle of this key, locked until the transaction ends. */
export async function lockThrottle(db: Db, key: string): Promise<ThrottleState> {
  await db.$executeRaw`INSERT INTO "SignInThrottle" ("key") VALUES (${key}) ON CONFLICT DO NOTHING`;
  const [row] = await db.$queryRaw<ThrottleState[]>`
    SELECT "failures", "lastFailureAt", "blockedUntil" FROM "SignInThrottle" WHERE "key" = ${key} FOR UPDATE`;
  return row ?? CLEAR;
}

export async function saveThrottle(db: Db, key: string, state: ThrottleState): Promise<void> {
  await db.signInThrottle.update({ where: { key }, data: state });
}

/** An attempt that was counted in advance has succeeded after all. */
export async function forgiveThrottle(db: Db, key: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "SignInThrottle" SET "failures" = greatest("failures" - 1, 0), "blockedUntil" = NULL WHERE "key" = ${key}`;
}

export async function clearThrottle(db: Db, key: string): Promise<void> {
  await db.signInThrottle.deleteMany({ where: { key } });
}

export type KeptAnswer = {
  readonly status: number;
  /** JSON text, kept as a text: jsonb would give it back in another order. */
  readonly text: string | null;
  readonly headers: Record<string, string>;
};
export type IdempotencyClaim =
  | { readonly kind: "won" }
  | { readonly kind: "other_request" }
  | { readonly kind: "in_flight" }
  | { readonly kind: "answered"; readonly answer: KeptAnswer };

const KEPT_HOURS = 24;
/** A holder that has been silent for longer is gone: a request lives at most 15 s in a transaction and a minute in the server. */
const ABANDONED_SECONDS = 90;

/**
 * Claims a key for one request, or tells what became of it. A claim whose holder has died may be taken over, but not when the trail
 * shows that its act was done: then it stays in flight until it is forgotten.
 */
export async function claimIdempotencyKey(
  db: Db,
  actorId: string,
  key: string,
  fingerprint: string,
): Promise<IdempotencyClaim> {
  await db.$executeRaw`
    DELETE FROM "IdempotencyRecord"
    WHERE "actorId" = ${actorId} AND "key" = ${key} AND "createdAt" < now() - make_interval(hours => ${KEPT_HOURS})`;
  const inserted = await db.$executeRaw`
    INSERT INTO "IdempotencyRecord" ("actorId", "key", "fingerprint") VALUES (${actorId}, ${key}, ${fingerprint})
    ON CONFLICT DO NOTHING`;
  if (inserted === 1) return { kind: "won" };
  const row = await db.idempotencyRecord.findUnique({ where: { actorId_key: { actorId, key } } });
  if (row === null) return { kind: "in_flight" };
  if (row.fingerprint !== fingerprint) return { kind: "other_request" };
  if (row.status !== null) {
    const text = typeof row.body === "string" ? row.body : null;
    return { kind: "answered", answer: { status: row.status, text, headers: textHeaders(row.headers) } };
  }
  const taken = await db.$executeRaw`
    UPDATE "IdempotencyRecord" SET "createdAt" = now()
    WHERE "actorId" = ${actorId} AND "key" = ${key} AND "status" IS NULL
      AND "createdAt" < now() - make_interval(secs => ${ABANDONED_SECONDS})
      AND NOT EXISTS (
        SELECT 1 FROM "AuditEvent" e WHERE e."actorId" = ${actorId} AND e."idempotencyKey" = ${key} AND e."outcome" = 'ok'
          AND e."occurredAt" >= "IdempotencyRecord"."createdAt")`;
  return taken === 1 ? { kind: "won" } : { kind: "in_flight" };
}

const textHeaders = (headers: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(typeof headers === "object" && headers !== null ? headers : {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );

export async function keepAnswer(db: Db, actorId: string, key: string, answer: KeptAnswer): Promise<void> {
  const body = answer.text ?? Prisma.JsonNull;
  await db.idempotencyRecord.update({
    where: { actorId_key: { actorId, key } },
    data: { status: answer.status, body, headers: answer.headers },
  });
}

/** Nothing was done under this key: the next request with it starts afresh. */
export async function releaseIdempotencyKey(db: Db, actorId: string, key: string): Promise<void> {
  await db.idempotencyRecord.deleteMany({ where: { actorId, key, status: null } });
}

/** Forgets what is past its time. Answers how many rows went. */
export async function sweepBookkeeping(db: Db): Promise<number> {
  const answers = await db.$executeRaw`
    DELETE FROM "IdempotencyRecord" WHERE "createdAt" < now() - make_interval(hours => ${KEPT_HOURS})`;
  const throttles = await db.$executeRaw`
    DELETE FROM "SignInThrottle" WHERE "lastFailureAt" IS NULL OR "lastFailureAt" < now() - make_interval(hours => 1)`;
  return answers + throttles;
}
