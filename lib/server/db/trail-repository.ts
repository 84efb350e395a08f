import { auditActionLabel } from "#lib/domain/audit/actions.ts";
import { ACTOR_TYPES, type ActorType, type AuditLeaf } from "#lib/domain/audit/leaf.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** One entry of the trail, as pages show it beside the thing it is about. */
export type TrailEntry = {
  readonly seq: number;
  readonly occurredAt: Date;
  readonly action: string;
  readonly label: string;
  readonly actorType: ActorType;
  readonly actorName: string;
  readonly reason: string | null;
  readonly after: AuditLeaf["after"];
};

type Row = {
  seq: bigint;
  occurredAt: Date;
  action: string;
  actorType: string;
  actorName: string | null;
  leaf: Uint8Array;
};

const headOf = ({ seq, occurredAt, action, actorType }: Row) => ({
  seq: Number(seq),
  occurredAt,
  action,
  label: auditActionLabel(action),
  actorType: ACTOR_TYPES.find((one) => one === actorType) ?? "system",
});

const toEntry = (row: Row): TrailEntry => {
  if (row.leaf.length === 0) return { ...headOf(row), actorName: "Name pruned", reason: "Text pruned by rule; the hash stands.", after: null };
  // The append function checked these very bytes against the leaf's schema.
  const leaf = JSON.parse(Buffer.from(row.leaf).toString("utf8")) as AuditLeaf;
  return {
    ...headOf(row),
    actorName: row.actorName ?? leaf.actor.name,
    reason: leaf.reason,
    after: leaf.after,
  };
};

/** The newest entries that name this object, newest first, and how many there are. */
export async function entriesAbout(
  db: Db,
  target: { type: string; id: string },
  limit: number,
): Promise<{ entries: TrailEntry[]; total: number }> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT e."seq", e."occurredAt", e."action", e."actorType", e."actorName", e."leaf"
    FROM (SELECT DISTINCT "seq" FROM "AuditTarget" WHERE "type" = ${target.type} AND "targetId" = ${target.id}
          ORDER BY "seq" DESC LIMIT ${limit}) t
    JOIN "AuditEvent" e ON e."seq" = t."seq" ORDER BY e."seq" DESC`;
  const [{ total } = { total: 0n }] = await db.$queryRaw<{ total: bigint }[]>`
    SELECT count(DISTINCT "seq") AS "total" FROM "AuditTarget" WHERE "type" = ${target.type} AND "targetId" = ${target.id}`;
  return { entries: rows.map(toEntry), total: Number(total) };
}

/** Size of the trail and the newest signed checkpoint below it. */
export async function trailHead(db: Db): Promise<{ size: number; checkpointSize: number | null; signedAt: Date | null }> {
  const head = await db.auditHead.findUnique({ where: { id: 1 } });
  const checkpoint = await db.auditCheckpoint.findFirst({ orderBy: { size: "desc" } });
  return {
    size: Number(head?.size ?? 0n),
    checkpointSize: checkpoint ? Number(checkpoint.size) : null,
    signedAt: checkpoint?.signedAt ?? null,
  };
}

/** Which of these actions stand in the trail at all. */
export async function actionsSeen(db: Db, actions: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.$queryRaw<{ action: string }[]>`
    SELECT a AS "action" FROM unnest(${[...actions]}::text[]) AS a
    WHERE EXISTS (SELECT 1 FROM "AuditEvent" e WHERE e."action" = a AND e."outcome" = 'ok')`;
  return new Set(rows.map(({ action }) => action));
}

/** What one entry said: enough to tell how something stood before or after it. */
export type PastAct = {
  readonly action: string;
  readonly occurredAt: Date;
  readonly actorName: string;
  readonly targets: AuditLeaf["targets"];
  readonly before: AuditLeaf["before"];
  readonly after: AuditLeaf["after"];
};

const toPastAct = (row: { action: string; occurredAt: Date; leaf: Uint8Array }): PastAct => {
  const { actor, targets, before, after } = JSON.parse(Buffer.from(row.leaf).toString("utf8")) as AuditLeaf;
  return { action: row.action, occurredAt: row.occurredAt, actorName: actor.name, targets, before, after };
};

/** Acts of these kinds that had succeeded by a moment, in the order of the trail. */
export async function actsUntil(db: Db, actions: readonly string[], at: Date): Promise<PastAct[]> {
  const rows = await db.$queryRaw<{ action: string; occurredAt: Date; leaf: Uint8Array }[]>`
    SELECT "action", "occurredAt", "leaf" FROM "AuditEvent"
    WHERE "action" = ANY(${[...actions]}::text[]) AND "outcome" = 'ok' AND "occurredAt" <= ${at} ORDER BY "seq"`;
  return rows.map(toPastAct);
}

/** The last act of these kinds on an object by a moment; null when there was none yet. */
export async function lastActOn(db: Db, targetId: string, actions: readonly string[], at: Date): Promise<PastAct | null> {
  const rows = await db.$queryRaw<{ action: string; occurredAt: Date; leaf: Uint8Array }[]>`
    SELECT e."action", e."occurredAt", e."leaf" FROM "AuditEvent" e
    WHERE e."action" = ANY(${[...actions]}::text[]) AND e."outcome" = 'ok' AND e."occurredAt" <= ${at}
      AND EXISTS (SELECT 1 FROM "AuditTarget" t WHERE t."seq" = e."seq" AND t."targetId" = ${targetId})
    ORDER BY e."seq" DESC LIMIT 1`;
  return rows[0] ? toPastAct(rows[0]) : null;
}

/** The first act of these kinds on an object after a moment: what it says stood before is what stood then. */
export async function nextActOn(db: Db, targetId: string, actions: readonly string[], at: Date): Promise<PastAct | null> {
  const rows = await db.$queryRaw<{ action: string; occurredAt: Date; leaf: Uint8Array }[]>`
    SELECT e."action", e."occurredAt", e."leaf" FROM "AuditTarget" t JOIN "AuditEvent" e ON e."seq" = t."seq"
    WHERE t."targetId" = ${targetId} AND e."action" = ANY(${[...actions]}::text[]) AND e."outcome" = 'ok' AND e."occurredAt" > ${at}
    ORDER BY e."seq" LIMIT 1`;
  return rows[0] ? toPastAct(rows[0]) : null;
}
