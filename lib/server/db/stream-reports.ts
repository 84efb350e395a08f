import { streamReport, type ReplayPoint, type StreamReport } from "#lib/contracts/streams.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** What a process said last is kept this long: where the stream was when every runtime had gone is still worth to know. */
const KEPT_DAYS = 30;

export type StoredStreamReport = { readonly runtime: string; readonly reportedAt: Date; readonly report: StreamReport };

/** Keeps the newest report of a process and the replay points in it; of two places for one epoch the earlier. False: there is no such stream. */
export async function saveReport(db: Db, streamId: string, report: StreamReport): Promise<boolean> {
  const stream = await db.stream.findUnique({ where: { id: streamId }, select: { id: true } });
  if (stream === null) return false;
  const { points, ...body } = report;
  await db.$executeRaw`
    INSERT INTO "StreamReport" ("streamId", "bootId", "runtime", "body", "reportedAt")
    SELECT ${streamId}::uuid, ${report.bootId}::uuid, COALESCE((SELECT "name" FROM "Runtime" WHERE "bootId" = ${report.bootId}::uuid), ''), ${JSON.stringify(body)}::jsonb, now()
    ON CONFLICT ("streamId", "bootId") DO UPDATE SET "body" = EXCLUDED."body", "reportedAt" = EXCLUDED."reportedAt"`;
  for (const { epoch, partition, offset } of points)
    await db.$executeRaw`
      INSERT INTO "ReplayPoint" ("streamId", "epoch", "partition", "offset", "recordedAt") VALUES (${streamId}::uuid, ${epoch}, ${partition}, ${offset}, now())
      ON CONFLICT ("streamId", "epoch", "partition") DO UPDATE SET "offset" = LEAST("ReplayPoint"."offset", EXCLUDED."offset")`;
  await db.$executeRaw`DELETE FROM "StreamReport" WHERE "streamId" = ${streamId}::uuid AND "reportedAt" < now() - ${KEPT_DAYS} * interval '1 day'`;
  return true;
}

/** Newest first. */
export async function reportsOf(db: Db, streamId: string): Promise<StoredStreamReport[]> {
  const rows = await db.streamReport.findMany({ where: { streamId }, orderBy: { reportedAt: "desc" }, take: 100 });
  return rows.map(({ runtime, reportedAt, body }) => ({
    runtime,
    reportedAt,
    report: streamReport.parse({ ...(body as Record<string, unknown>), points: [] }),
  }));
}

export type StoredReplayPoint = ReplayPoint & { readonly recordedAt: Date };

export async function replayPointsOf(db: Db, streamId: string): Promise<StoredReplayPoint[]> {
  const rows = await db.replayPoint.findMany({ where: { streamId }, orderBy: [{ epoch: "desc" }, { partition: "asc" }], take: 100_000 });
  return rows.map(({ epoch, partition, offset, recordedAt }) => ({ epoch: Number(epoch), partition, offset: Number(offset), recordedAt }));
}

/** The route tables of these epochs: what had weight then. */
export async function routesOfEpochs(db: Db, endpointId: string, epochs: readonly number[]): Promise<{ epoch: number; arms: unknown; cause: string; createdAt: Date }[]> {
  const rows = await db.routeTable.findMany({
    where: { endpointId, epoch: { in: epochs.map(BigInt) } },
    select: { epoch: true, arms: true, cause: true, createdAt: true },
  });
  return rows.map((row) => ({ ...row, epoch: Number(row.epoch) }));
}
