import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Client, Pool } from "pg";
import { afterEach, beforeEach } from "vitest";
import { sampleLeaf } from "#lib/domain/audit/sample-log.fixture.ts";
import { connect, openPool, pgAuditStore, pgTransactions } from "../db/audit-store.fixture.ts";
import type { TestDatabase } from "../db/test-database.ts";
import { testDatabase } from "../db/test-database.ts";
import { auditFiles } from "./audit-files.ts";
import type { AuditTrail } from "./audit-trail.ts";
import { openAuditTrail } from "./audit-trail.ts";

export const ORIGIN = "slipway.local/test";

/** For each test a database, a data directory and an open trail of their own. */
export type TrailStage = {
  readonly database: TestDatabase;
  readonly superuser: Client;
  readonly pool: Pool;
  readonly directory: string;
  readonly trail: AuditTrail;
  /** Another start of the control plane on this or another data directory. */
  open(where?: string): Promise<AuditTrail>;
  append(count: number, force?: boolean): Promise<void>;
  /** What a database administrator with bad intent does: switch the guards off, change, switch them on again. */
  tamper(...statements: readonly string[]): Promise<void>;
  codes(): Promise<string[]>;
};

type Props = {
  -readonly [K in "database" | "superuser" | "pool" | "directory" | "trail"]: TrailStage[K];
};

/** Call once at the top of a test file. */
export function trailStage(): TrailStage {
  let props: Props | null = null;
  let next = 0;
  const now = (): Props => {
    if (props === null) throw new Error("The stage stands only inside a test.");
    return props;
  };
  beforeEach(async () => {
    const database = await testDatabase();
    const superuser = await connect(database.superuserUrl);
    const pool = openPool(database.appUrl);
    const directory = await mkdtemp(path.join(tmpdir(), "slipway-audit-"));
    next = 0;
    props = { database, superuser, pool, directory, trail: await openOn(pool, directory) };
  });
  afterEach(async () => {
    const { database, superuser, pool, directory } = now();
    props = null;
    await superuser.end();
    await pool.end();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    get database() {
      return now().database;
    },
    get superuser() {
      return now().superuser;
    },
    get pool() {
      return now().pool;
    },
    get directory() {
      return now().directory;
    },
    get trail() {
      return now().trail;
    },
    open: (where) => openOn(now().pool, where ?? now().directory),
    append: async (count, force = false) => {
      const leaves = Array.from({ length: count }, () => sampleLeaf(next++));
      await pgAuditStore(now().pool).append(leaves, force);
    },
    tamper: (...statements) => tamperWith(now().superuser, statements),
    codes: async () => (await now().trail.check()).map(({ code }) => code),
  };
}

const openOn = (pool: Pool, directory: string): Promise<AuditTrail> =>
  openAuditTrail({
    store: pgAuditStore(pool),
    transact: pgTransactions(pool),
    snapshot: pgTransactions(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    files: auditFiles(directory),
    origin: ORIGIN,
  });

async function tamperWith(superuser: Client, statements: readonly string[]): Promise<void> {
  const tables = ["AuditEvent", "AuditTarget", "AuditNode", "AuditHead", "AuditCheckpoint", "AuditPruning"];
  for (const table of tables) await superuser.query(`ALTER TABLE "${table}" DISABLE TRIGGER ALL`);
  for (const statement of statements) await superuser.query(statement);
  const { rows } = await superuser.query<{ statement: string }>(
    `SELECT format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', tgrelid::regclass, tgname) AS statement FROM pg_trigger WHERE tgname LIKE 'audit\\_%'`,
  );
  for (const { statement } of rows) await superuser.query(statement);
}
