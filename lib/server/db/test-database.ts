import { randomBytes } from "node:crypto";
import { Client } from "pg";

/** A migrated database of a test's own. */
export type TestDatabase = {
  name: string;
  /** As `slipway_app`: what the control plane connects as. */
  appUrl: string;
  /** As `slipway_owner`: owns the tables. */
  ownerUrl: string;
  /** As the server's superuser, for what neither role may do. */
  superuserUrl: string;
  /** Ends all connections and deletes the database. */
  drop: () => Promise<void>;
};

/**
 * A fresh database, cloned from the migrated template of the server that vitest's set-up has started (some 50 ms).
 * For tests only: in projects `db` and `process`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env["SLIPWAY_TEST_DATABASE_URL"];
  if (server === undefined) {
    throw new Error(
      "testDatabase() works in *.db.test.ts and *.process.test.ts, whose set-up starts PostgreSQL.",
    );
  }
  const name = `test_${process.pid}_${randomBytes(6).toString("hex")}`;
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE slipway_template OWNER slipway_owner`);
  return {
    name,
    appUrl: urlFor(server, "slipway_app", name),
    ownerUrl: urlFor(server, "slipway_owner", name),
    superuserUrl: urlFor(server, "postgres", name),
    drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

function urlFor(server: string, role: string, database: string): string {
  const url = new URL(server);
  url.username = role;
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: "slipway-test" });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
