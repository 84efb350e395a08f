/**
 * Applies `prisma/migrations/*` in order and keeps the bookkeeping of `prisma migrate`, whose own engine is a download.
 * As a command: `node scripts/migrate.ts` with SLIPWAY_DATABASE_OWNER_URL (or DATABASE_URL) set.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { escapeIdentifier } from "pg";

import { withClient } from "./postgres/roles.ts";

/** The number `prisma migrate` locks with, so that the two never run at once. */
const LOCK_ID = 72_707_369;
const LOCK_WAIT = "60s";

export const MIGRATIONS_DIRECTORY = join(import.meta.dirname, "..", "prisma", "migrations");

export type Migration = { name: string; sql: string; checksum: string };
export type MigrationOutcome = { applied: string[]; alreadyThere: number };

/** The database and the migration files do not belong together; `hint` says what to do. */
export class MigrationError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MigrationError";
    this.hint = hint;
  }
}

/** Migration files of a directory, in the order of their names, with the sha256 of their bytes. */
export function readMigrations(directory: string = MIGRATIONS_DIRECTORY): Migration[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(directory, name, "migration.sql"));
      return {
        name,
        sql: bytes.toString("utf8"),
        checksum: createHash("sha256").update(bytes).digest("hex"),
      };
    });
}

export type MigrateOptions = {
  migrations?: readonly Migration[];
  /** Role the control plane connects as: gets rights on every table at the moment it is made, so that a later REVOKE in a migration wins. */
  appRole?: string;
};

/**
 * Brings the database at `ownerUrl` to the newest migration; safe to run twice and at the same time.
 * Each file is one transaction together with its row. Throws MigrationError when an applied file was edited, an earlier run failed half-way,
 * or the database is ahead of these files.
 */
export async function migrate(
  ownerUrl: string,
  options: MigrateOptions = {},
): Promise<MigrationOutcome> {
  const migrations = options.migrations ?? readMigrations();
  return withClient(ownerUrl, async (client) => {
    await client.query(`SET lock_timeout = '${LOCK_WAIT}'`);
    await client.query("SET statement_timeout = 0");
    // Of the session: released by the server even when this process is killed.
    await client.query("SELECT pg_advisory_lock($1)", [LOCK_ID]);
    await ensureBookkeeping(client);
    if (options.appRole !== undefined) await grantAppRole(client, options.appRole);
    const done = await checkedHistory(client, migrations);
    const applied: string[] = [];
    for (const migration of migrations.filter(({ name }) => !done.has(name))) {
      await apply(client, migration);
      applied.push(migration.name);
    }
    if (options.appRole !== undefined) await catchUpAppRole(client, options.appRole);
    return { applied, alreadyThere: done.size };
  });
}

/** A role that is new to a migrated database gets what the migrations would have given it, and is kept from the audit tables at once. */
async function catchUpAppRole(client: Client, appRole: string): Promise<void> {
  const { rows } = await client.query<{
    current_user: string;
    restrict: string | null;
    has: boolean;
  }>(
    `SELECT current_user, to_regproc('public.audit_restrict_role')::text AS restrict,
      has_table_privilege($1, '_prisma_migrations', 'SELECT') AS has`,
    [appRole],
  );
  const found = rows[0];
  if (found === undefined || found.current_user === appRole || found.has) return;
  const role = escapeIdentifier(appRole);
  await client.query("BEGIN");
  await client.query(
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`,
  );
  await client.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
  if (found.restrict !== null) await client.query("SELECT audit_restrict_role($1)", [appRole]);
  await client.query(`REVOKE INSERT, UPDATE, DELETE ON _prisma_migrations FROM ${role}`);
  await client.query("COMMIT");
}

/** Tables that migrations make from now on are readable and writable by the app role. */
async function grantAppRole(client: Client, appRole: string): Promise<void> {
  const { rows } = await client.query<{ current_user: string }>("SELECT current_user");
  if (rows[0]?.current_user === appRole) return;
  const role = escapeIdentifier(appRole);
  await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  for (const grant of [
    "SELECT, INSERT, UPDATE, DELETE ON TABLES",
    "USAGE, SELECT ON SEQUENCES",
    "EXECUTE ON FUNCTIONS",
  ]) {
    await client.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ${grant} TO ${role}`);
  }
  // Migrations that revoke rights read the name from here.
  await client.query("SELECT set_config('slipway.app_role', $1, false)", [appRole]);
}

async function ensureBookkeeping(client: Client): Promise<void> {
  await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`);
}

type HistoryRow = { migration_name: string; checksum: string; finished_at: Date | null };

async function checkedHistory(
  client: Client,
  migrations: readonly Migration[],
): Promise<Set<string>> {
  const { rows } = await client.query<HistoryRow>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name",
  );
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of rows) {
    const file = known.get(row.migration_name);
    if (row.finished_at === null) {
      throw new MigrationError(
        `Migration ${row.migration_name} failed half-way in an earlier run.`,
        "Restore a backup, or repair by hand and set finished_at or rolled_back_at in _prisma_migrations.",
      );
    }
    if (file === undefined) {
      throw new MigrationError(
        `The database has migration ${row.migration_name}, which this version of Slipway does not know.`,
        "Start the newer version that this database belongs to.",
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationError(
        `Migration ${row.migration_name} was edited after it had been applied.`,
        "Put the file back as it was; changes belong in a new migration.",
      );
    }
  }
  return new Set(rows.map((row) => row.migration_name));
}

async function apply(client: Client, migration: Migration): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(
      `Migration ${migration.name} was refused by the database: ${reason}`,
      "Nothing of it was applied. The database is as it was before.",
      { cause: error },
    );
  }
}

async function main(): Promise<void> {
  const url = process.env["SLIPWAY_DATABASE_OWNER_URL"] ?? process.env["DATABASE_URL"];
  if (url === undefined) throw new Error("Set SLIPWAY_DATABASE_OWNER_URL or DATABASE_URL.");
  const app = process.env["DATABASE_URL"];
  const appRole = app === undefined ? "" : decodeURIComponent(new URL(app).username);
  const outcome = await migrate(url, appRole === "" ? {} : { appRole });
  console.log(
    `${outcome.applied.length} migrations applied, ${outcome.alreadyThere} were there already`,
  );
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof MigrationError) console.error(error.hint);
    process.exitCode = 1;
  });
}
