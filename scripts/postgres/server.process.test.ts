import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { launchAs } from "./account.ts";
import type { AccountKind } from "./account.ts";
import { runningServer } from "./pid-file.ts";
import { databaseUrl, withClient } from "./roles.ts";
import { startServer } from "./server.ts";
import type { PostgresProcess } from "./server.ts";

const isRoot = process.getuid?.() === 0;
/** A user that every system has, and one that none has. */
const DAEMON = 1;
const NAMELESS = 54_321;
const PASSWORD = "only-for-this-test-0123456789";

let home: string;
const running: PostgresProcess[] = [];

beforeEach(() => {
  // Only its owner may enter, as with a checkout in somebody's home.
  home = mkdtempSync(join(tmpdir(), "slipway-postgres-"));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(home, { recursive: true, force: true });
});

async function start(
  name = "one",
  more: { accounts?: readonly AccountKind[]; preferredPort?: number } = {},
) {
  const server = await startServer({
    directory: join(home, name),
    logFile: join(home, `${name}.log`),
    superuserPassword: PASSWORD,
    ...more,
  });
  running.push(server);
  return server;
}

function query(server: PostgresProcess, sql: string): Promise<unknown[]> {
  return withClient(databaseUrl("postgres", PASSWORD, server.port, "postgres"), async (client) => {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  });
}

async function killed(server: PostgresProcess): Promise<void> {
  const exit = once(server.child, "exit");
  process.kill(server.pid, "SIGKILL");
  await exit;
}

function canLaunch(kind: AccountKind): boolean {
  const launch = launchAs(kind, "true", []);
  return isRoot && (kind === "plain" || existsSync(join("/usr/bin", launch.file)));
}

/** As another user than root, in a folder that only that user may enter. Resolves to the account it was started under. */
async function startAsUser(id: number): Promise<string> {
  chownSync(home, id, id);
  const program = `
    const { startServer } = await import(${JSON.stringify(join(import.meta.dirname, "server.ts"))});
    const server = await startServer({ directory: "${home}/pg", logFile: "${home}/log", superuserPassword: "${PASSWORD}" });
    console.log(server.account);
    await server.stop();`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    uid: id,
    gid: id,
    stdio: ["ignore", "pipe", "inherit"],
    cwd: "/",
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  return output.trim();
}

/** False in a checkout that is closed to everybody but root. */
function canReadCheckout(id: number): boolean {
  if (!isRoot) return false;
  return (
    spawnSync("test", ["-r", import.meta.filename, "-a", "-x", process.execPath], {
      uid: id,
      gid: id,
    }).status === 0
  );
}

describe("a server in a folder that only its owner may enter", () => {
  test("starts under whatever identity fits, with checksums, scram and no socket file", async () => {
    const server = await start();
    expect(server.account).toBe(isRoot ? server.account : "self");
    const rows = await query(
      server,
      "SELECT current_setting('data_checksums') AS checksums, current_setting('unix_socket_directories') AS sockets, current_setting('fsync') AS fsync",
    );
    expect(rows).toEqual([{ checksums: "on", sockets: "", fsync: "on" }]);
    await expect(
      withClient(databaseUrl("postgres", "wrong", server.port, "postgres"), (client) =>
        client.query("SELECT 1"),
      ),
    ).rejects.toThrow(/password authentication failed/);
  });

  test.skipIf(!canLaunch("user-namespace"))("starts as root through a user namespace", async () => {
    expect((await start("one", { accounts: ["user-namespace"] })).account).toBe("user-namespace");
  });

  test.skipIf(!canLaunch("setpriv"))("starts as root through setpriv", async () => {
    expect((await start("one", { accounts: ["setpriv"] })).account).toBe("setpriv");
  });

  test.skipIf(!canLaunch("plain"))(
    "starts as root from a copy when nothing else is allowed, and says where it is",
    async () => {
      const server = await start("one", { accounts: [] });
      expect(server.account).toBe("plain");
      expect(server.cluster).toMatch(/^\/var\/lib\/slipway\//);
      await server.stop();
      rmSync(join(server.cluster, ".."), { recursive: true });
    },
  );

  test.skipIf(!canReadCheckout(DAEMON))("starts for an ordinary user as that user", async () => {
    expect(await startAsUser(DAEMON)).toBe("self");
  });

  test.skipIf(!canReadCheckout(NAMELESS))(
    "starts for a user without a name, whom initdb would refuse",
    async () => {
      expect(await startAsUser(NAMELESS)).toBe("user-namespace");
    },
  );
});

test("what was committed is there after the server was killed", async () => {
  const first = await start();
  await query(first, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");
  await killed(first);
  const second = await start("one", { preferredPort: first.port });
  expect(second.created).toBe(false);
  expect(second.port).toBe(first.port);
  expect(await query(second, "SELECT count(*)::int AS n FROM kept")).toEqual([{ n: 1000 }]);
});

test("a pid file that names a process of somebody else does not keep it from starting", async () => {
  const first = await start();
  const pidFile = join(first.cluster, "postmaster.pid");
  const text = readFileSync(pidFile, "utf8");
  await killed(first);
  // Not this process: PostgreSQL itself overlooks the number of its parent.
  const somebody = spawn("sleep", ["60"]);
  try {
    writeFileSync(pidFile, text.replace(/^\d+/, String(somebody.pid)));
    expect(runningServer(first.cluster)).toBeNull();
    const second = await start();
    expect(await query(second, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  } finally {
    somebody.kill("SIGKILL");
  }
});

test("a server that a killed supervisor left behind is ended before the next one starts", async () => {
  const program = `
    const { startServer } = await import(${JSON.stringify(join(import.meta.dirname, "server.ts"))});
    const server = await startServer({ directory: "${home}/one", logFile: "${home}/one.log", superuserPassword: "${PASSWORD}" });
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  const supervisor: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (supervisor.stdout === null) throw new Error("no output");
  const [first] = (await once(supervisor.stdout, "data")) as [Buffer];
  const left = Number(first.toString().trim());
  supervisor.kill("SIGKILL");
  await once(supervisor, "exit");
  const second = await start();
  expect(second.pid).not.toBe(left);
  expect(runningServer(second.cluster)).toBe(second.pid);
});

test("two data directories serve at the same time", async () => {
  const [one, two] = await Promise.all([start("one"), start("two")]);
  await query(one, "CREATE TABLE here (id int)");
  await expect(query(two, "SELECT * FROM here")).rejects.toThrow(/does not exist/);
});

test("files that vanished are said to be missing, and no empty database takes their place", async () => {
  const server = await start();
  await server.stop();
  rmSync(server.cluster, { recursive: true });
  await expect(start()).rejects.toThrow(/are gone, though they were made/);
});
