import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** Stretches of time that windows are added up to, each from the one before it. Seconds. */
export const GRAINS = [60, 300, 3600, 86_400] as const;
export type Grain = (typeof GRAINS)[number];

/** One stretch of one version in one arm. */
export type PeriodKey = {
  readonly endpointId: string;
  readonly versionId: string;
  readonly arm: string;
  readonly grainSeconds: number;
  readonly periodStart: Date;
};

const startOf = (at: number, grainSeconds: number): Date =>
  new Date(Math.floor(at / (grainSeconds * 1000)) * grainSeconds * 1000);

export const keyText = ({ endpointId, versionId, arm, grainSeconds, periodStart }: PeriodKey): string =>
  [endpointId, versionId, arm, grainSeconds, periodStart.toISOString()].join(" ");

/**
 * Notes that these stretches must be added up again. An update, not "do nothing": it waits for a reader that is taking the mark at this moment,
 * so that the reader either sees these windows or leaves a mark behind. In the order of the keys, so that two writers never wait for each other.
 */
export async function markDue(db: Db, keys: readonly PeriodKey[]): Promise<void> {
  if (keys.length === 0) return;
  const distinct = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  await db.$executeRaw`
    INSERT INTO "RollupDue" AS d ("grainSeconds", "periodStart", "endpointId", "versionId", "arm")
    SELECT k."grainSeconds", k."periodStart", k."endpointId"::uuid, k."versionId"::uuid, k."arm"
    FROM jsonb_to_recordset(${JSON.stringify(distinct)}::jsonb) AS k(
      "grainSeconds" int, "periodStart" timestamptz, "endpointId" text, "versionId" text, "arm" text)
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT ("grainSeconds", "periodStart", "endpointId", "versionId", "arm") DO UPDATE SET "marks" = d."marks" + 1`;
}

/** Orders those who add stretches up again, and those who add to them, against each other. Any number that nothing else takes. */
const ROLLUPS_LOCK = 72_707_181;

/** To be taken by whoever adds stretches up from their parts, before it reads them: many may do that at once. Until the end of the transaction. */
export const shareRollups = async (db: Db): Promise<void> => {
  await db.$executeRaw`SELECT pg_advisory_xact_lock_shared(${ROLLUPS_LOCK})`;
};

/** To be taken by whoever adds to stored sums, before it reads them: alone. Until the end of the transaction. */
export const holdRollups = async (db: Db): Promise<void> => {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(${ROLLUPS_LOCK})`;
};

/** The stretch of this grain that holds a window. */
export const periodOf = ({ endpointId, versionId, arm, windowStart }: WindowReport, grainSeconds: Grain): PeriodKey => ({
  endpointId,
  versionId,
  arm,
  grainSeconds,
  periodStart: startOf(Date.parse(windowStart), grainSeconds),
});

/** The minutes of these windows. */
export const markPeriodsDue = (db: Db, windows: readonly WindowReport[]): Promise<void> => markDue(db, windows.map((window) => periodOf(window, GRAINS[0])));

/** The next longer stretch that holds this one; null for the longest. */
export function coarserPeriod(key: PeriodKey): PeriodKey | null {
  const next = GRAINS[GRAINS.findIndex((grain) => grain === key.grainSeconds) + 1];
  return next === undefined ? null : { ...key, grainSeconds: next, periodStart: startOf(key.periodStart.getTime(), next) };
}

/**
 * Takes marks of stretches that ended at least `lagSeconds` ago, oldest first, and removes them; other replicas skip what is being taken.
 * The caller adds up in the same transaction.
 */
export async function takeDue(db: Db, lagSeconds: number, limit: number): Promise<PeriodKey[]> {
  return db.$queryRaw<PeriodKey[]>`
    WITH due AS (
      SELECT "grainSeconds", "periodStart", "endpointId", "versionId", "arm" FROM "RollupDue"
      WHERE "periodStart" + ("grainSeconds" + ${lagSeconds}) * interval '1 second' <= now()
      ORDER BY "grainSeconds", "periodStart" LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    DELETE FROM "RollupDue" d USING due
    WHERE d."grainSeconds" = due."grainSeconds" AND d."periodStart" = due."periodStart" AND d."endpointId" = due."endpointId"
      AND d."versionId" = due."versionId" AND d."arm" = due."arm"
    RETURNING d."grainSeconds", d."periodStart", d."endpointId"::text, d."versionId"::text, d."arm"`;
}

/** Seconds by which the oldest stretch that could be added up is late; 0 when none is. */
export async function rollupLagSeconds(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ lag: number | null }[]>`
    SELECT extract(epoch FROM now() - min("periodStart" + "grainSeconds" * interval '1 second'))::float8 AS "lag" FROM "RollupDue"
    WHERE "periodStart" + "grainSeconds" * interval '1 second' <= now()`;
  return Math.max(0, row?.lag ?? 0);
}
