import { batchFormat, batchReport, columnMapping, type BatchFormat, type BatchReport, type ColumnMapping } from "#lib/contracts/batch.ts";
import { BATCH_STATES, type BatchState } from "#lib/domain/batch/job-state.ts";
import type { PartitionPlan } from "#lib/domain/batch/partition-plan.ts";
import type { RecordCuts } from "#lib/domain/batch/record-cuts.ts";
import { notFound } from "#lib/domain/errors.ts";
import { z } from "zod";
import { MAX_BATCH_ATTEMPTS } from "./batch-work.ts";
import { bumpDesiredRevision } from "./desired-state.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type BatchInputRecord = RecordCuts & {
  readonly digest: string;
  readonly name: string;
  readonly format: BatchFormat;
  readonly sizeBytes: number;
  readonly columns: string[];
  readonly delimiter: string | null;
};

const cuts = z.array(z.tuple([z.number(), z.number()]));
const names = z.array(z.string());

const toInput = (row: Prisma.BatchInputGetPayload<object>): BatchInputRecord => ({
  digest: row.digest,
  name: row.name,
  format: batchFormat.parse(row.format),
  sizeBytes: Number(row.sizeBytes),
  rows: row.rows,
  columns: names.parse(row.columns),
  cuts: cuts.parse(row.cuts),
  headerBytes: row.headerBytes,
  end: Number(row.endOffset),
  delimiter: row.delimiter,
});

/** Notes a file of rows; the same bytes again change nothing. */
export async function saveInput(db: Db, input: BatchInputRecord, createdBy: string): Promise<void> {
  const { end, sizeBytes, cuts: at, ...rest } = input;
  const data = {
    ...rest,
    cuts: at.map(([row, offset]) => [row, offset]),
    sizeBytes: BigInt(sizeBytes),
    endOffset: BigInt(end),
    createdBy,
  };
  await db.batchInput.createMany({ data: [data], skipDuplicates: true });
}

export async function findInput(db: Db, digest: string): Promise<BatchInputRecord | null> {
  const row = await db.batchInput.findUnique({ where: { digest } });
  return row ? toInput(row) : null;
}

export type NewBatchJob = {
  readonly id: string;
  readonly endpointId: string;
  readonly versionId: string;
  readonly compareVersionId: string | null;
  readonly inputDigest: string;
  readonly mapping: ColumnMapping;
  readonly idColumn: string | null;
  readonly outputName: string;
  readonly outputFormat: BatchFormat;
  readonly failureLimitBp: number;
  readonly scheduleId: string | null;
  readonly createdById: string | null;
  readonly createdBy: string;
};

/** A job with its partitions, ready to be leased. Answers its number. */
export async function insertJob(db: Db, job: NewBatchJob, partitions: readonly PartitionPlan[], now: Date): Promise<number> {
  const rowsTotal = partitions.reduce((sum, { rows }) => sum + rows, 0);
  const { number } = await db.batchJob.create({ data: { ...job, state: "running", rowsTotal, activeSince: now } });
  await db.batchPartition.createMany({
    data: partitions.map(({ index, firstRow, rows, byteStart, byteEnd }) => ({
      jobId: job.id,
      index,
      firstRow,
      rows,
      byteStart: BigInt(byteStart),
      byteEnd: BigInt(byteEnd),
    })),
  });
  await bumpDesiredRevision(db);
  return number;
}

export type BatchJobRecord = NewBatchJob & {
  readonly number: number;
  readonly state: BatchState;
  readonly rowsTotal: number;
  readonly activeSince: Date | null;
  readonly rowsAtActive: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly problem: string | null;
  readonly report: BatchReport | null;
  readonly rowVersion: number;
};

const toJob = (row: Prisma.BatchJobGetPayload<object>): BatchJobRecord => ({
  ...row,
  mapping: columnMapping.parse(row.mapping),
  outputFormat: batchFormat.parse(row.outputFormat),
  state: z.enum(BATCH_STATES).parse(row.state),
  report: row.report === null ? null : batchReport.parse(row.report),
});

export async function getJob(db: Db, by: { id: string } | { number: number }): Promise<BatchJobRecord> {
  const row = await db.batchJob.findUnique({ where: by });
  if (!row) throw notFound();
  return toJob(row);
}

export async function listJobs(
  db: Db,
  filter: { endpointIds: readonly string[]; beforeNumber: number | null; dual: boolean | null },
  limit: number,
): Promise<BatchJobRecord[]> {
  const rows = await db.batchJob.findMany({
    where: {
      endpointId: { in: [...filter.endpointIds] },
      ...(filter.beforeNumber === null ? {} : { number: { lt: filter.beforeNumber } }),
      ...(filter.dual === null ? {} : { compareVersionId: filter.dual ? { not: null } : null }),
    },
    orderBy: { number: "desc" },
    take: limit,
  });
  return rows.map(toJob);
}

/** Jobs whose rows are all done: their output is to be put together. */
export async function jobsToAssemble(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT j."id"::text FROM "BatchJob" j
    WHERE j."state" = 'assembling' OR (j."state" = 'running'
      AND NOT EXISTS (SELECT 1 FROM "BatchPartition" p WHERE p."jobId" = j."id" AND p."state" <> 'done'))
    ORDER BY j."number" LIMIT 20`;
  return rows.map(({ id }) => id);
}

/** Jobs that cannot go on: a partition failed as often as may be tried. */
export async function jobsStuck(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT j."id"::text FROM "BatchJob" j JOIN "BatchPartition" p ON p."jobId" = j."id"
    WHERE j."state" = 'running' AND p."state" <> 'done' AND p."attempts" >= ${MAX_BATCH_ATTEMPTS}
      AND (p."leasedUntil" IS NULL OR p."leasedUntil" < now()) LIMIT 20`;
  return rows.map(({ id }) => id);
}

export type JobChange = {
  readonly state: BatchState;
  readonly activeSince?: Date | null;
  readonly rowsAtActive?: number;
  readonly finishedAt?: Date;
  readonly problem?: string;
  readonly report?: BatchReport;
};

export async function saveJob(db: Db, job: Pick<BatchJobRecord, "id" | "rowVersion">, change: JobChange): Promise<void> {
  expectOneRow(
    await db.batchJob.updateMany({
      where: { id: job.id, rowVersion: job.rowVersion },
      data: { ...change, rowVersion: { increment: 1 } },
    }),
    "batch job",
  );
  await bumpDesiredRevision(db);
}

export type BatchOutputRecord = {
  readonly id: string;
  readonly endpointId: string;
  readonly name: string;
  readonly version: number;
  readonly jobId: string;
  readonly jobNumber: number;
  readonly versionId: string;
  readonly format: BatchFormat;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly errorsDigest: string | null;
  readonly rows: number;
  readonly failedRows: number;
  readonly report: BatchReport;
  readonly createdAt: Date;
};

const WITH_JOB = { job: { select: { number: true } } } as const;

const toOutput = ({ job, ...row }: Prisma.BatchOutputGetPayload<{ include: typeof WITH_JOB }>): BatchOutputRecord => ({
  ...row,
  jobNumber: job.number,
  format: batchFormat.parse(row.format),
  sizeBytes: Number(row.sizeBytes),
  report: batchReport.parse(row.report),
});

/** Keeps a finished output as the next version of its name. Answers the version. */
export async function insertOutput(db: Db, output: Omit<BatchOutputRecord, "version" | "createdAt" | "jobNumber">): Promise<number> {
  const newest = await db.batchOutput.aggregate({ where: { endpointId: output.endpointId, name: output.name }, _max: { version: true } });
  const version = (newest._max.version ?? 0) + 1;
  await db.batchOutput.create({ data: { ...output, version, sizeBytes: BigInt(output.sizeBytes) } });
  return version;
}

export async function getOutput(db: Db, id: string): Promise<BatchOutputRecord> {
  const row = await db.batchOutput.findUnique({ where: { id }, include: WITH_JOB });
  if (!row) throw notFound();
  return toOutput(row);
}

export async function outputsOf(db: Db, endpointId: string, limit: number): Promise<BatchOutputRecord[]> {
  const rows = await db.batchOutput.findMany({ where: { endpointId }, include: WITH_JOB, orderBy: [{ createdAt: "desc" }], take: limit });
  return rows.map(toOutput);
}

export async function outputOfJob(db: Db, jobId: string): Promise<BatchOutputRecord | null> {
  const row = await db.batchOutput.findFirst({ where: { jobId }, include: WITH_JOB });
  return row ? toOutput(row) : null;
}

/** By output name: which output is current on this endpoint. */
export async function currentOutputs(db: Db, endpointId: string): Promise<ReadonlyMap<string, { outputId: string; setBy: string; setAt: Date }>> {
  const rows = await db.batchCurrent.findMany({ where: { endpointId } });
  return new Map(rows.map(({ name, outputId, setBy, setAt }) => [name, { outputId, setBy, setAt }]));
}

export async function setCurrentOutput(db: Db, current: { endpointId: string; name: string; outputId: string; setBy: string }, now: Date): Promise<void> {
  const { endpointId, name, ...rest } = current;
  await db.batchCurrent.upsert({
    where: { endpointId_name: { endpointId, name } },
    create: { ...current, setAt: now },
    update: { ...rest, setAt: now },
  });
}

/** Whether anything of a batch job names these bytes, so that they are not swept. */
export async function isBatchFile(db: Db, digest: string): Promise<boolean> {
  const rows = await db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "BatchJob" WHERE "inputDigest" = ${digest})
      OR EXISTS (SELECT 1 FROM "BatchOutput" WHERE "digest" = ${digest} OR "errorsDigest" = ${digest})
      OR EXISTS (SELECT 1 FROM "BatchSchedule" WHERE "source" ->> 'digest' = ${digest})
      OR EXISTS (SELECT 1 FROM "BatchPartition" p JOIN "BatchJob" j ON j."id" = p."jobId"
        WHERE j."state" IN ('running', 'paused', 'assembling') AND (p."outputDigest" = ${digest} OR p."errorsDigest" = ${digest})) AS "found"`;
  return rows[0]?.found ?? false;
}

export const countJobs = (db: Db, endpointIds: readonly string[]): Promise<number> =>
  db.batchJob.count({ where: { endpointId: { in: [...endpointIds] } } });
