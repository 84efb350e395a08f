import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";

import { startMark } from "../bootstrap/process-identity.mjs";
import { tryLock, unlock } from "../bootstrap/lock-file.mjs";
import { createLifecycle } from "./lifecycle.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { claimPort } from "./ports.ts";
import { endLeftovers, leftovers, MARK_VARIABLE, writeRecords } from "./process-group.ts";
import type { ProcessRecord } from "./process-group.ts";
import { startService } from "./service.ts";
import type { Service } from "./service.ts";
import { runTask } from "./task.ts";

let folder: string;
let lifecycle: Lifecycle;
let records: Map<string, ProcessRecord>;
let notices: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-service-"));
  lifecycle = createLifecycle();
  records = new Map();
  notices = [];
});

afterEach(async () => {
  await lifecycle.stop();
  rmSync(folder, { recursive: true, force: true });
});

function service(program: string, graceMs = 1_000): Service {
  const file = join(folder, "program.mjs");
  writeFileSync(file, program);
  return startService(
    {
      name: "part",
      args: [file],
      cwd: folder,
      env: { ...process.env, [MARK_VARIABLE]: folder },
      logFile: join(folder, "part.log"),
      stage: "services",
      graceMs,
    },
    lifecycle,
    {
      onNotice: (text) => notices.push(text),
      onRecord: (name, record) =>
        void (record === null ? records.delete(name) : records.set(name, record)),
    },
  );
}

const log = (): string => readFileSync(join(folder, "part.log"), "utf8");

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("It did not come about within 15 s.");
    await delay(20);
  }
}

/** Has a child of its own, and says both numbers. */
const PARENT = `
  import { spawn } from "node:child_process";
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  console.log("up", process.pid, child.pid);
  setInterval(() => {}, 1000);`;

function lastUp(): { pid: number; child: number } | null {
  const words = log().trimEnd().split("\n").at(-1)?.split(" ") ?? [];
  return words[0] === "up" ? { pid: Number(words[1]), child: Number(words[2]) } : null;
}

test("a part that is killed comes back by itself, and its own children do not live on", async () => {
  const part = service(PARENT);
  await until(() => lastUp() !== null);
  const first = lastUp();
  if (first === null) throw new Error("not up");
  process.kill(first.pid, "SIGKILL");
  await until(() => part.restarts() === 1 && lastUp()?.pid === part.pid());
  await until(() => startMark(first.child) === null);
  expect(records.get("part")?.pid).toBe(part.pid());
  expect(notices[0]).toMatch(/part ended \(SIGKILL\); starting it again in 0\.3 s/);
});

test("stopping ends a part that ignores SIGTERM, with its children, in little more than its grace", async () => {
  const part = service(`process.on("SIGTERM", () => {});${PARENT}`, 300);
  await until(() => lastUp() !== null);
  const up = lastUp();
  if (up === null) throw new Error("not up");
  const startedAt = performance.now();
  await lifecycle.stop();
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  await until(() => startMark(up.pid) === null && startMark(up.child) === null);
  expect(part.restarts()).toBe(0);
});

test("a part that dies while starting fails the start with the end of its log", async () => {
  const part = service(`console.log("no database url"); process.exit(3);`);
  await expect(part.whenReady(() => Promise.resolve(false), 10_000)).rejects.toThrow(
    /part ended while starting[\s\S]*no database url/,
  );
});

test("a task's output is its answer, and its failure shows what it said", async () => {
  const spec = {
    name: "the task",
    cwd: folder,
    env: process.env,
    logFile: join(folder, "task.log"),
  };
  expect(
    await runTask({ ...spec, args: ["-e", "console.log('a'); console.log('b')"] }, lifecycle),
  ).toBe("a\nb\n");
  await expect(
    runTask({ ...spec, args: ["-e", "console.error('bad'); process.exit(2)"] }, lifecycle),
  ).rejects.toThrow(/the task failed \(exit code 2\):\nbad/);
});

test("stopping ends a task that is under way", async () => {
  const spec = {
    name: "the task",
    cwd: folder,
    env: process.env,
    logFile: join(folder, "task.log"),
  };
  const task = runTask({ ...spec, args: ["-e", "setInterval(() => {}, 1000)"] }, lifecycle);
  const refused = expect(task).rejects.toThrow(/SIGKILL/);
  await delay(50);
  await lifecycle.stop();
  await refused;
});

test("what a killed start has left is found by record and by mark, and ended; a reused number is not taken for ours", async () => {
  const run = (env: NodeJS.ProcessEnv) =>
    spawn(process.execPath, ["-e", "console.log('up'); setInterval(() => {}, 1000)"], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
  const marked = run({ ...process.env, [MARK_VARIABLE]: folder });
  const recorded = run(process.env);
  const other = run(process.env);
  try {
    await Promise.all([marked, recorded, other].map((child) => once(child.stdout, "data")));
    const file = join(folder, "processes.json");
    writeRecords(file, [
      { name: "runtime", pid: recorded.pid ?? 0, mark: startMark(recorded.pid ?? 0) ?? "" },
      { name: "control-plane", pid: other.pid ?? 0, mark: "the start of a process long gone" },
    ]);
    const found = leftovers(file, folder);
    expect(found).toContain(recorded.pid);
    expect(found).not.toContain(other.pid);
    if (process.platform === "linux") expect(found).toContain(marked.pid);
    await endLeftovers(found);
    expect(leftovers(file, folder)).toEqual([]);
    expect(startMark(other.pid ?? 0)).not.toBeNull();
  } finally {
    for (const child of [marked, recorded, other]) child.kill("SIGKILL");
  }
});

test("a lock is held against others while its holder lives, and not a moment longer", async () => {
  const file = join(folder, "lock.json");
  const program = `
    const { tryLock } = await import(${JSON.stringify(join(import.meta.dirname, "..", "bootstrap", "lock-file.mjs"))});
    console.log(tryLock(${JSON.stringify(file)}) === null ? "mine" : "taken");
    setInterval(() => {}, 1000);`;
  const holders = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  try {
    const answers = await Promise.all(
      holders.map(async (holder) =>
        String(((await once(holder.stdout, "data")) as [Buffer])[0]).trim(),
      ),
    );
    expect(answers.filter((answer) => answer === "mine")).toHaveLength(1);
    const owner = holders[answers.indexOf("mine")];
    expect(tryLock(file)?.pid).toBe(owner?.pid);
    const gone = owner === undefined ? Promise.resolve() : once(owner, "exit");
    owner?.kill("SIGKILL");
    await gone;
    expect(tryLock(file)).toBeNull();
    unlock(file);
  } finally {
    for (const holder of holders) holder.kill("SIGKILL");
  }
});

test("a port that somebody uses is passed over, and so is one that another start has just chosen", async () => {
  const blocker = createServer();
  blocker.listen(0, "127.0.0.1");
  await once(blocker, "listening");
  const address = blocker.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  const first = await claimPort("127.0.0.1", address.port);
  expect(first).toBeGreaterThan(address.port);
  if (process.platform === "linux")
    expect(await claimPort("127.0.0.1", first)).toBeGreaterThan(first);
  blocker.close();
});
