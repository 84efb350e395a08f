import { batchFormat, batchSource, columnMapping, type BatchFormat, type BatchSource, type ColumnMapping } from "#lib/contracts/batch.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type BatchScheduleRecord = {
  readonly id: string;
  readonly endpointId: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly source: BatchSource;
  readonly mapping: ColumnMapping;
  readonly idColumn: string | null;
  readonly outputName: string;
  readonly outputFormat: BatchFormat;
  readonly failureLimitBp: number;
  readonly enabled: boolean;
  readonly nextAt: Date | null;
  readonly lastAt: Date | null;
  readonly lastProblem: string | null;
  readonly createdById: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly rowVersion: number;
};

const toSchedule = (row: Prisma.BatchScheduleGetPayload<object>): BatchScheduleRecord => ({
  ...row,
  source: batchSource.parse(row.source),
  mapping: columnMapping.parse(row.mapping),
  outputFormat: batchFormat.parse(row.outputFormat),
});

type NewSchedule = Omit<BatchScheduleRecord, "enabled" | "lastAt" | "lastProblem" | "createdAt" | "rowVersion">;

export async function insertSchedule(db: Db, schedule: NewSchedule): Promise<void> {
  await db.batchSchedule.create({ data: schedule });
}

export async function getSchedule(db: Db, id: string): Promise<BatchScheduleRecord> {
  const row = await db.batchSchedule.findUnique({ where: { id } });
  if (!row) throw notFound();
  return toSchedule(row);
}

export async function schedulesOf(db: Db, endpointIds: readonly string[]): Promise<BatchScheduleRecord[]> {
  const rows = await db.batchSchedule.findMany({ where: { endpointId: { in: [...endpointIds] } }, orderBy: { createdAt: "asc" } });
  return rows.map(toSchedule);
}

/** Schedules whose time has come. */
export async function dueSchedules(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT "id"::text FROM "BatchSchedule" WHERE "enabled" AND "nextAt" <= now() ORDER BY "nextAt" LIMIT 50`;
  return rows.map(({ id }) => id);
}

export async function saveSchedule(
  db: Db,
  schedule: Pick<BatchScheduleRecord, "id" | "rowVersion">,
  change: Partial<Pick<BatchScheduleRecord, "enabled" | "nextAt" | "lastAt" | "lastProblem">>,
): Promise<void> {
  expectOneRow(
    await db.batchSchedule.updateMany({ where: { id: schedule.id, rowVersion: schedule.rowVersion }, data: { ...change, rowVersion: { increment: 1 } } }),
    "batch schedule",
  );
}
