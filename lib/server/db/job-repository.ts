import type { JobResult } from "#lib/contracts/runtime-protocol.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** How long a runtime may work on a job before another may take it. Seconds. */
export const JOB_LEASE_SECONDS = 90;
/** A version whose model host crashes this often is quarantined. */
export const MAX_JOB_ATTEMPTS = 3;

export type JobRecord = {
  readonly id: string;
  readonly kind: "profile_version" | "try_version";
  readonly versionId: string;
  readonly state: string;
  readonly inputs: unknown[];
  readonly attempts: number;
  /** Who works on it, or did last. */
  readonly runtimeId: string | null;
};

type JobRow = { id: string; kind: string; versionId: string; state: string; inputs: unknown; attempts: number; runtimeId: string | null };

const toJob = (row: JobRow): JobRecord => ({
  id: row.id,
  kind: row.kind === "try_version" ? "try_version" : "profile_version",
  versionId: row.versionId,
  state: row.state,
  inputs: Array.isArray(row.inputs) ? row.inputs : [],
  attempts: row.attempts,
  runtimeId: row.runtimeId,
});

/** Puts a job in the queue; runtimes see `jobsWaiting` with the next desired state. */
export async function enqueueJob(
  db: Db,
  job: { id: string; kind: JobRecord["kind"]; versionId: string; inputs: readonly unknown[]; createdById: string | null },
): Promise<void> {
  await db.job.create({
    data: { ...job, inputs: [...job.inputs] as Prisma.InputJsonArray, state: "waiting" },
  });
}

/** Gives the oldest waiting job (or one whose lease ran out) to this runtime; null when there is none. */
export async function leaseJob(db: Db, runtimeId: string): Promise<JobRecord | null> {
  const rows = await db.$queryRaw<JobRow[]>`
    UPDATE "Job" SET "state" = 'leased', "runtimeId" = ${runtimeId}::uuid, "attempts" = "attempts" + 1,
      "leasedUntil" = now() + ${JOB_LEASE_SECONDS} * interval '1 second'
    WHERE "id" = (
      SELECT "id" FROM "Job"
      WHERE ("state" = 'waiting' OR ("state" = 'leased' AND "leasedUntil" < now())) AND "attempts" < ${MAX_JOB_ATTEMPTS}
      ORDER BY "createdAt" LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING "id"::text, "kind", "versionId"::text, "state", "inputs", "attempts", "runtimeId"::text`;
  return rows[0] ? toJob(rows[0]) : null;
}

/** Records how a leased job ended. False when it was not leased to anyone (a repeated result). */
export async function finishJob(db: Db, jobId: string, state: "succeeded" | "failed", result: JobResult): Promise<boolean> {
  const rows = await db.$executeRaw`
    UPDATE "Job" SET "state" = ${state}, "result" = ${JSON.stringify(result)}::jsonb, "finishedAt" = now(), "leasedUntil" = NULL
    WHERE "id" = ${jobId}::uuid AND "state" = 'leased'`;
  return rows === 1;
}

/** Puts a job back after a crash, so that a later attempt can tell an accident from a bad model. */
export async function returnJob(db: Db, jobId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "Job" SET "state" = 'waiting', "leasedUntil" = NULL WHERE "id" = ${jobId}::uuid AND "state" = 'leased'`;
}

export async function findJob(
  db: Db,
  jobId: string,
): Promise<(JobRecord & { result: unknown; createdAt: Date; finishedAt: Date | null }) | null> {
  const row = await db.job.findUnique({ where: { id: jobId } });
  return row ? { ...toJob(row), result: row.result, createdAt: row.createdAt, finishedAt: row.finishedAt } : null;
}
