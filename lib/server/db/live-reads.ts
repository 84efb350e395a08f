import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type LiveTally = {
  readonly requests: number;
  readonly refused: number;
  readonly labelsReceived: number;
  readonly labelsWrong: number;
  readonly newestLabelAt: Date | null;
  /** Answers with a measured latency. */
  readonly latencyCounts: number;
  /** Class by count, of the version that is stable now. */
  readonly predictions: Readonly<Record<string, number>>;
};

type Row = { requests: bigint; refused: bigint; labels: bigint; wrong: bigint; newestLabelAt: Date | null; latency: bigint };

/** What one endpoint counted in the last day, stable and candidate arms together; predictions of the given version only. */
export async function liveTally(db: Db, endpointId: string, versionId: string, since: Date): Promise<LiveTally> {
  const [row] = await db.$queryRaw<Row[]>`
    SELECT coalesce(sum("requests"), 0)::bigint AS "requests", coalesce(sum("refused"), 0)::bigint AS "refused",
      coalesce(sum("labelsReceived"), 0)::bigint AS "labels", coalesce(sum("labelsWrong"), 0)::bigint AS "wrong",
      max("windowStart") FILTER (WHERE "labelsReceived" > 0) AS "newestLabelAt",
      coalesce(sum(("counts"->'latencyUs'->>'count')::bigint), 0)::bigint AS "latency"
    FROM "MetricWindow" WHERE "endpointId" = ${endpointId}::uuid AND "windowStart" >= ${since} AND "arm" <> 'shadow'`;
  const classes = await db.$queryRaw<{ name: string; count: bigint }[]>`
    SELECT p.key AS "name", sum(p.value::bigint)::bigint AS "count"
    FROM "MetricWindow" w, jsonb_each_text(w."counts"->'predictions') AS p(key, value)
    WHERE w."endpointId" = ${endpointId}::uuid AND w."versionId" = ${versionId}::uuid AND w."windowStart" >= ${since} AND w."arm" <> 'shadow'
    GROUP BY p.key ORDER BY p.key LIMIT 100`;
  return {
    requests: Number(row?.requests ?? 0),
    refused: Number(row?.refused ?? 0),
    labelsReceived: Number(row?.labels ?? 0),
    labelsWrong: Number(row?.wrong ?? 0),
    newestLabelAt: row?.newestLabelAt ?? null,
    latencyCounts: Number(row?.latency ?? 0),
    predictions: Object.fromEntries(classes.map(({ name, count }) => [name, Number(count)])),
  };
}

/** Releases whose author, or the author of whose candidate, is among those who approved it. Zero unless a rule was broken. */
export async function selfApprovals(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*)::bigint AS "count" FROM "Approval" a JOIN "Release" r ON r."id" = a."releaseId" JOIN "Version" v ON v."id" = r."candidateVersionId"
      LEFT JOIN "User" u ON u."id" = v."authorId"
    WHERE a."decision" = 'approved' AND a."voidedAt" IS NULL AND (a."personId" = r."authorId"::text OR a."personId" = u."personId")`;
  return Number(row?.count ?? 0);
}

/** Endpoints that runtimes reported traffic of since then, and that no record here knows. */
export async function unknownEndpoints(db: Db, since: Date): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(DISTINCT w."endpointId")::bigint AS "count" FROM "MetricWindow" w
    WHERE w."windowStart" >= ${since} AND NOT EXISTS (SELECT 1 FROM "Endpoint" e WHERE e."id" = w."endpointId")`;
  return Number(row?.count ?? 0);
}

/** Attempts to approve one's own work that were refused; they stand in the trail. */
export async function refusedSelfApprovals(db: Db): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*)::bigint AS "count" FROM "AuditEvent" WHERE "action" = 'access.denied' 
      AND CASE WHEN "pruningId" IS NULL THEN convert_from("leaf", 'UTF8')::jsonb->'after'->>'code' = 'self_approval' ELSE false END`;
  return Number(row?.count ?? 0);
}

/** Whether evidence and its documents are guarded against change and deletion in the database itself. */
export async function isEvidenceImmutable(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<{ table: string }[]>`
    SELECT c.relname::text AS "table" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = 'governance_no_change' AND t.tgenabled <> 'D' AND c.relname IN ('Evidence', 'EvidenceDocument', 'ModelClassification')`;
  return rows.length === 3;
}
