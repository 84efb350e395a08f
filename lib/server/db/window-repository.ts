import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { isLatePeriod } from "#lib/domain/drift/late-period.ts";
import type { Prisma } from "./generated/client.ts";
import { addLateShares, lateShares } from "./late-windows.ts";
import { holdRollups, markPeriodsDue } from "./rollup-due.ts";

type Db = Prisma.TransactionClient;

/** A window as stored: the newest cumulative state per key. */
export type StoredWindow = WindowReport & {
  readonly bootId: string;
  readonly runtimeId: string;
  /** Database time of the newest message about it. */
  readonly receivedAtMs: number;
};

/**
 * Keeps the highest `seq` per window key, so duplicates, retries and reordering change nothing.
 * One statement for the whole batch, and one that marks the stretches they belong to; answers how many rows were new or newer.
 * Windows of stretches whose parts may be gone at `now` are added to the stored sums instead: of each only what it did not say before.
 */
export async function saveWindows(
  db: Db,
  runtimeId: string,
  bootId: string,
  windows: readonly WindowReport[],
  now: Date,
): Promise<number> {
  if (windows.length === 0) return 0;
  const isLate = ({ windowStart }: WindowReport): boolean => isLatePeriod(Date.parse(windowStart), now.getTime());
  const late = windows.filter(isLate);
  if (late.length > 0) await holdRollups(db);
  const shares = late.length === 0 ? [] : await lateShares(db, bootId, late);
  const rows = windows.map((window) => ({
    endpointId: window.endpointId,
    versionId: window.versionId,
    arm: window.arm,
    epoch: window.epoch,
    windowStart: window.windowStart,
    releaseId: window.releaseId,
    windowSeconds: window.windowSeconds,
    seq: window.seq,
    final: window.final,
    requests: window.requests,
    errors: window.errors,
    refused: window.refused,
    units: window.units,
    labelsReceived: window.labels.received,
    labelsWrong: window.labels.wrong,
    counts: {
      firstBad: window.firstBad,
      predictions: window.predictions,
      latencyUs: window.latencyUs,
      overflow: window.overflow,
      queueUs: window.queueUs,
      inferenceUs: window.inferenceUs,
      reasons: window.reasons,
      values: window.values,
      labelPairs: window.labelPairs,
      labelErrors: window.labelErrors,
      pairs: window.pairs,
    },
    binned: window.monitoring ?? null,
    late: isLate(window),
  }));
  const accepted = await db.$executeRaw`
    INSERT INTO "MetricWindow" ("bootId", "runtimeId", "endpointId", "versionId", "arm", "epoch", "windowStart",
      "releaseId", "windowSeconds", "seq", "final", "requests", "errors", "refused", "units",
      "labelsReceived", "labelsWrong", "counts", "binned", "late")
    SELECT DISTINCT ON (w."endpointId", w."versionId", w."arm", w."epoch", w."windowStart")
      ${bootId}::uuid, ${runtimeId}::uuid, w."endpointId"::uuid, w."versionId"::uuid, w."arm", w."epoch",
      w."windowStart", w."releaseId"::uuid, w."windowSeconds", w."seq", w."final", w."requests", w."errors",
      w."refused", w."units", w."labelsReceived", w."labelsWrong", w."counts",
      nullif(w."binned", 'null'::jsonb), w."late"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS w(
      "endpointId" text, "versionId" text, "arm" text, "epoch" bigint, "windowStart" timestamptz, "releaseId" text,
      "windowSeconds" int, "seq" bigint, "final" boolean, "requests" int, "errors" int, "refused" int, "units" int,
      "labelsReceived" int, "labelsWrong" int, "counts" jsonb, "binned" jsonb, "late" boolean)
    ORDER BY w."endpointId", w."versionId", w."arm", w."epoch", w."windowStart", w."seq" DESC
    ON CONFLICT ("bootId", "endpointId", "versionId", "arm", "epoch", "windowStart") DO UPDATE SET
      "seq" = excluded."seq", "final" = excluded."final", "requests" = excluded."requests",
      "errors" = excluded."errors", "refused" = excluded."refused", "units" = excluded."units",
      "labelsReceived" = excluded."labelsReceived", "labelsWrong" = excluded."labelsWrong",
      "counts" = excluded."counts", "binned" = excluded."binned", "receivedAt" = now(), "late" = excluded."late"
    WHERE excluded."seq" > "MetricWindow"."seq"`;
  if (accepted > 0) await markPeriodsDue(db, windows.filter((window) => !isLate(window)));
  if (shares.length > 0) await addLateShares(db, shares);
  return accepted;
}

/** Releases never read the bins; they are the largest part of a row. */
const WITHOUT_BINS = { binned: true } as const;
type WindowRow = Prisma.MetricWindowGetPayload<{ omit: typeof WITHOUT_BINS }>;
type StoredCounts = Pick<WindowReport, "firstBad" | "predictions" | "latencyUs" | "overflow">;

const toWindow = (row: WindowRow): StoredWindow => ({
  bootId: row.bootId,
  runtimeId: row.runtimeId,
  endpointId: row.endpointId,
  versionId: row.versionId,
  arm: row.arm as StoredWindow["arm"],
  releaseId: row.releaseId,
  epoch: Number(row.epoch),
  windowStart: row.windowStart.toISOString(),
  windowSeconds: row.windowSeconds,
  seq: Number(row.seq),
  final: row.final,
  receivedAtMs: row.receivedAt.getTime(),
  requests: row.requests,
  errors: row.errors,
  refused: row.refused,
  units: row.units,
  labels: { received: row.labelsReceived, wrong: row.labelsWrong },
  // The column was written by saveWindows from a parsed report and by nothing else.
  ...(row.counts as unknown as StoredCounts),
});

const CANONICAL_ORDER = [
  { windowStart: "asc" },
  { runtimeId: "asc" },
  { bootId: "asc" },
  { epoch: "asc" },
  { arm: "asc" },
  { versionId: "asc" },
] as const satisfies Prisma.MetricWindowOrderByWithRelationInput[];

/** All windows of a release in canonical order. */
export async function windowsOfRelease(db: Db, releaseId: string): Promise<StoredWindow[]> {
  const rows = await db.metricWindow.findMany({ omit: WITHOUT_BINS, where: { releaseId }, orderBy: [...CANONICAL_ORDER] });
  return rows.map(toWindow);
}

/** Windows of an endpoint since a moment, in canonical order; at most `limit`, newest kept. */
export async function windowsOfEndpoint(
  db: Db,
  endpointId: string,
  since: Date,
  limit = 5000,
): Promise<StoredWindow[]> {
  const rows = await db.metricWindow.findMany({
    omit: WITHOUT_BINS,
    where: { endpointId, windowStart: { gte: since } },
    orderBy: { windowStart: "desc" },
    take: limit,
  });
  return rows.map(toWindow).sort((a, b) => (a.windowStart < b.windowStart ? -1 : 1));
}

/** Windows of one version in the stable arm before a moment, newest `limit`: what a release's reference is frozen from. */
export async function windowsBefore(
  db: Db,
  where: { endpointId: string; versionId: string; before: Date },
  limit: number,
): Promise<StoredWindow[]> {
  const rows = await db.metricWindow.findMany({
    omit: WITHOUT_BINS,
    where: {
      endpointId: where.endpointId,
      versionId: where.versionId,
      arm: "stable",
      windowStart: { lt: where.before },
    },
    orderBy: { windowStart: "desc" },
    take: limit,
  });
  return rows.map(toWindow).reverse();
}

/** Windows of one version in the stable arm from an epoch on. */
export async function windowsSinceEpoch(
  db: Db,
  where: { endpointId: string; versionId: string; fromEpoch: number },
): Promise<StoredWindow[]> {
  const rows = await db.metricWindow.findMany({
    omit: WITHOUT_BINS,
    where: {
      endpointId: where.endpointId,
      versionId: where.versionId,
      arm: "stable",
      epoch: { gte: BigInt(where.fromEpoch) },
    },
    orderBy: [...CANONICAL_ORDER],
  });
  return rows.map(toWindow);
}
