import { batchReport, type BatchReport } from "#lib/contracts/batch.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** How long a runtime may be silent about a partition before another may take it. Seconds. */
export const BATCH_LEASE_SECONDS = 30;
/** Leases of one partition before the job is given up; one that a runtime gives back with a problem counts for several. */
export const MAX_BATCH_ATTEMPTS = 20;
/** A runtime that dies may be an accident; one that says it cannot do it is believed after fewer times. */
const FAILED_ATTEMPT_COSTS = 5;

export type LeasedPartition = {
  readonly jobId: string;
  readonly index: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly byteStart: number;
  readonly byteEnd: number;
  readonly leaseToken: string;
};

type LeasedRow = Omit<LeasedPartition, "byteStart" | "byteEnd"> & { byteStart: bigint; byteEnd: bigint };

/**
 * Gives the next partition of the oldest running job to this boot: one that waits, whose lease ran out, or whose holder has started again
 * since (what that process held died with it). Null when there is none.
 */
export async function leasePartition(db: Db, bootId: string, leaseToken: string): Promise<LeasedPartition | null> {
  const rows = await db.$queryRaw<LeasedRow[]>`
    UPDATE "BatchPartition" SET "state" = 'leased', "leaseToken" = ${leaseToken}::uuid, "bootId" = ${bootId}::uuid, "rowsDone" = 0,
      "attempts" = "attempts" + 1, "leasedUntil" = now() + ${BATCH_LEASE_SECONDS} * interval '1 second'
    WHERE ("jobId", "index") = (
      SELECT p."jobId", p."index" FROM "BatchPartition" p JOIN "BatchJob" j ON j."id" = p."jobId"
      WHERE j."state" = 'running' AND p."attempts" < ${MAX_BATCH_ATTEMPTS}
        AND (p."state" = 'waiting' OR (p."state" = 'leased' AND (p."leasedUntil" < now()
          OR NOT EXISTS (SELECT 1 FROM "Runtime" r WHERE r."bootId" = p."bootId"))))
      ORDER BY j."number", p."index" LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
    RETURNING "jobId"::text, "index", "firstRow", "rows", "byteStart", "byteEnd", "leaseToken"::text`;
  const row = rows[0];
  return row ? { ...row, byteStart: Number(row.byteStart), byteEnd: Number(row.byteEnd) } : null;
}

/** Renews a lease; false when it is another's, or the job does not run any more. */
export async function renewPartition(
  db: Db,
  at: { jobId: string; index: number; leaseToken: string; rowsDone: number },
): Promise<boolean> {
  const renewed = await db.$executeRaw`
    UPDATE "BatchPartition" p SET "leasedUntil" = now() + ${BATCH_LEASE_SECONDS} * interval '1 second', "rowsDone" = LEAST(${at.rowsDone}, p."rows")
    FROM "BatchJob" j WHERE j."id" = p."jobId" AND j."state" = 'running'
      AND p."jobId" = ${at.jobId}::uuid AND p."index" = ${at.index} AND p."leaseToken" = ${at.leaseToken}::uuid AND p."state" = 'leased'`;
  return renewed === 1;
}

/** Takes a finished partition from whoever holds its lease, once. False for anybody else. */
export async function finishPartition(
  db: Db,
  at: { jobId: string; index: number; leaseToken: string },
  done: { output: string; errors: string | null; report: BatchReport },
): Promise<boolean> {
  const rows = await db.$executeRaw`
    UPDATE "BatchPartition" p SET "state" = 'done', "outputDigest" = ${done.output}, "errorsDigest" = ${done.errors},
      "report" = ${JSON.stringify(done.report)}::jsonb, "rowsDone" = p."rows", "leasedUntil" = NULL, "finishedAt" = now()
    FROM "BatchJob" j WHERE j."id" = p."jobId" AND j."state" = 'running'
      AND p."jobId" = ${at.jobId}::uuid AND p."index" = ${at.index} AND p."leaseToken" = ${at.leaseToken}::uuid AND p."state" = 'leased'`;
  return rows === 1;
}

/** Puts a partition back that its holder could not work off. */
export async function returnPartition(db: Db, at: { jobId: string; index: number; leaseToken: string }): Promise<void> {
  await db.$executeRaw`
    UPDATE "BatchPartition" SET "state" = 'waiting', "leasedUntil" = NULL, "leaseToken" = NULL, "rowsDone" = 0,
      "attempts" = "attempts" + ${FAILED_ATTEMPT_COSTS - 1}
    WHERE "jobId" = ${at.jobId}::uuid AND "index" = ${at.index} AND "leaseToken" = ${at.leaseToken}::uuid AND "state" = 'leased'`;
}

/** Puts back everything of a job that is leased: it was paused, and what is half done begins again at the next start. */
export async function releasePartitions(db: Db, jobId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "BatchPartition" SET "state" = 'waiting', "leasedUntil" = NULL, "leaseToken" = NULL, "rowsDone" = 0,
      "attempts" = GREATEST(0, "attempts" - 1)
    WHERE "jobId" = ${jobId}::uuid AND "state" = 'leased'`;
}

/** Whether any running job has a partition that nobody works on. */
export async function isBatchWaiting(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<{ waiting: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "BatchPartition" p JOIN "BatchJob" j ON j."id" = p."jobId"
      WHERE j."state" = 'running' AND p."state" = 'waiting') AS "waiting"`;
  return rows[0]?.waiting ?? false;
}

/** Rows done and partitions by state, by job. */
export type JobTally = { readonly rowsDone: number; readonly partitions: number; readonly partitionsDone: number; readonly runtimes: number };

export async function tallyJobs(db: Db, jobIds: readonly string[]): Promise<ReadonlyMap<string, JobTally>> {
  if (jobIds.length === 0) return new Map();
  const rows = await db.$queryRaw<{ jobId: string; rowsDone: bigint; partitions: bigint; done: bigint; runtimes: bigint }[]>`
    SELECT "jobId"::text, sum("rowsDone")::bigint AS "rowsDone", count(*) AS "partitions",
      count(*) FILTER (WHERE "state" = 'done') AS "done",
      count(DISTINCT "bootId") FILTER (WHERE "state" = 'leased' AND "leasedUntil" > now()) AS "runtimes"
    FROM "BatchPartition" WHERE "jobId" = ANY(${[...jobIds]}::uuid[]) GROUP BY "jobId"`;
  return new Map(
    rows.map((row) => [
      row.jobId,
      { rowsDone: Number(row.rowsDone), partitions: Number(row.partitions), partitionsDone: Number(row.done), runtimes: Number(row.runtimes) },
    ]),
  );
}

export type DonePartition = {
  readonly index: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly outputDigest: string;
  readonly errorsDigest: string | null;
  readonly report: BatchReport;
};

/** The finished partitions of a job, in the order of their rows. */
export async function donePartitions(db: Db, jobId: string): Promise<DonePartition[]> {
  const rows = await db.batchPartition.findMany({ where: { jobId, state: "done" }, orderBy: { index: "asc" } });
  return rows.flatMap(({ outputDigest, report, ...row }) =>
    outputDigest === null ? [] : [{ ...row, outputDigest, report: batchReport.parse(report) }],
  );
}

/** Keeps the newest reason why a part of a job could not be worked off, for whoever asks why it does not move. */
export async function noteProblem(db: Db, jobId: string, problem: string): Promise<void> {
  await db.$executeRaw`UPDATE "BatchJob" SET "problem" = ${problem} WHERE "id" = ${jobId}::uuid AND "finishedAt" IS NULL`;
}

/** Keeps why a scheduled run could not be started. */
export async function noteScheduleProblem(db: Db, scheduleId: string, problem: string): Promise<void> {
  await db.batchSchedule.updateMany({ where: { id: scheduleId }, data: { lastProblem: problem } });
}
