import { z } from "zod";
import { type RegisterRuntimeRequest, registerRuntimeRequest, type RuntimeAcks, runtimeAcks } from "#lib/contracts/runtime-protocol.ts";
import { type RuntimeSignals, runtimeSignals } from "#lib/contracts/runtime-telemetry.ts";
import { asJson } from "../content-digest.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** A runtime that has been silent for longer than this is not counted on and not waited for. Seconds. */
export const RUNTIME_SILENT_SECONDS = 20;

/** When the database first heard of an epoch on this process start. Milliseconds since 1970, database clock. */
export type AckTimes = Readonly<
  Record<string, { readonly epoch: number; readonly appliedMs: number; readonly drainedMs: number | null }>
>;

const ackTimesSchema = z.record(
  z.string(),
  z.object({ epoch: z.number(), appliedMs: z.number(), drainedMs: z.number().nullable() }),
);

export type RuntimeRecord = {
  readonly id: string;
  readonly name: string;
  readonly bootId: string;
  readonly httpUrl: string;
  readonly slipwayVersion: string;
  readonly registeredAt: Date;
  readonly lastSeenAt: Date;
  readonly live: boolean;
  readonly acks: RuntimeAcks | null;
  readonly ackTimes: AckTimes;
  /** When windows last came in, empty ones too. */
  readonly windowsAt: Date | null;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  /** What it said at its start that it runs on; null: an older runtime that did not say. */
  readonly environment: RuntimeEnvironment | null;
  /** Load over the last seconds before `signalsAt`. */
  readonly signals: RuntimeSignals | null;
  readonly signalsAt: Date | null;
};

export type RuntimeEnvironment = NonNullable<RegisterRuntimeRequest["environment"]>;
const environmentReport = registerRuntimeRequest.shape.environment.unwrap();

type RuntimeRow = Prisma.RuntimeGetPayload<object>;

const toRecord = (row: RuntimeRow, now: Date): RuntimeRecord => ({
  id: row.id,
  name: row.name,
  bootId: row.bootId,
  httpUrl: row.httpUrl,
  slipwayVersion: row.slipwayVersion,
  registeredAt: row.registeredAt,
  lastSeenAt: row.lastSeenAt,
  live: now.getTime() - row.lastSeenAt.getTime() < RUNTIME_SILENT_SECONDS * 1000,
  acks: row.acks === null ? null : runtimeAcks.parse(row.acks),
  ackTimes: ackTimesSchema.parse(row.ackTimes),
  windowsAt: row.windowsAt,
  cpuCount: row.cpuCount,
  memoryBytes: Number(row.memoryBytes),
  environment: row.environment === null ? null : environmentReport.parse(row.environment),
  signals: row.signals === null ? null : runtimeSignals.parse(row.signals),
  signalsAt: row.signalsAt,
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
    ...(request.environment === undefined ? {} : { environment: asJson(request.environment) as Prisma.InputJsonObject }),
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
      "environment" = ${request.environment === undefined ? null : JSON.stringify(request.environment)}::jsonb,
      "signals" = CASE WHEN ${rebooted} THEN NULL ELSE "signals" END,
      "signalsAt" = CASE WHEN ${rebooted} THEN NULL ELSE "signalsAt" END,
      "registeredAt" = CASE WHEN ${rebooted} THEN now() ELSE "registeredAt" END,
      "acks" = CASE WHEN ${rebooted} THEN NULL ELSE "acks" END,
      "acksSeq" = CASE WHEN ${rebooted} THEN 0 ELSE "acksSeq" END,
      "ackTimes" = CASE WHEN ${rebooted} THEN '{}'::jsonb ELSE "ackTimes" END
    WHERE "id" = ${existing.id}::uuid`;
  return { id: existing.id, isNew: false };
}

/** Marks a boot as seen now; null when no runtime has this boot id (it must register again). */
export async function touchRuntime(db: Db, bootId: string): Promise<string | null> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE "Runtime" SET "lastSeenAt" = now() WHERE "bootId" = ${bootId}::uuid RETURNING "id"::text`;
  return rows[0]?.id ?? null;
}

/** The times of the epochs in these acks: kept where the epoch is known already, taken now where it is new. */
function nextAckTimes(known: AckTimes, acks: RuntimeAcks, nowMs: number): AckTimes {
  return Object.fromEntries(
    acks.endpoints.map(({ endpointId, epoch, drained }) => {
      const before = known[endpointId];
      const same = before?.epoch === epoch;
      const appliedMs = same ? before.appliedMs : nowMs;
      const drainedMs = drained ? ((same ? before.drainedMs : null) ?? nowMs) : null;
      return [endpointId, { epoch, appliedMs, drainedMs }];
    }),
  );
}

/** Keeps the newest acks of this boot; older or repeated messages change nothing. False when it must register. */
export async function saveAcks(db: Db, acks: RuntimeAcks): Promise<boolean> {
  const rows = await db.$queryRaw<{ id: string; acksSeq: bigint; ackTimes: unknown; now: Date }[]>`
    UPDATE "Runtime" SET "lastSeenAt" = clock_timestamp() WHERE "bootId" = ${acks.bootId}::uuid
    RETURNING "id"::text, "acksSeq", "ackTimes", "lastSeenAt" AS "now"`;
  const row = rows[0];
  if (!row) return false;
  if (row.acksSeq >= BigInt(acks.seq)) return true;
  const times = nextAckTimes(ackTimesSchema.parse(row.ackTimes), acks, row.now.getTime());
  await db.$executeRaw`
    UPDATE "Runtime" SET "acks" = ${JSON.stringify(acks)}::jsonb, "acksSeq" = ${BigInt(acks.seq)},
      "ackTimes" = ${JSON.stringify(times)}::jsonb
    WHERE "id" = ${row.id}::uuid`;
  return true;
}

/** Notes that telemetry came in from this runtime, and when it last had before a silence of more than a minute. */
export async function touchWindows(db: Db, runtimeId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "Runtime" SET "windowsAt" = now(), "quietSince" = CASE WHEN "windowsAt" < now() - interval '1 minute' THEN "windowsAt" ELSE "quietSince" END
    WHERE "id" = ${runtimeId}::uuid`;
}

/** Keeps the newest load figures of this boot. */
export async function saveSignals(db: Db, bootId: string, signals: RuntimeSignals): Promise<void> {
  await db.$executeRaw`UPDATE "Runtime" SET "signals" = ${JSON.stringify(signals)}::jsonb, "signalsAt" = now() WHERE "bootId" = ${bootId}::uuid`;
}

/** Runtimes that answer requests and are not retired, with whether they are heard from: what a release waits for. */
export const listRuntimes = (db: Db, now: Date): Promise<RuntimeRecord[]> => runtimesOfRoles(db, now, ["serve"]);

/** Runtimes of every role. */
export const listAllRuntimes = (db: Db, now: Date): Promise<RuntimeRecord[]> => runtimesOfRoles(db, now, ["serve", "batch", "stream", "edge"]);

async function runtimesOfRoles(db: Db, now: Date, roles: readonly string[]): Promise<RuntimeRecord[]> {
  const rows = await db.runtime.findMany({ where: { retiredAt: null, role: { in: [...roles] } }, orderBy: { name: "asc" } });
  return rows.map((row) => toRecord(row, now));
}

/** The runtime a boot id belongs to, also for windows of an earlier boot of a known runtime. */
export async function runtimeIdOfToken(db: Db, tokenId: string): Promise<string | null> {
  const row = await db.runtime.findFirst({ where: { tokenId }, orderBy: { lastSeenAt: "desc" } });
  return row?.id ?? null;
}

/** Retires runtimes silent for longer than this; answers which. */
export async function retireSilent(db: Db, seconds: number): Promise<{ id: string; name: string; lastSeenAt: Date }[]> {
  return db.$queryRaw<{ id: string; name: string; lastSeenAt: Date }[]>`
    UPDATE "Runtime" SET "retiredAt" = now()
    WHERE "retiredAt" IS NULL AND "lastSeenAt" < now() - ${seconds} * interval '1 second'
    RETURNING "id"::text, "name", "lastSeenAt"`;
}
