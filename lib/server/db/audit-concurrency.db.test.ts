import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildLeaf } from "#lib/domain/audit/leaf.ts";
import { EMPTY_FRONTIER } from "#lib/domain/audit/merkle.ts";
import { CHAIN_START } from "#lib/domain/audit/chain.ts";
import { sha256 } from "#lib/domain/audit/sample-log.fixture.ts";
import { replayLeaves } from "#lib/server/audit/replay-leaves.ts";
import { requireHead } from "#lib/server/audit/sign-checkpoint.ts";
import { connect, openPool, pgAuditStore } from "./audit-store.fixture.ts";
import type { TestDatabase } from "./test-database.ts";
import { testDatabase } from "./test-database.ts";

const WRITERS = 16;
const ROUNDS = process.env["SLIPWAY_TEST_FULL"] === "1" ? 600 : 60;
const SEED = 20_261_123;

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = openPool(database.appUrl, WRITERS);
  const owner = await connect(database.ownerUrl);
  await owner.query(`CREATE TABLE probe (id uuid PRIMARY KEY, writer int NOT NULL)`);
  await owner.query(`GRANT SELECT, INSERT ON probe TO slipway_app`);
  await owner.end();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Mulberry32: the same rolls for the same seed. */
function rolls(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const leafAbout = (id: string): string =>
  buildLeaf(
    { action: "model.created", targets: [{ type: "probe", id, name: null, digest: null }] },
    {
      id: randomUUID(),
      occurredAt: new Date(),
      actor: { type: "system", id: null, name: "writer", authMethod: null },
      context: { requestId: null, ip: null, userAgent: null },
      hash: sha256,
    },
  ).text;

/** One business transaction: rows, then their entries last. Ends in commit, in rollback, or with its connection cut. */
async function transaction(writer: number, roll: () => number): Promise<void> {
  const client = await pool.connect();
  const ids = Array.from({ length: 1 + Math.floor(roll() * 3) }, () => randomUUID());
  const fate = roll();
  let broken = false;
  try {
    await client.query("BEGIN");
    for (const id of ids) await client.query("INSERT INTO probe VALUES ($1, $2)", [id, writer]);
    await pgAuditStore(client).append(ids.map(leafAbout), roll() < 0.1);
    if (fate < 0.1) {
      await client
        .query("SELECT pg_terminate_backend(pg_backend_pid())")
        .catch(() => (broken = true));
    } else {
      await client.query(fate < 0.4 ? "ROLLBACK" : "COMMIT");
    }
  } catch {
    broken = true;
  } finally {
    client.release(broken);
  }
}

test(`${WRITERS} writers with rollbacks and cut connections leave a gap-free trail, one entry for each committed row (seed ${SEED})`, async () => {
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const roll = rolls(SEED + writer);
      for (let round = 0; round < ROUNDS; round += 1) await transaction(writer, roll);
    }),
  );

  const store = pgAuditStore(pool);
  const head = await store.head();
  const leaves = await store.leaves(0, head.size + 100);
  expect(leaves.map(({ seq }) => seq)).toEqual(Array.from({ length: head.size }, (_, seq) => seq));
  const replayed = replayLeaves({ frontier: EMPTY_FRONTIER, chainHash: CHAIN_START }, leaves);
  if (!replayed.ok) throw new Error(`entry ${replayed.seq}: ${replayed.message}`);
  requireHead(head, replayed.position);

  const { rows } = await pool.query<{ committed: string; entries: string; lonely: string }>(
    `SELECT (SELECT count(*) FROM probe) AS committed, (SELECT count(*) FROM "AuditTarget") AS entries,
       (SELECT count(*) FROM probe p FULL JOIN "AuditTarget" t ON t."targetId" = p.id::text WHERE p.id IS NULL OR t.seq IS NULL) AS lonely`,
  );
  expect(Number(rows[0]?.committed)).toBeGreaterThan(WRITERS * ROUNDS * 0.5);
  expect(rows[0]?.entries).toBe(rows[0]?.committed);
  expect(rows[0]?.lonely).toBe("0");
});
