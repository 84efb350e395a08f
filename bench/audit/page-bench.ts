import { Pool } from "pg";
import { sampleLeaf } from "#lib/domain/audit/sample-log.fixture.ts";
import type { AuditFilter } from "#lib/server/audit/audit-store.ts";
import { createAuditStore } from "#lib/server/db/audit-store.ts";

export type PageResult = {
  readonly page: string;
  readonly entries: number;
  readonly matching: number;
  /** What one page of 50 needs from the database, in milliseconds: median and slowest of the runs. */
  readonly msP50: number;
  readonly msMax: number;
};

const BATCH = 1_000;
const RUNS = 15;
const PAGE = 51;

/** Fills the trail up to `entries` and times what the audit page reads, under the filters that people use. */
export async function benchPages(databaseUrl: string, entries: number): Promise<PageResult[]> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  const store = createAuditStore(async (text, values) => (await pool.query<Record<string, unknown>>(text, [...values])).rows);
  try {
    for (let { size } = await store.head(); size < entries; size += BATCH) {
      await store.append(Array.from({ length: Math.min(BATCH, entries - size) }, (_, index) => sampleLeaf(size + index)), false);
    }
    const [sample] = await store.rows(entries - 1, entries);
    const filters: readonly (readonly [string, AuditFilter])[] = [
      ["newest entries", {}],
      ["one action", { actions: [sample?.action ?? "release.approved"] }],
      ["one actor", { actorId: sample?.actorId ?? "nobody" }],
      ["the first day", { to: new Date(new Date(sample?.occurredAt ?? 0).getTime() - 86_400_000) }],
    ];
    const results: PageResult[] = [];
    for (const [page, filter] of filters) results.push({ page, entries, ...(await timed(store, filter)) });
    return results;
  } finally {
    await pool.end();
  }
}

async function timed(store: ReturnType<typeof createAuditStore>, filter: AuditFilter) {
  const times: number[] = [];
  let matching = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const startedAt = performance.now();
    const { size } = await store.head();
    await store.select(filter, { cursor: null, order: "descending", limit: PAGE });
    matching = (await store.summarise(filter, size)).count;
    await store.latestCheckpoint();
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => Number((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(1));
  return { matching, msP50: at(0.5), msMax: at(1) };
}
