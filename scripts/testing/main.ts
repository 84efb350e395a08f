/**
 * `npm test` behind scripts/test.mjs. Starts what the tests need, runs every stage, and ends with one line: "N passed, N failed".
 *   --full               the long versions (kill tests, ten thousand sequences)
 *   --only unit,db       some stages only
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { ensurePrismaClient } from "../supervisor/prisma-client.ts";
import { createLifecycle } from "../supervisor/lifecycle.ts";
import type { Lifecycle } from "../supervisor/lifecycle.ts";
import { watchLauncher } from "../supervisor/launcher.ts";
import { startTestPostgres } from "../test-postgres.ts";
import { findChromium } from "./chromium.ts";
import { runCommand } from "./command.ts";
import { stageResults, sum } from "./results.ts";
import type { Results } from "./results.ts";
import { ROUNDS, stage, STAGE_NAMES } from "./stages.ts";
import type { StageName } from "./stages.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const SHOWN_LINES = 300;
const FAILED: Results = { passed: 0, failed: 1, skipped: 0 };

type Run = {
  full: boolean;
  chosen: ReadonlySet<StageName>;
  directory: string;
  env: NodeJS.ProcessEnv;
  lifecycle: Lifecycle;
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { full: { type: "boolean", default: false }, only: { type: "string" } },
    allowPositionals: false,
  });
  const startedAt = performance.now();
  const lifecycle = createLifecycle();
  const directory = mkdtempSync(join(tmpdir(), "slipway-tests-"));
  lifecycle.add("lock", {
    stop: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
    kill: () => undefined,
  });
  const abort = (): void => void lifecycle.stop().then(() => process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, abort);
  watchLauncher(abort);

  const run: Run = {
    full: values.full,
    chosen: chooseStages(values.only),
    directory,
    env: testEnvironment(directory, values.full),
    lifecycle,
  };
  const results = await runEverything(run).catch((error: unknown): Results[] => {
    console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return [FAILED];
  });
  await lifecycle.stop();
  const total = sum(results);
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  console.log(`\n${minutes} minutes${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function chooseStages(only: string | undefined): Set<StageName> {
  if (only === undefined) return new Set(STAGE_NAMES);
  const words = only.split(",");
  const unknown = words.filter((word) => !STAGE_NAMES.some((name) => name === word));
  if (unknown.length > 0)
    throw new Error(`--only knows ${STAGE_NAMES.join(", ")}; not ${unknown.join(", ")}.`);
  return new Set(STAGE_NAMES.filter((name) => words.includes(name)));
}

/** Nothing of a product that runs on this machine, or of the caller's database, gets into the tests. */
function testEnvironment(directory: string, full: boolean): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_(?!CHROMIUM)|DATABASE_URL$|PG|npm_|INIT_CWD$|NODE_ENV$)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: "test",
    CI: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    SLIPWAY_TEST_DIRECTORY: directory,
    ...(full ? { SLIPWAY_TEST_FULL: "1" } : {}),
  };
}

async function runEverything(run: Run): Promise<Results[]> {
  const generator = {
    file: process.execPath,
    args: [join(ROOT, "scripts", "generate-prisma.mjs")],
    cwd: ROOT,
  };
  await ensurePrismaClient(ROOT, async () => {
    const result = await runCommand({ ...generator, env: run.env, limitMs: 60_000 }, run.lifecycle);
    if (!result.ok)
      throw new Error(`The database client could not be generated:\n${result.output}`);
  });
  if (run.chosen.has("db") || run.chosen.has("process")) await startDatabase(run);
  const results: Results[] = [];
  for (const lanes of ROUNDS) {
    const lanesResults = await Promise.all(lanes.map((lane) => runLane(lane, run)));
    results.push(...lanesResults.flat());
  }
  return results;
}

async function startDatabase(run: Run): Promise<void> {
  const server = await startTestPostgres(run.directory);
  run.lifecycle.add("database", { stop: server.stop, kill: () => undefined });
  run.env["SLIPWAY_TEST_DATABASE_URL"] = server.superuserUrl;
}

async function runLane(names: readonly StageName[], run: Run): Promise<Results[]> {
  const results: Results[] = [];
  for (const name of names) {
    if (run.chosen.has(name) && !run.lifecycle.signal.aborted)
      results.push(await runStage(name, run));
  }
  return results;
}

async function runStage(name: StageName, run: Run): Promise<Results> {
  const reports = join(run.directory, "reports");
  mkdirSync(reports, { recursive: true });
  const plan = stage(name, ROOT, reports, run.full);
  const env: NodeJS.ProcessEnv = { ...run.env, ...plan.env };
  if (name === "e2e") {
    const browser = await findChromium(ROOT, run.env, run.lifecycle, (text) =>
      console.log(`  ${text}`),
    );
    if (browser === null) {
      console.log(
        "✗ e2e: no Chromium. Install one (Debian, Ubuntu: apt-get install chromium) or run npx playwright install chromium.",
      );
      return FAILED;
    }
    env["SLIPWAY_CHROMIUM"] = browser;
  }
  const result = await runCommand(
    {
      file: process.execPath,
      args: plan.args,
      cwd: ROOT,
      env,
      limitMs: plan.limitMinutes * 60_000,
    },
    run.lifecycle,
  );
  const counts = stageResults(result.ok, plan.report === null ? null : readReport(plan.report));
  const mark = counts.failed === 0 ? "✓" : "✗";
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(
    `${mark} ${name.padEnd(10)} ${counts.passed} passed, ${counts.failed} failed${skipped}`.padEnd(
      50,
    ) + `${result.seconds.toFixed(1)} s`,
  );
  if (counts.failed > 0) console.log(indent(result.output));
  return counts;
}

/** A stage that died before it could write its report has failed. */
function readReport(report: () => Results): Results {
  try {
    return report();
  } catch {
    return FAILED;
  }
}

function indent(output: string): string {
  const lines = output.trimEnd().split("\n").slice(-SHOWN_LINES);
  return lines.map((line) => `    ${line}`).join("\n");
}

await main();
