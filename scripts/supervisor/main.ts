/**
 * `npm start` behind scripts/start.mjs: database, migrations, build, control plane, runtime, demo, and the words about it.
 * Runs under Node 24 with dependencies in place.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { tryLock, unlock } from "../bootstrap/lock-file.mjs";
import { openDataDirectory } from "./data-directory.ts";
import type { DataDirectory } from "./data-directory.ts";
import { createLifecycle } from "./lifecycle.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { watchLauncher } from "./launcher.ts";
import { readStartOptions, USAGE } from "./options.ts";
import type { StartOptions } from "./options.ts";
import { endLeftovers, leftovers } from "./process-group.ts";
import { resetRunningDemo } from "./demo.ts";
import { startEverything } from "./start-everything.ts";
import { createTerminal } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

async function main(): Promise<void> {
  const terminal = createTerminal(process.stdout);
  if (process.argv.includes("--help")) {
    terminal.raw(USAGE);
    return;
  }
  const options = readOptions(terminal);
  if (options === null) return;
  const lifecycle = createLifecycle();
  const finish = createFinish(lifecycle, terminal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => finish(0));
  watchLauncher(() => finish(0));
  try {
    await run(options, lifecycle, terminal);
  } catch (error) {
    if (lifecycle.signal.aborted) return;
    terminal.raw(`\n${error instanceof Error ? error.message : String(error)}\n`);
    finish(1);
  }
}

function readOptions(terminal: Terminal): StartOptions | null {
  try {
    return readStartOptions(process.argv.slice(2), process.env);
  } catch (error) {
    terminal.raw(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return null;
  }
}

/** Ends everything once and then this process. A repeated signal changes nothing: npm and the terminal often both send one. */
function createFinish(lifecycle: Lifecycle, terminal: Terminal): (code: number) => void {
  let finishing = false;
  return (code) => {
    if (finishing) return;
    finishing = true;
    const startedAt = performance.now();
    if (code === 0) terminal.raw("\n  stopping ...");
    lifecycle.stop().then(
      () => {
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        if (code === 0) terminal.raw(`  stopped in ${seconds} s`);
        process.exit(code);
      },
      () => process.exit(1),
    );
  };
}

async function run(options: StartOptions, lifecycle: Lifecycle, terminal: Terminal): Promise<void> {
  const data = openDataDirectory(options.dataDirectory);
  terminal.raw(
    `\nslipway ${packageVersion()}   node ${process.versions.node}   data ${data.root}${data.isNew ? " (new)" : ""}`,
  );
  const holder = tryLock(data.lockFile, { startedAt: new Date().toISOString() });
  if (holder !== null) {
    if (options.resetDemo) return resetRunningDemo(ROOT, data, lifecycle, terminal);
    const address = runningAddress(data);
    throw new Error(
      `Slipway is already running with this data directory: process ${holder.pid}${address === null ? "" : `, ${address}`}.\n` +
        `Stop it with "kill ${holder.pid}", or set SLIPWAY_DATA_DIR to start another one beside it.`,
    );
  }
  lifecycle.add("lock", {
    stop: () => Promise.resolve(unlock(data.lockFile)),
    kill: () => undefined,
  });
  const left = leftovers(join(data.root, "state", "processes.json"), data.root);
  if (left.length > 0) {
    await terminal.stage("clearing up after a start that was killed", () => endLeftovers(left), {
      done: () => `${left.length} processes of a killed start ended`,
    });
  }
  await startEverything(ROOT, options, data, lifecycle, terminal);
}

function packageVersion(): string {
  const text: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return typeof text === "object" && text !== null && "version" in text ? String(text.version) : "";
}

function runningAddress(data: DataDirectory): string | null {
  const file = join(data.root, "state", "address");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}

await main();
