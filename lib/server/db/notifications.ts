import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export const NOTIFY_CHANNEL = "slipway";
/** PostgreSQL refuses payloads of 8000 bytes and more; a longer list is only a hint to look, and listeners look anyway. */
const MAX_PAYLOAD_BYTES = 7_500;

/**
 * Wakes every listener of every replica when this transaction commits. With no topics it only says "the audit trail grew";
 * listeners then read the trail from where they stood, so a lost notification delays and loses nothing.
 */
export async function publishTopics(db: Db, topics: readonly string[]): Promise<void> {
  const payload = JSON.stringify({ topics });
  const fitting = Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES ? payload : JSON.stringify({ topics: [] });
  await db.$executeRaw`SELECT pg_notify(${NOTIFY_CHANNEL}, ${fitting})`;
}

export type TrailTopic = {
  readonly seq: bigint;
  readonly environmentId: string | null;
  readonly type: string | null;
  readonly targetId: string | null;
};

/** What the entries after `seq` are about, in order, one row per target; at most `limit` entries. */
export async function trailTopicsAfter(db: Db, seq: bigint, limit: number): Promise<readonly TrailTopic[]> {
  return db.$queryRaw<TrailTopic[]>`
    SELECT e."seq", e."environmentId", t."type", t."targetId"
    FROM (SELECT "seq", "environmentId" FROM "AuditEvent" WHERE "seq" > ${seq} ORDER BY "seq" LIMIT ${limit}) e
    LEFT JOIN "AuditTarget" t ON t."seq" = e."seq"
    ORDER BY e."seq", t."position"`;
}

/** Sequence number of the newest entry; -1 for an empty trail. */
export async function newestSeq(db: Db): Promise<bigint> {
  const [row] = await db.$queryRaw<{ seq: bigint }[]>`SELECT coalesce(max("seq"), -1) AS "seq" FROM "AuditEvent"`;
  return row?.seq ?? -1n;
}
