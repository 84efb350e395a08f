import type { z } from "zod";
import { objectives, prices, scaling } from "#lib/contracts/service-level.ts";
import type { Objectives, ServiceCounts } from "#lib/domain/serving/service-level.ts";
import type { Load, Prices, Scaling } from "#lib/domain/serving/capacity.ts";
import { binOf, HIGHEST_US, LOWEST_US } from "#lib/domain/statistics/histogram.ts";
import { asJson } from "../content-digest.ts";
import { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export type ServiceLevelRecord = {
  readonly objectives: Objectives | null;
  readonly scaling: Scaling | null;
  readonly prices: Prices | null;
  readonly updatedAt: Date;
  readonly updatedBy: string;
  readonly rowVersion: number;
};

const parsed = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> | null => (value === null ? null : schema.parse(value));

/** What is promised of an endpoint; null where nobody has said anything. */
export async function findServiceLevel(db: Db, endpointId: string): Promise<ServiceLevelRecord | null> {
  const row = await db.serviceLevel.findUnique({ where: { endpointId } });
  if (row === null) return null;
  const { updatedAt, updatedBy, rowVersion } = row;
  return { objectives: parsed(objectives, row.objectives), scaling: parsed(scaling, row.scaling), prices: parsed(prices, row.prices), updatedAt, updatedBy, rowVersion };
}

export type NewServiceLevel = Pick<ServiceLevelRecord, "objectives" | "scaling" | "prices">;

/** Puts a new document in place of the one that was read with this row version; null: there was none. Answers the next row version. */
export async function saveServiceLevel(db: Db, endpointId: string, level: NewServiceLevel, seen: number | null, by: string): Promise<number> {
  const json = (value: unknown) => (value === null ? Prisma.DbNull : (asJson(value) as Prisma.InputJsonValue));
  const data = { objectives: json(level.objectives), scaling: json(level.scaling), prices: json(level.prices), updatedBy: by };
  if (seen === null) {
    await db.serviceLevel.create({ data: { endpointId, ...data, rowVersion: 1 } });
    return 1;
  }
  expectOneRow(await db.serviceLevel.updateMany({ where: { endpointId, rowVersion: seen }, data: { ...data, updatedAt: new Date(), rowVersion: { increment: 1 } } }), "service level");
  return seen + 1;
}

const HOUR_MS = 3_600_000;
/** Stretches up to this long are read from minutes alone; minutes are kept for two days. */
const MINUTES_UP_TO_MS = 6 * HOUR_MS;
/** Hours are added up this long after their end at the latest. */
const ROLLUP_LAG_MS = 120_000;

/**
 * What an endpoint counted from `from` to `to`, over all its versions, shadows left out. Long stretches begin with a whole hour. Answers
 * slower than `latencyMs` are counted by the bins of the histogram: those in the threshold's own bin (2.2 % wide) are not.
 */
export async function serviceCounts(db: Db, endpointId: string, from: Date, to: Date, latencyMs: number | null): Promise<ServiceCounts> {
  const ownBin = binOf(Math.min(HIGHEST_US, Math.max(LOWEST_US, (latencyMs ?? 0) * 1000)));
  const isShort = to.getTime() - from.getTime() <= MINUTES_UP_TO_MS;
  const firstHour = new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS);
  const minutesFrom = isShort ? from : new Date(Math.floor((to.getTime() - ROLLUP_LAG_MS) / HOUR_MS) * HOUR_MS);
  const [row] = await db.$queryRaw<[{ requests: bigint; errors: bigint; answered: bigint; slow: bigint }]>`
    SELECT COALESCE(sum("requests"), 0)::bigint AS "requests", COALESCE(sum("errors"), 0)::bigint AS "errors",
      COALESCE(sum(("counts" #>> '{latencyUs,count}')::bigint), 0)::bigint AS "answered",
      COALESCE(sum(("counts" #>> '{latencyUs,overflow}')::bigint + (
        SELECT COALESCE(sum((b->>1)::bigint), 0) FROM jsonb_array_elements("counts" #> '{latencyUs,bins}') b WHERE (b->>0)::int > ${ownBin})), 0)::bigint AS "slow"
    FROM "MetricRollup" WHERE "endpointId" = ${endpointId}::uuid AND "arm" <> 'shadow' AND (
      ("grainSeconds" = 60 AND "periodStart" >= ${minutesFrom} AND "periodStart" < ${to})
      OR (NOT ${isShort} AND "grainSeconds" = 3600 AND "periodStart" >= ${firstHour} AND "periodStart" < ${minutesFrom}))`;
  return { requests: Number(row.requests), errors: Number(row.errors), answered: Number(row.answered), slow: latencyMs === null ? 0 : Number(row.slow) };
}

/** Five minutes: the finest grain that is kept for weeks. */
export const LOAD_STRETCH_SECONDS = 300;

/** What an endpoint asked of the model hosts since a moment, by stretches of five minutes, shadows left out: they have hosts of their own. */
export async function loadsOf(db: Db, endpointId: string, from: Date): Promise<Load[]> {
  const rows = await db.$queryRaw<{ index: number; requests: bigint; busyUs: number }[]>`
    SELECT floor(extract(epoch FROM "periodStart") / ${LOAD_STRETCH_SECONDS})::int AS "index", sum("requests")::bigint AS "requests",
      COALESCE(sum(("counts" #>> '{inferenceUs,sum}')::float8), 0) AS "busyUs"
    FROM "MetricRollup" WHERE "endpointId" = ${endpointId}::uuid AND "arm" <> 'shadow' AND "grainSeconds" = ${LOAD_STRETCH_SECONDS} AND "periodStart" >= ${from}
    GROUP BY 1 ORDER BY 1`;
  return rows.map(({ index, requests, busyUs }) => ({ index, requests: Number(requests), busyUs }));
}
