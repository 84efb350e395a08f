import { Client } from "pg";
import type { MonitoringStage } from "#lib/server/monitoring/monitoring-stage.fixture.ts";

/** Rows that a benchmark needs in numbers, written by the database itself. */

async function asOwner<T>(stage: MonitoringStage, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: stage.database.ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** More endpoints that serve the same version. Answers all ids, the stage's own first. */
export function addEndpoints(stage: MonitoringStage, count: number): Promise<string[]> {
  return asOwner(stage, async (client) => {
    await client.query(
      `INSERT INTO "Endpoint" ("id", "name", "environmentId", "modelId", "stableVersionId", "epoch", "createdById")
       SELECT gen_random_uuid(), 'bench-' || n, e."environmentId", e."modelId", e."stableVersionId", 1, e."createdById"
       FROM "Endpoint" e, generate_series(2, $2::int) n WHERE e."id" = $1`,
      [stage.endpointId, count],
    );
    const { rows } = await client.query<{ id: string }>(`SELECT "id" FROM "Endpoint" ORDER BY "name" = 'triage' DESC, "name"`);
    return rows.map(({ id }) => id);
  });
}

/** Hourly rollups of these endpoints, as many hours back as asked, each a copy of one that was really added up. */
export function fillHours(stage: MonitoringStage, endpointIds: readonly string[], hours: number): Promise<void> {
  return asOwner(stage, async (client) => {
    await client.query(
      `WITH one AS (SELECT * FROM "MetricRollup" ORDER BY "grainSeconds" DESC LIMIT 1)
       INSERT INTO "MetricRollup" ("endpointId", "versionId", "arm", "grainSeconds", "periodStart", "inputs", "requests", "errors", "refused",
         "labelsReceived", "labelsWrong", "p50Us", "p95Us", "p99Us", "valuesReceived", "valuesSum", "counts", "binned")
       SELECT e, one."versionId", 'stable', 3600, date_trunc('hour', now()) - h * interval '1 hour', 12, one."requests", 0, 0, 0, 0, one."p50Us", one."p95Us", one."p99Us", 0, 0, one."counts", one."binned"
       FROM one, unnest($1::uuid[]) e, generate_series(1, $2::int) h ON CONFLICT DO NOTHING`,
      [endpointIds, hours],
    );
    await client.query(`ANALYZE "MetricRollup"`);
  });
}
