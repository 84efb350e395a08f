import { z } from "zod";
import type { OutgoingEvent } from "#lib/domain/outgoing/events.ts";
import { notFound } from "#lib/domain/errors.ts";
import { asJson } from "../content-digest.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export const channelKinds = ["webhook", "slack", "teams", "email", "openlineage"] as const;
export type ChannelKind = (typeof channelKinds)[number];

export type ChannelRecord = {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly sealedAddress: Uint8Array;
  readonly shownAddress: string;
  readonly sealedSecret: Uint8Array | null;
  readonly events: readonly string[];
  readonly environments: readonly string[];
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly createdAt: Date;
  readonly createdById: string;
  readonly rowVersion: number;
};

const kind = z.enum(channelKinds);
const toChannel = (row: Prisma.ChannelGetPayload<object>): ChannelRecord => ({ ...row, kind: kind.parse(row.kind) });
const bytes = (value: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(value);

export async function listChannels(db: Db): Promise<ChannelRecord[]> {
  return (await db.channel.findMany({ orderBy: { name: "asc" } })).map(toChannel);
}

export async function getChannel(db: Db, id: string): Promise<ChannelRecord> {
  const row = await db.channel.findUnique({ where: { id } });
  if (row === null) throw notFound();
  return toChannel(row);
}

export async function findChannelByName(db: Db, name: string): Promise<ChannelRecord | null> {
  const row = await db.channel.findUnique({ where: { name } });
  return row === null ? null : toChannel(row);
}

export type NewChannel = Omit<ChannelRecord, "createdAt" | "rowVersion" | "enabled" | "disabledReason">;

export async function insertChannel(db: Db, channel: NewChannel): Promise<void> {
  const { sealedAddress, sealedSecret, events, environments, ...rest } = channel;
  await db.channel.create({
    data: { ...rest, events: [...events], environments: [...environments], sealedAddress: bytes(sealedAddress), sealedSecret: sealedSecret === null ? null : bytes(sealedSecret) },
  });
}

export type ChannelChange = Partial<Pick<ChannelRecord, "name" | "events" | "environments" | "enabled" | "disabledReason">>;

export async function changeChannel(db: Db, channel: ChannelRecord, { events, environments, ...change }: ChannelChange): Promise<void> {
  const data = { ...change, ...(events ? { events: [...events] } : {}), ...(environments ? { environments: [...environments] } : {}), rowVersion: { increment: 1 } };
  expectOneRow(await db.channel.updateMany({ where: { id: channel.id, rowVersion: channel.rowVersion }, data }), "channel");
}

/** Removes a channel; its deliveries stay, as a record of what was sent. */
export async function deleteChannel(db: Db, channel: ChannelRecord): Promise<void> {
  expectOneRow(await db.channel.deleteMany({ where: { id: channel.id, rowVersion: channel.rowVersion } }), "channel");
}

export const deliveryStates = ["waiting", "delivered", "failed"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export type DeliveryRecord = {
  readonly id: string;
  readonly channelId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly event: OutgoingEvent;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastStatus: number | null;
  readonly lastProblem: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
};

// `event` was written by insertDeliveries from an OutgoingEvent and by nothing else.
const toDelivery = (row: Prisma.DeliveryGetPayload<object>): DeliveryRecord => ({ ...row, state: z.enum(deliveryStates).parse(row.state), event: row.event as unknown as OutgoingEvent });

export type NewDelivery = Pick<DeliveryRecord, "id" | "channelId" | "eventId" | "eventType" | "event">;

/** Messages to be sent as soon as possible. */
export async function insertDeliveries(db: Db, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
  if (deliveries.length === 0) return;
  await db.delivery.createMany({
    data: deliveries.map((one) => ({ ...one, event: asJson(one.event) as Prisma.InputJsonValue, state: "waiting", nextAttemptAt: now })),
  });
}

/** Takes messages that are due, and puts their next try off by `holdSeconds`, so that a crash while sending repeats and loses nothing. */
export async function takeDeliveries(db: Db, limit: number, holdSeconds: number): Promise<DeliveryRecord[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE "Delivery" SET "nextAttemptAt" = now() + ${holdSeconds} * interval '1 second', "attempts" = "attempts" + 1
    WHERE "id" IN (SELECT "id" FROM "Delivery" WHERE "state" = 'waiting' AND "nextAttemptAt" <= now() ORDER BY "nextAttemptAt" LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING "id"::text`;
  const taken = await db.delivery.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
  return taken.map(toDelivery);
}

/** Brings the next try of a waiting message forward. */
export async function tryNow(db: Db, id: string, now: Date): Promise<void> {
  await db.delivery.updateMany({ where: { id, state: "waiting" }, data: { nextAttemptAt: now } });
}

export async function countWaiting(db: Db): Promise<number> {
  return db.delivery.count({ where: { state: "waiting" } });
}

export type AttemptOutcome = { readonly status: number | null; readonly tookMs: number; readonly problem: string | null };

/** Writes one try down. `retrySeconds` null: no more tries. */
export async function recordAttempt(db: Db, delivery: DeliveryRecord, outcome: AttemptOutcome, retrySeconds: number | null, now: Date): Promise<void> {
  const { status, tookMs, problem } = outcome;
  await db.deliveryAttempt.create({ data: { deliveryId: delivery.id, number: delivery.attempts, status, tookMs, problem } });
  const isOver = problem === null || retrySeconds === null;
  await db.delivery.update({
    where: { id: delivery.id },
    data: {
      state: problem === null ? "delivered" : isOver ? "failed" : "waiting",
      nextAttemptAt: isOver ? null : new Date(now.getTime() + (retrySeconds ?? 0) * 1000),
      finishedAt: isOver ? now : null,
      lastStatus: status,
      lastProblem: problem,
    },
  });
}

/** One page of what was sent to a channel, newest first. */
export async function deliveriesOf(db: Db, channelId: string, before: Date | null, limit: number): Promise<DeliveryRecord[]> {
  const where = { channelId, ...(before === null ? {} : { createdAt: { lt: before } }) };
  return (await db.delivery.findMany({ where, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: limit })).map(toDelivery);
}

export async function getDelivery(db: Db, id: string): Promise<DeliveryRecord> {
  const row = await db.delivery.findUnique({ where: { id } });
  if (row === null) throw notFound();
  return toDelivery(row);
}

export async function attemptsOf(db: Db, deliveryIds: readonly string[]): Promise<(AttemptOutcome & { readonly deliveryId: string; readonly number: number; readonly at: Date })[]> {
  return db.deliveryAttempt.findMany({ where: { deliveryId: { in: [...deliveryIds] } }, orderBy: [{ at: "asc" }] });
}

/** How each channel did lately: delivered, failed and waiting messages, and the newest success. */
export async function channelTallies(db: Db, since: Date): Promise<Map<string, { delivered: number; failed: number; waiting: number; newest: Date | null }>> {
  const rows = await db.$queryRaw<{ channelId: string; delivered: bigint; failed: bigint; waiting: bigint; newest: Date | null }[]>`
    SELECT "channelId"::text, count(*) FILTER (WHERE "state" = 'delivered') AS "delivered", count(*) FILTER (WHERE "state" = 'failed') AS "failed",
      count(*) FILTER (WHERE "state" = 'waiting') AS "waiting", max("finishedAt") FILTER (WHERE "state" = 'delivered') AS "newest"
    FROM "Delivery" WHERE "createdAt" >= ${since} GROUP BY 1`;
  return new Map(rows.map(({ channelId, delivered, failed, waiting, newest }) => [channelId, { delivered: Number(delivered), failed: Number(failed), waiting: Number(waiting), newest }]));
}

export async function lastSuccess(db: Db, channelId: string): Promise<Date | null> {
  const row = await db.delivery.findFirst({ where: { channelId, state: "delivered" }, orderBy: { finishedAt: "desc" }, select: { finishedAt: true } });
  return row?.finishedAt ?? null;
}

/** Whether a channel that wants this kind of event has received a message since then. */
export async function wasRouteTested(db: Db, eventType: string, since: Date): Promise<boolean> {
  const family = `${eventType.split(".")[0] ?? ""}.*`;
  const rows = await db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "Channel" c JOIN "Delivery" d ON d."channelId" = c."id"
      WHERE c."enabled" AND c."events" && ${[eventType, family]}::text[] AND d."state" = 'delivered' AND d."finishedAt" >= ${since}) AS "found"`;
  return rows[0]?.found ?? false;
}

/** Up to where the trail was read; set to `newest` at the first call, so that old entries are not told anew. Locks the row for this transaction. */
export async function holdCursor(db: Db, newest: bigint): Promise<bigint> {
  const rows = await db.$queryRaw<{ seq: bigint }[]>`
    INSERT INTO "OutgoingCursor" AS c ("id", "seq") VALUES (1, ${newest}) ON CONFLICT ("id") DO UPDATE SET "seq" = c."seq" RETURNING "seq"`;
  return rows[0]?.seq ?? newest;
}

export async function moveCursor(db: Db, seq: bigint): Promise<void> {
  await db.outgoingCursor.update({ where: { id: 1 }, data: { seq } });
}

/** Entries of the trail after this one, oldest first. */
export async function entriesAfter(db: Db, seq: bigint, limit: number): Promise<{ seq: bigint; environmentId: string | null; leaf: Uint8Array }[]> {
  return db.auditEvent.findMany({ where: { seq: { gt: seq } }, orderBy: { seq: "asc" }, take: limit, select: { seq: true, environmentId: true, leaf: true } });
}

/** The newest entry of the trail; -1 for none. */
export async function newestEntry(db: Db): Promise<bigint> {
  const row = await db.auditEvent.findFirst({ orderBy: { seq: "desc" }, select: { seq: true } });
  return row?.seq ?? -1n;
}

/** Forgets messages that are older than `days` and over. */
export async function pruneDeliveries(db: Db, days: number): Promise<void> {
  await db.$executeRaw`DELETE FROM "DeliveryAttempt" a USING "Delivery" d WHERE a."deliveryId" = d."id" AND d."state" <> 'waiting' AND d."createdAt" < now() - ${days} * interval '1 day'`;
  await db.$executeRaw`DELETE FROM "Delivery" WHERE "state" <> 'waiting' AND "createdAt" < now() - ${days} * interval '1 day'`;
}
