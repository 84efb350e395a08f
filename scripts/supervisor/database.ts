import { setTimeout as delay } from "node:timers/promises";

import { migrate } from "../migrate.ts";
import type { MigrationOutcome } from "../migrate.ts";
import {
  APP_ROLE,
  databaseUrl,
  ensureDatabase,
  ensureRoles,
  OWNER_ROLE,
  withClient,
} from "../postgres/roles.ts";
import { stopServer } from "../postgres/pid-file.ts";
import { startServer } from "../postgres/server.ts";
import type { PostgresProcess } from "../postgres/server.ts";
import { isAlive, startMark } from "../bootstrap/process-identity.mjs";
import type { ProcessIdentity } from "../bootstrap/process-identity.mjs";
import { keptSecret, readState, writeState } from "./data-directory.ts";
import type { DataDirectory } from "./data-directory.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { DATABASE_RECORD, signalGroup } from "./process-group.ts";
import type { ServiceEvents } from "./service.ts";

const DATABASE = "slipway";
const LONGEST_PAUSE_MS = 5_000;

export type Database = {
  appUrl: string;
  ownerUrl: string;
  /** What people are told: "embedded PostgreSQL on port 41234". */
  description: string;
};

/** Starts the embedded PostgreSQL under watch: when it dies it is started again on the same port. */
export async function startEmbeddedDatabase(
  data: DataDirectory,
  lifecycle: Lifecycle,
  events: ServiceEvents,
): Promise<Database> {
  const passwords = {
    owner: keptSecret(data, "postgres-owner"),
    app: keptSecret(data, "postgres-app"),
  };
  const superuserPassword = keptSecret(data, "postgres-superuser");
  const start = (preferredPort: number | undefined): Promise<PostgresProcess> =>
    startServer({
      directory: data.postgres,
      logFile: data.log("postgres"),
      superuserPassword,
      ...(preferredPort === undefined ? {} : { preferredPort }),
      onNotice: events.onNotice,
      onLaunch: (pid) => (newest = { pid, mark: startMark(pid) ?? "gone" }),
      signal: lifecycle.signal,
    });
  // Known from the moment it exists, so that a start that is stopped half-way leaves none behind.
  let newest: ProcessIdentity | null = null;
  lifecycle.add("database", {
    stop: async () => {
      if (newest !== null && isAlive(newest)) await stopServer(newest.pid);
    },
    kill: () => {
      if (newest !== null && isAlive(newest)) signalGroup(newest.pid, "SIGKILL");
    },
  });

  const server = await start(readState(data).postgresPort);
  const port = server.port;
  writeState(data, { postgresPort: port });
  watch(server);

  function watch(running: PostgresProcess): void {
    events.onRecord(DATABASE_RECORD, {
      name: DATABASE_RECORD,
      pid: running.pid,
      mark: startMark(running.pid) ?? "gone",
    });
    const onEnd = (): void =>
      void startAgain(`PostgreSQL ended; starting it again. Log: ${data.log("postgres")}`);
    // It may have died before this line.
    if (running.child.exitCode !== null || running.child.signalCode !== null) onEnd();
    else running.child.once("exit", onEnd);
  }

  async function startAgain(notice: string): Promise<void> {
    for (
      let pauseMs = 100;
      !lifecycle.signal.aborted;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    ) {
      events.onNotice(notice);
      try {
        const next = await start(port);
        // The others hold connections to this port and no other.
        if (next.port !== port) {
          await next.stop();
          throw new Error(`port ${port} is taken by another program`);
        }
        watch(next);
        return;
      } catch (error) {
        if (lifecycle.signal.aborted) return;
        notice = `PostgreSQL could not be started again: ${error instanceof Error ? error.message : String(error)}`;
        await delay(pauseMs);
      }
    }
  }

  await withClient(databaseUrl("postgres", superuserPassword, port, "postgres"), async (client) => {
    await ensureRoles(client, passwords);
    await ensureDatabase(client, DATABASE);
  });
  return {
    appUrl: databaseUrl(APP_ROLE, passwords.app, port, DATABASE),
    ownerUrl: databaseUrl(OWNER_ROLE, passwords.owner, port, DATABASE),
    description: `embedded PostgreSQL 18 on port ${port}`,
  };
}

/** The user's own PostgreSQL. Fails with what to do when it cannot be reached or is too old. */
export async function checkOwnDatabase(urls: {
  appUrl: string;
  ownerUrl: string;
}): Promise<Database> {
  const { host, pathname } = new URL(urls.appUrl);
  try {
    await withClient(urls.ownerUrl, async (client) => {
      const { rows } = await client.query<{ server_version_num: string }>(
        "SHOW server_version_num",
      );
      const major = Math.floor(Number(rows[0]?.server_version_num) / 10_000);
      if (major < 15) throw new Error(`it is PostgreSQL ${major}; 15 or newer is needed`);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database of DATABASE_URL at ${host} cannot be used: ${reason}.`, {
      cause: error,
    });
  }
  const roles = urls.appUrl === urls.ownerUrl ? "one role for everything" : "roles separated";
  return { ...urls, description: `your PostgreSQL ${host}${pathname}, ${roles}` };
}

/** Brings the database to the newest migration. The app role is the user of the app URL. */
export function migrateDatabase(database: Database): Promise<MigrationOutcome> {
  const appRole = decodeURIComponent(new URL(database.appUrl).username);
  return migrate(database.ownerUrl, { appRole });
}

/** True when nobody has used this database yet: no people and no models. */
export function isUntouched(database: Database): Promise<boolean> {
  return withClient(database.ownerUrl, async (client) => {
    const { rows } = await client.query<{ used: boolean }>(
      `SELECT EXISTS (SELECT 1 FROM "User") OR EXISTS (SELECT 1 FROM "Model") AS used`,
    );
    return rows[0]?.used === false;
  });
}
