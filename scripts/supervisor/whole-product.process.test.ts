import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startMark } from "../bootstrap/process-identity.mjs";
import { runningServer } from "../postgres/pid-file.ts";
import { freePort } from "../free-port.ts";
import { leftovers } from "./process-group.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
/** The first start builds the pages. */
const START_LIMIT_MS = 300_000;
const run = promisify(execFile);

type Product = {
  process: ChildProcess;
  url: string;
  runtimeUrl: string;
  link: string;
  output: () => string;
};

let home: string;
let data: string;
let ports: Record<string, string>;
const started: ChildProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "slipway-whole-"));
  data = join(home, "data");
  ports = {
    SLIPWAY_PORT: String(await freePort()),
    SLIPWAY_RUNTIME_HTTP_PORT: String(await freePort()),
    SLIPWAY_RUNTIME_GRPC_PORT: String(await freePort()),
  };
});

afterAll(async () => {
  for (const child of started) await ended(child, "SIGTERM");
  rmSync(home, { recursive: true, force: true });
});

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

function spawnStart(): { child: ChildProcess; output: () => string } {
  const child = spawn(
    process.execPath,
    [join(ROOT, "scripts", "start.mjs"), "--empty", "--no-open"],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        ...ports,
        NODE_ENV: "production",
        SLIPWAY_DATA_DIR: data,
        SLIPWAY_LAUNCHER_PID: String(process.pid),
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, output: () => output };
}

async function start(): Promise<Product> {
  const readyFile = join(data, "state", "ready.json");
  rmSync(readyFile, { force: true });
  const { child, output } = spawnStart();
  const deadline = performance.now() + START_LIMIT_MS;
  while (!existsSync(readyFile)) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`It did not start:\n${output()}`);
    await delay(100);
  }
  const ready = JSON.parse(readFileSync(readyFile, "utf8")) as {
    url: string;
    runtimeUrl: string;
    link: string;
  };
  return { process: child, ...ready, output };
}

async function token(): Promise<string> {
  const words = [join(ROOT, "scripts", "local-token.ts"), "--role", "engineer", "--name", "kept"];
  const { stdout } = await run(process.execPath, words, {
    env: { ...process.env, SLIPWAY_DATA_DIR: data },
  });
  return stdout.trimEnd().split("\n").at(-1) ?? "";
}

const asks = (product: Product, bearer: string): Promise<number> =>
  fetch(`${product.url}/api/v1/session`, { headers: { authorization: `Bearer ${bearer}` } }).then(
    (answer) => answer.status,
  );

/** Everything of this data directory that runs, the supervisor apart. */
function parts(): number[] {
  const database = runningServer(join(data, "postgres", "cluster"));
  return [
    ...leftovers(join(data, "state", "processes.json"), data),
    ...(database === null ? [] : [database]),
  ];
}

test(
  "the product starts, survives kills of any part and of everything, loses nothing, and stops within five seconds",
  { timeout: 2 * START_LIMIT_MS },
  async () => {
    const first = await start();
    expect(first.link).toMatch(/\/welcome\?key=/);
    expect((await fetch(first.link)).status).toBe(200);
    const kept = await token();
    expect(await asks(first, kept)).toBe(200);

    // A second start on the same data directory is refused, and says where the first one is.
    const second = spawnStart();
    await once(second.child, "exit");
    expect(second.child.exitCode).toBe(1);
    expect(second.output()).toContain(
      `already running with this data directory: process ${first.process.pid}`,
    );
    expect(second.output()).toContain(first.url);

    // PostgreSQL and the control plane are killed and come back by themselves.
    for (const pid of parts()) process.kill(pid, "SIGKILL");
    await expect
      .poll(() => asks(first, kept).catch(() => 0), { timeout: 60_000, interval: 200 })
      .toBe(200);

    // Everything is killed, the supervisor first.
    const before = parts();
    await ended(first.process, "SIGKILL");
    for (const pid of before) process.kill(pid, "SIGKILL");
    const third = await start();
    expect(third.url).toBe(first.url);
    expect(await asks(third, kept)).toBe(200);

    // Only the supervisor is killed: what it leaves is ended by the next start.
    const left = parts().map((pid) => ({ pid, mark: startMark(pid) }));
    expect(left.length).toBeGreaterThanOrEqual(3);
    await ended(third.process, "SIGKILL");
    const fourth = await start();
    expect(left.filter(({ pid, mark }) => startMark(pid) === mark)).toEqual([]);
    expect(await asks(fourth, kept)).toBe(200);

    const running = parts().map((pid) => ({ pid, mark: startMark(pid) }));
    const stoppingAt = performance.now();
    await ended(fourth.process, "SIGTERM");
    expect(performance.now() - stoppingAt).toBeLessThan(5_000);
    expect(running.filter(({ pid, mark }) => startMark(pid) === mark)).toEqual([]);
    expect(fourth.process.exitCode).toBe(0);
  },
);

test.each([100, 250, 400, 600, 900, 1_300])(
  "a start that is stopped after %i ms leaves nothing running",
  { timeout: 60_000 },
  async (afterMs) => {
    const { child } = spawnStart();
    await delay(afterMs);
    await ended(child, "SIGINT");
    expect(parts()).toEqual([]);
    expect(existsSync(join(data, "lock.json"))).toBe(false);
  },
);
