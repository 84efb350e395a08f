import { type RegisterRuntimeRequest, type RuntimeAcks, runtimeAcks } from "#lib/contracts/runtime-protocol.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** A runtime that has been silent for longer than this is not counted on and not waited for. Seconds. */
export const RUNTIME_SILENT_SECONDS = 20;

export type RuntimeRecord = {
  readonly id: string;
  readonly name: string;
  readonly bootId: string;
  readonly httpUrl: string;
  readonly lastSeenAt: Date;
  readonly live: boolean;
  readonly acks: RuntimeAcks | null;
};

type RuntimeRow = Prisma.RuntimeGetPayload<object>;

const toRecord = (row: RuntimeRow, now: Date): RuntimeRecord => ({
  id: row.id,
  name: row.name,
  bootId: row.bootId,
  httpUrl: row.httpUrl,
  lastSeenAt: row.lastSeenAt,
  live: now.getTime() - row.lastSeenAt.getTime() < RUNTIME_SILENT_SECONDS * 1000,
  acks: row.acks === null ? null : runtimeAcks.parse(row.acks),
});

/** Inserts or renews the runtime of this name; a new bootId forgets the old boot's acks. */
export async function upsertRuntime(
  db: Db,
  id: string,
  request: RegisterRuntimeRequest,
  tokenId: string | null,
): Promise<{ id: string; isNew: boolean }> {
  const existing = await db.runtime.findUnique({ where: { name: request.name } });
  const facts = {
    bootId: request.bootId,
    role: request.role,
    httpUrl: request.httpUrl,
    grpcUrl: request.grpcUrl,
    slipwayVersion: request.slipwayVersion,
    cpuCount: request.cpuCount,
    memoryBytes: BigInt(request.memoryBytes),
    tokenId,
    retiredAt: null,
  };
  if (!existing) {
    await db.runtime.create({ data: { id, name: request.name, ...facts } });
    return { id, isNew: true };
  }
  const rebooted = existing.bootId !== request.bootId;
  await db.$executeRaw`
    UPDATE "Runtime" SET "bootId" = ${request.bootId}::uuid, "httpUrl" = ${request.httpUrl}, "grpcUrl" = ${request.grpcUrl},
      "role" = ${request.role}, "slipwayVersion" = ${request.slipwayVersion}, "cpuCount" = ${request.cpuCount},
      "memoryBytes" = ${BigInt(request.memoryBytes)}, "tokenId" = ${tokenId}::uuid, "retiredAt" = NULL, "lastSeenAt" = now(),
      "registeredAt" = CASE WHEN ${rebooted} THEN now() ELSE "registeredAt" END,
      "acks" = CASE WHEN ${rebooted} THEN NULL ELSE "acks" END,
      "acksSeq" = CASE WHEN ${rebooted} THEN 0 ELSE "acksSeq" END
    WHERE "id" = ${existing.id}::uuid`;
  return { id: existing.id, isNew: false };
}

/** Marks a boot as seen now; null when no runtime has this boot id (it must register again). */
export async function touchRuntime(db: Db, bootId: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE "Runtime" SET "lastSeenAt" = now() WHERE "bootId" = ${bootId}::uuid RETURNING "id"::text`;
  return rows[0]?.id ?? null;
}

/** Keeps the newest acks of this boot; older or repeated messages change nothing. False when it must register. */
export async function saveAcks(db: Db, acks: RuntimeAcks): Promise<boolean> {
  const known = await touchRuntime(db, acks.bootId);
  if (!known) return false;
  await db.$executeRaw`
    UPDATE "Runtime" SET "acks" = ${JSON.stringify(acks)}::jsonb, "acksSeq" = ${BigInt(acks.seq)}
    WHERE "bootId" = ${acks.bootId}::uuid AND "acksSeq" < ${BigInt(acks.seq)}`;
  return true;
}

/** All runtimes that are not retired, with whether they are heard from. */
export async function listRuntimes(db: Db, now: Date): Promise<RuntimeRecord[]> {
  const rows = await db.runtime.findMany({ where: { retiredAt: null }, orderBy: { name: "asc" } });
  return rows.map((row) => toRecord(row, now));
}

/** The runtime a boot id belongs to, also for windows of an earlier boot of a known runtime. */
export async function runtimeIdOfToken(db: Db, tokenId: string): Promise<string | null> {
  const row = await db.runtime.findFirst({ where: { tokenId }, orderBy: { lastSeenAt: "desc" } });
  return row?.id ?? null;
}
