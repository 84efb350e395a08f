import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { freePort } from "../free-port.ts";
import { chooseAccount, giveTo, launchAs } from "./account.ts";
import type { AccountKind } from "./account.ts";
import { embeddedPostgres } from "./binaries.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { clearLeftovers, readPidFile, stopServer } from "./pid-file.ts";

export type ServerOptions = {
  /** Folder that holds the cluster; made when missing, 0700. */
  directory: string;
  logFile: string;
  superuserPassword: string;
  /** Taken when free, else any free port. */
  preferredPort?: number;
  /** Extra server settings, for example `{ fsync: "off" }` in tests. */
  settings?: Readonly<Record<string, string>>;
  accounts?: readonly AccountKind[];
  onNotice?: (text: string) => void;
  /** Called with each process as soon as it exists, before it is known whether it will serve. */
  onLaunch?: (pid: number) => void;
  /** Once aborted, nothing is launched any more. */
  signal?: AbortSignal;
};

export type PostgresProcess = {
  pid: number;
  port: number;
  cluster: string;
  account: AccountKind;
  /** True when initdb has just made the cluster. */
  created: boolean;
  child: ChildProcess;
  stop: () => Promise<void>;
};

/** Fit for two shared cores and a small memory; nothing here weakens durability. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "128MB",
  max_wal_size: "512MB",
  max_worker_processes: "4",
  max_parallel_workers_per_gather: "1",
  jit: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %q%a ",
  log_min_messages: "warning",
  update_process_title: "off",
  password_encryption: "scram-sha-256",
};

const START_LIMIT_MS = 10_000;
const SUPERUSER = "postgres";

/**
 * Starts the embedded PostgreSQL on the cluster in `directory`, making it when there is none and ending what a killed start left behind.
 * Retries for 10 s. Resolves when the server accepts connections on 127.0.0.1; rejects with the end of its log.
 */
export async function startServer(options: ServerOptions): Promise<PostgresProcess> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const home = realpathSync(options.directory);
  const place = choosePlace(home, options);
  const created = ensureCluster(place, options);
  giveTo(place.account, place.cluster);
  const leftover = await clearLeftovers(place.cluster);
  if (leftover === "stopped")
    options.onNotice?.("ended a PostgreSQL that a killed start had left running");

  const deadline = performance.now() + START_LIMIT_MS;
  for (let attempt = 0; ; attempt += 1) {
    const wanted = attempt < 2 ? options.preferredPort : undefined;
    const port = await freePort(wanted);
    options.signal?.throwIfAborted();
    const child = launch(place, port, options);
    if (child.pid !== undefined) options.onLaunch?.(child.pid);
    if (await isReady(child, place.cluster, port, deadline)) {
      const pid = child.pid ?? 0;
      return {
        pid,
        port,
        cluster: place.cluster,
        account: place.account,
        created,
        child,
        stop: () => stopServer(pid),
      };
    }
    child.kill("SIGKILL");
    if (performance.now() > deadline) {
      throw new Error(
        `PostgreSQL did not start. The end of ${options.logFile}:\n${tail(options.logFile)}`,
      );
    }
    await delay(200);
    await clearLeftovers(place.cluster);
  }
}

type Place = {
  binaries: PostgresBinaries;
  account: AccountKind;
  cluster: string;
  environment: NodeJS.ProcessEnv;
};

/** Who runs it and where the data lies. Root whose files no other identity can reach gets a copy in a reachable place. */
function choosePlace(home: string, options: ServerOptions): Place {
  const binaries = embeddedPostgres(join(home, "lib"));
  const environment = serverEnvironment(binaries);
  const account = chooseAccount(binaries.postgres, home, environment, options.accounts);
  const elsewhere = reachableHome(home);
  if (account !== null && !existsSync(join(elsewhere, "cluster"))) {
    return { binaries, account, cluster: join(home, "cluster"), environment };
  }
  return { ...copied(binaries, elsewhere, options), environment };
}

/** Only what PostgreSQL needs: no PG* variables of the caller, which would change where initdb and the server look. */
function serverEnvironment(binaries: PostgresBinaries): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C", TZ: "UTC" };
  for (const name of Object.keys(environment)) {
    if (name.startsWith("PG")) delete environment[name];
  }
  if (binaries.libraryPath !== null) environment["LD_LIBRARY_PATH"] = binaries.libraryPath;
  return environment;
}

/** A folder under /var/lib that belongs to this data directory alone. */
function reachableHome(home: string): string {
  return join("/var/lib/slipway", createHash("sha256").update(home).digest("hex").slice(0, 16));
}

function copied(
  binaries: PostgresBinaries,
  elsewhere: string,
  options: ServerOptions,
): Pick<Place, "binaries" | "account" | "cluster"> {
  const root = join(elsewhere, "programs");
  if (!existsSync(join(root, "copied"))) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true, mode: 0o755 });
    cpSync(join(binaries.root, "native"), join(root, "native"), {
      recursive: true,
      verbatimSymlinks: true,
    });
    writeFileSync(join(root, "copied"), "");
  }
  options.onNotice?.(
    `root's files are closed to every other user here, so the database lives in ${elsewhere}`,
  );
  const moved = (path: string): string => join(root, relative(binaries.root, path));
  return {
    binaries: {
      ...binaries,
      root,
      initdb: moved(binaries.initdb),
      postgres: moved(binaries.postgres),
    },
    account: "plain",
    cluster: join(elsewhere, "cluster"),
  };
}

/** True when the cluster was made now. A half-made one (initdb killed) has no mark and is made anew. */
function ensureCluster(place: Place, options: ServerOptions): boolean {
  const complete = join(dirname(place.cluster), `${basename(place.cluster)}.complete`);
  if (existsSync(complete) && existsSync(join(place.cluster, "PG_VERSION"))) return false;
  if (existsSync(complete)) {
    throw new Error(
      `The database files in ${place.cluster} are gone, though they were made. ` +
        `Restore them, or delete ${complete} to start with an empty database.`,
    );
  }
  rmSync(place.cluster, { recursive: true, force: true });
  mkdirSync(place.cluster, { mode: 0o700 });
  giveTo(place.account, place.cluster);
  const passwordFile = join(place.cluster, "..", ".initdb-password");
  writeFileSync(passwordFile, options.superuserPassword, { mode: 0o600 });
  try {
    giveTo(place.account, passwordFile);
    runInitdb(place, passwordFile);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  writeFileSync(complete, "");
  return true;
}

function runInitdb(place: Place, passwordFile: string): void {
  const launch = launchAs(place.account, place.binaries.initdb, [
    `--pgdata=${place.cluster}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
  ]);
  const result = spawnSync(launch.file, launch.args, {
    ...identity(launch),
    env: place.environment,
    cwd: "/",
    encoding: "utf8",
    timeout: 60_000,
  });
  if (result.status === 0) return;
  rmSync(place.cluster, { recursive: true, force: true });
  throw new Error(`initdb failed: ${result.error?.message ?? ""}\n${result.stderr}`.trim());
}

function identity(launch: { uid?: number; gid?: number }): { uid?: number; gid?: number } {
  return launch.uid === undefined || launch.gid === undefined
    ? {}
    : { uid: launch.uid, gid: launch.gid };
}

function launch(place: Place, port: number, options: ServerOptions): ChildProcess {
  const settings = { ...SETTINGS, ...options.settings, port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = launchAs(place.account, place.binaries.postgres, ["-D", place.cluster, ...flags]);
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, "a", 0o600);
  try {
    return spawn(command.file, command.args, {
      ...identity(command),
      env: place.environment,
      cwd: "/",
      // A session of its own: Ctrl-C in the terminal must reach the supervisor, which stops things in order.
      detached: true,
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}

async function isReady(
  child: ChildProcess,
  cluster: string,
  port: number,
  deadline: number,
): Promise<boolean> {
  let failed = false;
  child.once("error", () => (failed = true));
  child.once("exit", () => (failed = true));
  while (!failed && performance.now() < deadline) {
    const file = readPidFile(cluster);
    if (file !== null && file.pid === child.pid && file.port === port && file.ready) return true;
    await delay(20);
  }
  return false;
}

function tail(file: string): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}
