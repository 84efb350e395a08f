/**
 * Writes the SQL that takes the database from the committed migrations to prisma/schema. For development only.
 *
 *   node scripts/author-migration.ts            prints the SQL (empty: migrations and schema agree)
 *   node scripts/author-migration.ts NAME       writes prisma/migrations/<NAME>/migration.sql, for example 0001_init
 *
 * `prisma migrate` needs a native engine from the network; this uses the same engine as WebAssembly on a scratch embedded database.
 */
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { catalogAdapter } from "./catalog-adapter.ts";
import { migrate, MIGRATIONS_DIRECTORY } from "./migrate.ts";
import {
  APP_ROLE,
  databaseUrl,
  ensureDatabase,
  ensureRoles,
  OWNER_ROLE,
  withClient,
} from "./postgres/roles.ts";
import { loadSchemaEngine } from "./schema-engine.ts";
import { startServer } from "./postgres/server.ts";

const SCHEMA_DIRECTORY = join(import.meta.dirname, "..", "prisma", "schema");

/** The files of the schema, one for each area. */
function schemaFiles(): { path: string; content: string }[] {
  const names = readdirSync(SCHEMA_DIRECTORY).filter((name) => name.endsWith(".prisma"));
  return names.sort().map((name) => {
    const path = join(SCHEMA_DIRECTORY, name);
    return { path, content: readFileSync(path, "utf8") };
  });
}

/** SQL from the state of the database at `url` to prisma/schema; empty when they agree. */
export async function diffToSchema(url: string): Promise<string> {
  const SchemaEngine = await loadSchemaEngine();
  const factory = bindMigrationAwareSqlAdapterFactory(catalogAdapter(url));
  const files = schemaFiles();
  const engine = await SchemaEngine.new(
    { datamodels: files.map(({ path, content }) => [path, content]) },
    () => undefined,
    factory,
  );
  try {
    const result = await engine.diff({
      // The live database, reached through the adapter; of the schema only the datasource is read.
      from: { tag: "schemaDatasource", files, configDir: SCHEMA_DIRECTORY },
      to: { tag: "schemaDatamodel", files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    const sql = (result.stdout ?? "").trim();
    return /^-- This is an empty migration\.$/m.test(sql) ? "" : sql;
  } finally {
    engine.free();
  }
}

async function author(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-author-"));
  const secret = (): string => randomBytes(16).toString("hex");
  const passwords = { owner: secret(), app: secret() };
  const superuserPassword = secret();
  const server = await startServer({
    directory: join(directory, "postgres"),
    logFile: join(directory, "postgres.log"),
    superuserPassword,
    settings: { fsync: "off" },
  });
  try {
    await withClient(
      databaseUrl("postgres", superuserPassword, server.port, "postgres"),
      async (client) => {
        await ensureRoles(client, passwords);
        await ensureDatabase(client, "scratch");
      },
    );
    const url = databaseUrl(OWNER_ROLE, passwords.owner, server.port, "scratch");
    await migrate(url, { appRole: APP_ROLE });
    return await diffToSchema(url);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const name = process.argv[2];
  const sql = await author();
  if (sql === "") {
    console.log("-- Nothing to do: the migrations and prisma/schema agree.");
  } else if (name === undefined) {
    console.log(sql);
  } else {
    const file = join(MIGRATIONS_DIRECTORY, name, "migration.sql");
    if (existsSync(file))
      throw new Error(`${file} exists. Applied migrations are never edited: choose another name.`);
    mkdirSync(join(MIGRATIONS_DIRECTORY, name), { recursive: true });
    writeFileSync(file, `${sql}\n`);
    console.log(`Wrote ${file}`);
  }
}

if (import.meta.main) await main();
