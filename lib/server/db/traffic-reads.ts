import type { ArmRole } from "#lib/contracts/runtime-protocol.ts";
import type { SparseHistogram } from "#lib/domain/statistics/histogram.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type TrafficTally = {
  readonly requests: number;
  readonly errors: number;
  /** Seconds from the first window in the time asked for to now. */
  readonly seconds: number;
};

/** Requests and errors of each endpoint since a moment; endpoints without a window are left out. */
export async function trafficSince(
  db: Db,
  endpointIds: readonly string[],
  since: Date,
  now: Date,
): Promise<Map<string, TrafficTally>> {
  if (endpointIds.length === 0) return new Map();
  const rows = await db.$queryRaw<{ endpointId: string; requests: bigint; errors: bigint; first: Date }[]>`
    SELECT "endpointId"::text, sum("requests")::bigint AS "requests", sum("errors")::bigint AS "errors", min("windowStart") AS "first"
    FROM "MetricWindow" WHERE "endpointId" = ANY(${[...endpointIds]}::uuid[]) AND "windowStart" >= ${since} AND "arm" <> 'shadow'
    GROUP BY "endpointId"`;
  return new Map(
    rows.map((row) => [
      row.endpointId,
      {
        requests: Number(row.requests),
        errors: Number(row.errors),
        seconds: Math.max(1, (now.getTime() - row.first.getTime()) / 1000),
      },
    ]),
  );
}

/** What one arm counted in one slice of time, over all runtimes. */
export type TrafficSlice = {
  readonly slice: number;
  readonly arm: ArmRole;
  readonly versionId: string;
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly labelsReceived: number;
  readonly labelsWrong: number;
  readonly latencyUs: SparseHistogram;
};

type CountRow = {
  slice: number;
  arm: ArmRole;
  versionId: string;
  requests: bigint;
  errors: bigint;
  refused: bigint;
  labelsReceived: bigint;
  labelsWrong: bigint;
  sum: number;
  min: number | null;
  max: number | null;
  underflow: bigint;
  overflow: bigint;
};
type BinRow = { slice: number; arm: string; versionId: string; bin: number; count: bigint };

const keyOf = (row: { slice: number; arm: string; versionId: string }): string =>
  `${row.slice} ${row.arm} ${row.versionId}`;

/**
 * Windows of an endpoint from a moment on, added up in slices of `sliceSeconds` counted from there. Histograms are merged bin by bin, which is what
 * `merge` of the domain does; percentiles are never averaged.
 */
export async function trafficSlices(
  db: Db,
  endpointId: string,
  from: Date,
  sliceSeconds: number,
): Promise<TrafficSlice[]> {
  const counts = await db.$queryRaw<CountRow[]>`
    SELECT floor(extract(epoch FROM "windowStart" - ${from}) / ${sliceSeconds})::int AS "slice", "arm", "versionId"::text,
      sum("requests")::bigint AS "requests", sum("errors")::bigint AS "errors", sum("refused")::bigint AS "refused",
      sum("labelsReceived")::bigint AS "labelsReceived", sum("labelsWrong")::bigint AS "labelsWrong",
      sum(("counts" #>> '{latencyUs,sum}')::float8) AS "sum", min(("counts" #>> '{latencyUs,min}')::float8) AS "min",
      max(("counts" #>> '{latencyUs,max}')::float8) AS "max", sum(("counts" #>> '{latencyUs,underflow}')::bigint)::bigint AS "underflow",
      sum(("counts" #>> '{latencyUs,overflow}')::bigint)::bigint AS "overflow"
    FROM "MetricWindow" WHERE "endpointId" = ${endpointId}::uuid AND "windowStart" >= ${from} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  const bins = await db.$queryRaw<BinRow[]>`
    SELECT floor(extract(epoch FROM w."windowStart" - ${from}) / ${sliceSeconds})::int AS "slice", w."arm", w."versionId"::text,
      (b->>0)::int AS "bin", sum((b->>1)::bigint)::bigint AS "count"
    FROM "MetricWindow" w, LATERAL jsonb_array_elements(w."counts" #> '{latencyUs,bins}') b
    WHERE w."endpointId" = ${endpointId}::uuid AND w."windowStart" >= ${from} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`;
  const binsOf = new Map<string, [number, number][]>();
  for (const row of bins) {
    const own = binsOf.get(keyOf(row));
    if (own === undefined) binsOf.set(keyOf(row), [[row.bin, Number(row.count)]]);
    else own.push([row.bin, Number(row.count)]);
  }
  return counts.map((row) => toSlice(row, binsOf.get(keyOf(row)) ?? []));
}

function toSlice(row: CountRow, bins: readonly (readonly [number, number])[]): TrafficSlice {
  const underflow = Number(row.underflow);
  const overflow = Number(row.overflow);
  return {
    slice: row.slice,
    arm: row.arm,
    versionId: row.versionId,
    requests: Number(row.requests),
    errors: Number(row.errors),
    refused: Number(row.refused),
    labelsReceived: Number(row.labelsReceived),
    labelsWrong: Number(row.labelsWrong),
    latencyUs: {
      bins,
      count: bins.reduce((sum, [, count]) => sum + count, 0) + underflow + overflow,
      sum: row.sum,
      min: row.min,
      max: row.max,
      underflow,
      overflow,
    },
  };
}
