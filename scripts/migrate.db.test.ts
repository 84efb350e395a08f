import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";

import { testDatabase } from "#lib/server/db/test-database.ts";
import type { TestDatabase } from "#lib/server/db/test-database.ts";
import { diffToSchema } from "./author-migration.ts";
import { migrate, MigrationError, readMigrations } from "./migrate.ts";
import type { Migration } from "./migrate.ts";
import { APP_ROLE, withClient } from "./postgres/roles.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase();
});

afterEach(() => database.drop());

/** As the runner finds it on a first start. */
async function empty(): Promise<void> {
  await withClient(database.ownerUrl, (client) =>
    client.query("DROP OWNED BY CURRENT_USER CASCADE"),
  );
  await withClient(database.superuserUrl, (client) =>
    client.query(
      "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner",
    ),
  );
}

function file(name: string, sql: string): Migration {
  return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

function rows(sql: string, url = database.ownerUrl): Promise<unknown[]> {
  return withClient(url, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
}

const ONE = file("0001_one", "CREATE TABLE one (id int); INSERT INTO one VALUES (1);");
const TWO = file("0002_two", "CREATE TABLE two (id int);");

test("an empty database gets every migration once, and a second run changes nothing", async () => {
  await empty();
  expect(await migrate(database.ownerUrl, { migrations: [ONE, TWO] })).toEqual({
    applied: ["0001_one", "0002_two"],
    alreadyThere: 0,
  });
  expect(await migrate(database.ownerUrl, { migrations: [ONE, TWO] })).toEqual({
    applied: [],
    alreadyThere: 2,
  });
  expect(await rows("SELECT count(*)::int AS n FROM one")).toEqual([{ n: 1 }]);
});

test("the bookkeeping is that of prisma migrate", async () => {
  await empty();
  await migrate(database.ownerUrl, { migrations: [ONE] });
  expect(
    await rows(
      "SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at, applied_steps_count FROM _prisma_migrations",
    ),
  ).toEqual([
    {
      migration_name: "0001_one",
      checksum: ONE.checksum,
      finished: true,
      rolled_back_at: null,
      applied_steps_count: 1,
    },
  ]);
});

test("of runners that race, one applies and the others find it done", async () => {
  await empty();
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () => migrate(database.ownerUrl, { migrations: [ONE, TWO] })),
  );
  expect(outcomes.flatMap((outcome) => outcome.applied).sort()).toEqual(["0001_one", "0002_two"]);
  expect(await rows("SELECT count(*)::int AS n FROM _prisma_migrations")).toEqual([{ n: 2 }]);
});

test("an applied migration that was edited is refused", async () => {
  await empty();
  await migrate(database.ownerUrl, { migrations: [ONE] });
  const edited = file("0001_one", `${ONE.sql} -- changed`);
  await expect(migrate(database.ownerUrl, { migrations: [edited, TWO] })).rejects.toThrow(
    /0001_one was edited/,
  );
  await expect(rows("SELECT * FROM two")).rejects.toThrow(/does not exist/);
});

test("a database that is ahead of the files is refused", async () => {
  await empty();
  await migrate(database.ownerUrl, { migrations: [ONE, TWO] });
  await expect(migrate(database.ownerUrl, { migrations: [ONE] })).rejects.toThrow(
    /0002_two, which this version/,
  );
});

test("a run that failed half-way in another tool is not built upon", async () => {
  await empty();
  await migrate(database.ownerUrl, { migrations: [ONE] });
  await rows("UPDATE _prisma_migrations SET finished_at = NULL");
  await expect(migrate(database.ownerUrl, { migrations: [ONE, TWO] })).rejects.toThrow(
    /failed half-way/,
  );
});

test("a migration that the database refuses leaves nothing of itself and can be repaired", async () => {
  await empty();
  const wrong = file("0002_two", "CREATE TABLE two (id int); SELECT no_such_function();");
  await expect(migrate(database.ownerUrl, { migrations: [ONE, wrong] })).rejects.toThrow(
    MigrationError,
  );
  await expect(rows("SELECT * FROM two")).rejects.toThrow(/does not exist/);
  expect((await migrate(database.ownerUrl, { migrations: [ONE, TWO] })).applied).toEqual([
    "0002_two",
  ]);
});

test("the app role may work with the tables of the committed migrations and not with the bookkeeping", async () => {
  await empty();
  await migrate(database.ownerUrl, { appRole: APP_ROLE });
  await rows(`INSERT INTO "DesiredRevision" (id) VALUES (1)`, database.appUrl);
  await expect(rows("DELETE FROM _prisma_migrations", database.appUrl)).rejects.toThrow(
    /permission denied/,
  );
  await expect(rows(`DELETE FROM "AuditEvent"`, database.appUrl)).rejects.toThrow(
    /permission denied/,
  );
});

test("a role that comes later gets the same rights, and not those on the audit trail", async () => {
  const role = `late_${database.name}`;
  await rows(`CREATE ROLE ${role}`, database.superuserUrl);
  try {
    await migrate(database.ownerUrl, { appRole: role });
    const [rights] = await rows(
      `SELECT has_table_privilege('${role}', '"Model"', 'INSERT') AS model,
        has_table_privilege('${role}', '"AuditEvent"', 'INSERT') AS audit,
        has_table_privilege('${role}', '"AuditEvent"', 'SELECT') AS reads`,
    );
    expect(rights).toEqual({ model: true, audit: false, reads: true });
  } finally {
    await rows(`DROP OWNED BY ${role}; DROP ROLE ${role}`, database.superuserUrl);
  }
});

test("the committed migrations and prisma/schema agree", async () => {
  expect(readMigrations().length).toBeGreaterThan(0);
  expect(await diffToSchema(database.ownerUrl)).toBe("");
});
