import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { migrate } from "./migrate.ts";
import {
  APP_ROLE,
  databaseUrl,
  ensureDatabase,
  ensureRoles,
  OWNER_ROLE,
  withClient,
} from "./postgres/roles.ts";
import { startServer } from "./postgres/server.ts";

/** Name of the migrated database that `testDatabase()` clones. */
const TEMPLATE = "slipway_template";

export type TestPostgres = { superuserUrl: string; stop: () => Promise<void> };

/**
 * An embedded PostgreSQL of its own for a test run, on a free port, with the migrated template database in it.
 * All three roles have the password of the returned URL. Durability is off: the run ends with the directory.
 */
export async function startTestPostgres(parent: string = tmpdir()): Promise<TestPostgres> {
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, "slipway-test-"));
  const password = randomBytes(16).toString("hex");
  const server = await startServer({
    directory: join(directory, "postgres"),
    logFile: join(directory, "postgres.log"),
    superuserPassword: password,
    settings: {
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      max_connections: "200",
    },
  });
  const watchdog = watchOver(server.pid, directory);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
    watchdog.kill();
  };
  try {
    const superuserUrl = databaseUrl("postgres", password, server.port, "postgres");
    await withClient(superuserUrl, async (client) => {
      await ensureRoles(client, { owner: password, app: password });
      await ensureDatabase(client, TEMPLATE);
      await migrate(databaseUrl(OWNER_ROLE, password, server.port, TEMPLATE), {
        appRole: APP_ROLE,
      });
      // A clone needs a template that nobody is connected to.
      await client.query(
        `ALTER DATABASE ${TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`,
      );
    });
    return { superuserUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Test runs get killed; the server must not outlive them. */
function watchOver(pid: number, directory: string): ChildProcess {
  const program = join(import.meta.dirname, "postgres", "watchdog.mjs");
  const watchdog = spawn(process.execPath, [program, String(pid), directory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watchdog.unref();
  if (
    watchdog.stdin !== null &&
    "unref" in watchdog.stdin &&
    typeof watchdog.stdin.unref === "function"
  )
    watchdog.stdin.unref();
  return watchdog;
}
