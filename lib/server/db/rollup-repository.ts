import { EMPTY_PERIOD, type BinnedCounts, type PeriodCounts } from "#lib/domain/drift/period.ts";
import { quantileUs } from "#lib/domain/statistics/histogram.ts";
import type { Prisma } from "./generated/client.ts";
import { GRAINS, keyText, type PeriodKey } from "./rollup-due.ts";
import { periodOfRollup, periodOfWindow, type BaseRow, type RollupRow } from "./rollup-rows.ts";

type Db = Prisma.TransactionClient;

export { coarserPeriod, GRAINS, markDue, rollupLagSeconds, shareRollups, takeDue, type PeriodKey } from "./rollup-due.ts";

type Keyed<T> = T & { readonly endpointId: string; readonly versionId: string; readonly arm: string; readonly periodStart: Date };

/** The parts of these stretches, all of one grain: windows for minutes, else rollups of the next finer grain. By `keyText`. */
export async function partsOf(db: Db, grainSeconds: number, keys: readonly PeriodKey[]): Promise<Map<string, PeriodCounts[]>> {
  const wanted = JSON.stringify(keys);
  const finer = GRAINS[GRAINS.findIndex((grain) => grain === grainSeconds) - 1];
  const parts = new Map<string, PeriodCounts[]>(keys.map((key) => [keyText(key), []]));
  const put = (row: Keyed<unknown>, period: PeriodCounts): void => {
    parts.get(keyText({ ...(row as PeriodKey), grainSeconds }))?.push(period);
  };
  if (finer === undefined) {
    const rows = await db.$queryRaw<Keyed<BaseRow>[]>`
      SELECT k."endpointId", k."versionId", k."arm", k."periodStart", w."requests", w."errors", w."refused", w."labelsReceived", w."labelsWrong",
        w."counts" - 'firstBad' AS "counts", w."binned"
      FROM jsonb_to_recordset(${wanted}::jsonb) AS k("endpointId" text, "versionId" text, "arm" text, "periodStart" timestamptz)
      JOIN "MetricWindow" w ON w."endpointId" = k."endpointId"::uuid AND w."windowStart" >= k."periodStart"
        AND w."windowStart" < k."periodStart" + ${grainSeconds} * interval '1 second'
        AND w."versionId" = k."versionId"::uuid AND w."arm" = k."arm"`;
    for (const row of rows) put(row, periodOfWindow(row));
    return parts;
  }
  const rows = await db.$queryRaw<Keyed<RollupRow>[]>`
    SELECT k."endpointId", k."versionId", k."arm", k."periodStart", r."requests", r."errors", r."refused", r."labelsReceived", r."labelsWrong", r."counts", r."binned"
    FROM jsonb_to_recordset(${wanted}::jsonb) AS k("endpointId" text, "versionId" text, "arm" text, "periodStart" timestamptz)
    JOIN "MetricRollup" r ON r."endpointId" = k."endpointId"::uuid AND r."versionId" = k."versionId"::uuid AND r."arm" = k."arm"
      AND r."grainSeconds" = ${finer} AND r."periodStart" >= k."periodStart" AND r."periodStart" < k."periodStart" + ${grainSeconds} * interval '1 second'`;
  for (const row of rows) put(row, periodOfRollup(row));
  return parts;
}

/** Keeps the sums of these stretches, in place of what was there; the revision rises where something was. */
export async function saveRollups(
  db: Db,
  sums: readonly { readonly key: PeriodKey; readonly inputs: number; readonly period: PeriodCounts }[],
): Promise<void> {
  if (sums.length === 0) return;
  const rows = sums.map(({ key, inputs, period }) => {
    const { requests, errors, refused, labelsReceived, labelsWrong, binned, ...counts } = period;
    const quantiles = { p50Us: quantileUs(counts.latencyUs, 0.5), p95Us: quantileUs(counts.latencyUs, 0.95), p99Us: quantileUs(counts.latencyUs, 0.99) };
    const values = { valuesReceived: counts.values.received, valuesSum: counts.values.sum };
    return { ...key, inputs, requests, errors, refused, labelsReceived, labelsWrong, ...quantiles, ...values, counts, binned };
  });
  await db.$executeRaw`
    INSERT INTO "MetricRollup" AS r ("endpointId", "versionId", "arm", "grainSeconds", "periodStart", "inputs", "requests", "errors", "refused",
      "labelsReceived", "labelsWrong", "p50Us", "p95Us", "p99Us", "valuesReceived", "valuesSum", "counts", "binned")
    SELECT s."endpointId"::uuid, s."versionId"::uuid, s."arm", s."grainSeconds", s."periodStart", s."inputs", s."requests", s."errors", s."refused",
      s."labelsReceived", s."labelsWrong", s."p50Us", s."p95Us", s."p99Us", s."valuesReceived", s."valuesSum", s."counts", s."binned"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS s("endpointId" text, "versionId" text, "arm" text, "grainSeconds" int, "periodStart" timestamptz,
      "inputs" int, "requests" bigint, "errors" bigint, "refused" bigint, "labelsReceived" bigint, "labelsWrong" bigint, "p50Us" float8, "p95Us" float8,
      "p99Us" float8, "valuesReceived" bigint, "valuesSum" float8, "counts" jsonb, "binned" jsonb)
    ON CONFLICT ("endpointId", "versionId", "arm", "grainSeconds", "periodStart") DO UPDATE SET "revision" = r."revision" + 1, "inputs" = excluded."inputs",
      "requests" = excluded."requests", "errors" = excluded."errors", "refused" = excluded."refused", "labelsReceived" = excluded."labelsReceived",
      "labelsWrong" = excluded."labelsWrong", "p50Us" = excluded."p50Us", "p95Us" = excluded."p95Us", "p99Us" = excluded."p99Us",
      "valuesReceived" = excluded."valuesReceived", "valuesSum" = excluded."valuesSum", "counts" = excluded."counts", "binned" = excluded."binned", "updatedAt" = now()`;
}

export type Stretch = { readonly versionId: string; readonly arm: string; readonly start: Date; readonly period: PeriodCounts };

/** What an endpoint counted from `from` to `to`, one entry per stretch of this grain (10: single windows), version and arm, oldest first. */
export async function stretches(
  db: Db,
  where: { readonly endpointId: string; readonly versionId?: string; readonly grainSeconds: number; readonly from: Date; readonly to: Date },
): Promise<Stretch[]> {
  const { endpointId, versionId = null, grainSeconds, from, to } = where;
  if (grainSeconds < GRAINS[0]) {
    const rows = await db.$queryRaw<(BaseRow & { versionId: string; arm: string; start: Date })[]>`
      SELECT "versionId"::text, "arm", "windowStart" AS "start", "requests", "errors", "refused", "labelsReceived", "labelsWrong", "counts" - 'firstBad' AS "counts", "binned"
      FROM "MetricWindow" WHERE "endpointId" = ${endpointId}::uuid AND "windowStart" >= ${from} AND "windowStart" < ${to}
        AND (${versionId}::uuid IS NULL OR "versionId" = ${versionId}::uuid) ORDER BY "windowStart"`;
    return rows.map((row) => ({ versionId: row.versionId, arm: row.arm, start: row.start, period: periodOfWindow(row) }));
  }
  const rows = await db.$queryRaw<(RollupRow & { versionId: string; arm: string; start: Date })[]>`
    SELECT "versionId"::text, "arm", "periodStart" AS "start", "requests", "errors", "refused", "labelsReceived", "labelsWrong", "counts", "binned"
    FROM "MetricRollup" WHERE "endpointId" = ${endpointId}::uuid AND "grainSeconds" = ${grainSeconds} AND "periodStart" >= ${from} AND "periodStart" < ${to}
      AND (${versionId}::uuid IS NULL OR "versionId" = ${versionId}::uuid) ORDER BY "periodStart"`;
  return rows.map((row) => ({ versionId: row.versionId, arm: row.arm, start: row.start, period: periodOfRollup(row) }));
}

/** A version's inputs by these bins from `from` to `to`, one entry per stretch of this grain and arm, oldest first; nothing else of the stretch. */
export async function featureStretches(
  db: Db,
  where: { readonly endpointId: string; readonly versionId: string; readonly binsHash: string; readonly grainSeconds: number; readonly from: Date; readonly to: Date },
): Promise<{ arm: string; startMs: number; features: BinnedCounts["features"] }[]> {
  const rows = await db.$queryRaw<{ arm: string; start: Date; features: BinnedCounts["features"] }[]>`
    SELECT r."arm", r."periodStart" AS "start", b."value"->'features' AS "features"
    FROM "MetricRollup" r CROSS JOIN LATERAL jsonb_array_elements(r."binned") AS b("value")
    WHERE r."endpointId" = ${where.endpointId}::uuid AND r."versionId" = ${where.versionId}::uuid AND r."grainSeconds" = ${where.grainSeconds}
      AND r."periodStart" >= ${where.from} AND r."periodStart" < ${where.to} AND b."value"->>'binsHash' = ${where.binsHash}
    ORDER BY r."periodStart"`;
  return rows.map(({ arm, start, features }) => ({ arm, startMs: start.getTime(), features }));
}

/**
 * A version's first labelled predictions by score, of at most `limit` stretches of this grain that ended by `before` and hold labels, oldest first;
 * shadows left out.
 */
export async function firstLabelledScores(
  db: Db,
  where: { readonly endpointId: string; readonly versionId: string; readonly binsHash: string; readonly grainSeconds: number; readonly before: Date },
  limit: number,
): Promise<BinnedCounts["labelsByScore"][]> {
  const rows = await db.$queryRaw<{ labels: BinnedCounts["labelsByScore"] }[]>`
    SELECT b."value"->'labelsByScore' AS "labels"
    FROM "MetricRollup" r CROSS JOIN LATERAL jsonb_array_elements(r."binned") AS b("value")
    WHERE r."endpointId" = ${where.endpointId}::uuid AND r."versionId" = ${where.versionId}::uuid AND r."arm" <> 'shadow' AND r."grainSeconds" = ${where.grainSeconds}
      AND r."periodStart" <= ${where.before}::timestamptz - ${where.grainSeconds} * interval '1 second' AND r."labelsReceived" > 0
      AND b."value"->>'binsHash' = ${where.binsHash}
    ORDER BY r."periodStart", r."arm" LIMIT ${limit}`;
  return rows.map(({ labels }) => labels);
}

/** A point of a traffic chart; percentiles are those of the stretch's own histogram. */
export type TrafficPoint = {
  readonly versionId: string;
  readonly arm: string;
  readonly start: Date;
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly labelsReceived: number;
  readonly labelsWrong: number;
  readonly p50Us: number | null;
  readonly p95Us: number | null;
  readonly p99Us: number | null;
  readonly valuesReceived: number;
  readonly valuesSum: number;
};

/** Traffic of an endpoint by stretches of this grain: narrow columns only, so that 13 months of hours are read in milliseconds. */
export async function trafficPoints(
  db: Db,
  where: { readonly endpointId: string; readonly grainSeconds: number; readonly from: Date; readonly to: Date },
): Promise<TrafficPoint[]> {
  const rows = await db.metricRollup.findMany({
    where: { endpointId: where.endpointId, grainSeconds: where.grainSeconds, periodStart: { gte: where.from, lt: where.to } },
    // Exactly what the covering index holds, so that the wide rows are not touched.
    select: {
      versionId: true,
      arm: true,
      periodStart: true,
      requests: true,
      errors: true,
      refused: true,
      labelsReceived: true,
      labelsWrong: true,
      p50Us: true,
      p95Us: true,
      p99Us: true,
      valuesReceived: true,
      valuesSum: true,
    },
    orderBy: { periodStart: "asc" },
  });
  return rows.map((row) => ({
    versionId: row.versionId,
    arm: row.arm,
    start: row.periodStart,
    requests: Number(row.requests),
    errors: Number(row.errors),
    refused: Number(row.refused),
    labelsReceived: Number(row.labelsReceived),
    labelsWrong: Number(row.labelsWrong),
    p50Us: row.p50Us,
    p95Us: row.p95Us,
    p99Us: row.p99Us,
    valuesReceived: Number(row.valuesReceived),
    valuesSum: row.valuesSum,
  }));
}

export const NOTHING_COUNTED = EMPTY_PERIOD;

/**
 * How long each grain is kept, in seconds; 0: for as long as the model is. Grain 0 are the windows themselves; `late`: windows that may come again or
 * in a newer state, from when they came in.
 */
export type Retention = Readonly<Record<0 | 60 | 300 | 3600 | 86_400 | "late", number>>;

/** A runtime that was cut off sends again what it sent just before: the answer may not have reached it. */
const MAY_COME_AGAIN_SECONDS = 120;

/**
 * Forgets what is older than its grain is kept, at most `limit` rows of each grain a call. Windows of a release that has not ended stay, and so
 * does whatever still waits to be added up, or is under legal hold. Windows that came late, are not final or were the last before a silence stay as
 * long as `late` says: without them a repeat could not be told from something new.
 */
export async function pruneMetrics(db: Db, kept: Retention, openStates: readonly string[], limit: number, heldEndpointIds: readonly string[] = []): Promise<number> {
  const held = [...heldEndpointIds];
  let removed = await db.$executeRaw`
    DELETE FROM "MetricWindow" WHERE ctid = ANY(ARRAY(
      SELECT w.ctid FROM "MetricWindow" w WHERE w."windowStart" < now() - ${kept[0]} * interval '1 second' AND NOT (w."endpointId" = ANY(${held}::uuid[]))
        AND NOT (w."receivedAt" > now() - ${kept.late} * interval '1 second' AND (w."late" OR NOT w."final" OR EXISTS (
          SELECT 1 FROM "Runtime" t WHERE t."id" = w."runtimeId" AND (w."receivedAt" > t."windowsAt" - ${MAY_COME_AGAIN_SECONDS} * interval '1 second'
            OR w."receivedAt" BETWEEN t."quietSince" - ${MAY_COME_AGAIN_SECONDS} * interval '1 second' AND t."quietSince"))))
        AND NOT EXISTS (SELECT 1 FROM "Release" r WHERE r."endpointId" = w."endpointId" AND r."state" = ANY(${[...openStates]}::text[]))
        AND NOT EXISTS (SELECT 1 FROM "RollupDue" d WHERE d."endpointId" = w."endpointId" AND d."grainSeconds" = 60
          AND d."periodStart" <= w."windowStart" AND d."periodStart" > w."windowStart" - interval '60 seconds')
      LIMIT ${limit}))`;
  for (const [at, grain] of GRAINS.entries()) {
    const seconds = kept[grain];
    if (seconds === 0) continue;
    // Parts of a longer stretch that is still to be added up stay; the longest is part of nothing.
    const coarser = GRAINS[at + 1] ?? grain;
    removed += await db.$executeRaw`
      DELETE FROM "MetricRollup" WHERE ctid = ANY(ARRAY(
        SELECT r.ctid FROM "MetricRollup" r WHERE r."grainSeconds" = ${grain} AND r."periodStart" < now() - ${seconds} * interval '1 second'
          AND NOT (r."endpointId" = ANY(${held}::uuid[]))
          AND NOT EXISTS (SELECT 1 FROM "RollupDue" d WHERE d."endpointId" = r."endpointId" AND d."versionId" = r."versionId" AND d."arm" = r."arm"
            AND d."grainSeconds" <= ${coarser} AND d."periodStart" >= date_bin(${coarser} * interval '1 second', r."periodStart", 'epoch')
            AND d."periodStart" < date_bin(${coarser} * interval '1 second', r."periodStart", 'epoch') + ${coarser} * interval '1 second')
          LIMIT ${limit}))`;
  }
  return removed;
}

/** When a window last came in for this version there, by the end of its time; null when none is kept. */
export async function newestWindowEnd(db: Db, endpointId: string, versionId: string): Promise<Date | null> {
  const row = await db.metricWindow.findFirst({
    where: { endpointId, versionId, requests: { gt: 0 } },
    orderBy: { windowStart: "desc" },
    select: { windowStart: true, windowSeconds: true },
  });
  return row === null ? null : new Date(row.windowStart.getTime() + row.windowSeconds * 1000);
}
