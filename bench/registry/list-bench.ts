import { randomUUID } from "node:crypto";
import { Pool } from "pg";
import type { Product } from "../product.ts";
import { quantile } from "../quantile.ts";

export type ListResult = {
  readonly versions: number;
  readonly requests: readonly { readonly path: string; readonly msP50: number; readonly msP95: number }[];
};

const REQUESTS = 30;

/** Asks for lists, pages and searches over so many versions of a hundred models; times are those of whole answers over the loopback. */
export async function benchLists(product: Product, versions: number): Promise<ListResult> {
  await fill(product.databaseUrl(), versions);
  const authorization = `Bearer ${await product.token("engineer")}`;
  const paths = ["/api/v1/views/models", "/api/v1/views/models?q=bench-42", "/api/v1/views/models/bench-7", "/api/v1/views/search?q=bench-7", "/api/v1/models/bench-7"];
  const requests = [];
  for (const path of paths) {
    const times: number[] = [];
    for (let index = 0; index < REQUESTS; index += 1) {
      const startedAt = performance.now();
      const response = await fetch(new URL(path, product.url), { headers: { authorization } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      times.push(performance.now() - startedAt);
    }
    requests.push({ path, msP50: quantile(times, 0.5), msP95: quantile(times, 0.95) });
  }
  return { versions, requests };
}

/** A hundred models with equal shares of the versions, as rows: registering them one by one would be another measurement. */
async function fill(databaseUrl: string, versions: number): Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  try {
    const { rows } = await pool.query<{ id: string }>(`SELECT "id" FROM "User" LIMIT 1`);
    const author = rows[0]?.id;
    if (author === undefined) throw new Error("The product has no user.");
    const inspection = JSON.stringify({
      format: "pickle", sizeBytes: 1, container: "plain", compression: "none", inflatedBytes: 1, protocol: 4, streamCount: 1, nestedCount: 0, opcodeCount: 1,
      imports: [], importCount: 0, framework: null, frameworkVersion: null, rootClass: null, arrayCount: 0, arrayBytes: 0, verdict: "clean",
    });
    const perModel = Math.ceil(versions / 100);
    for (let model = 0; model < 100; model += 1) {
      const modelId = randomUUID();
      await pool.query(`INSERT INTO "Model" ("id", "name", "intendedUse", "riskTier", "jurisdictions", "ownerId", "createdById") VALUES ($1, $2, 'Fills the registry for a measurement.', 'low', '{}', $3, $3)`, [modelId, `bench-${model}`, author]);
      await pool.query(
        `INSERT INTO "Version" ("id", "modelId", "name", "digest", "format", "sizeBytes", "state", "signature", "contract", "inspection", "findings", "golden", "lineage", "authorId", "createdAt", "sealedAt")
         SELECT gen_random_uuid(), $1, '1.' || n, 'sha256:' || md5($2 || n) || md5(n::text), 'pickle', 1, 'registered', '{"inputs":[],"outputs":[]}', '{"fields":[]}', $3, '[]', '[]',
           '{"run":null,"commit":null,"dataset":null,"datasetSha256":null}', $4, now() - n * interval '1 hour', now() FROM generate_series(1, $5::int) n`,
        [modelId, String(model), inspection, author, perModel],
      );
    }
    await pool.query(`ANALYZE "Model"; ANALYZE "Version"`);
  } finally {
    await pool.end();
  }
}
