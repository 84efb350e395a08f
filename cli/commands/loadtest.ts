import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { createLoadTest, getLoadTest, listLoadTests } from "#lib/contracts/api/load-test-operations.ts";
import type { LoadTestView } from "#lib/contracts/views/load-test-view.ts";
import { askFor, connectionFrom, type Connection } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";

type Options = { readonly rate?: string; readonly seconds?: string; readonly p99?: string; readonly request?: string; readonly history?: boolean; readonly wait?: boolean };

const LOOK_MS = 1000;
const MEBIBYTE = 1_048_576;

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new CliProblem(`--${name} should be a number above 0.`, EXIT.usage);
  return value;
}

/** Recorded requests of a file: one as JSON, or one a line. */
async function recordedRequests(file: string): Promise<unknown[]> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new CliProblem(`There is no file ${file}.`, EXIT.usage);
  });
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const isLines = lines.length > 1 && lines.every((line) => line.startsWith("{") && line.trimEnd().endsWith("}"));
  try {
    return (isLines ? lines : [text]).map((one): unknown => JSON.parse(one));
  } catch (error) {
    throw new CliProblem(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, EXIT.usage);
  }
}

async function watch(connection: Connection, number: number): Promise<LoadTestView> {
  for (;;) {
    const view = await askFor(connection, `/api/v1/load-tests/${number}`, getLoadTest.response);
    if (view.finishedAt !== null) return view;
    tell(`${view.state}  ${view.sent} of ${view.toSend} requests`);
    await delay(LOOK_MS);
  }
}

const ms = (value: number | null): string => (value === null ? "-" : String(Number(value.toPrecision(3))));
const cores = (front: number | null, hosts: number | null): string => (front === null ? "-" : ((front ?? 0) + (hosts ?? 0)).toFixed(2));

function linesOf({ report, say, faults, problem, headroom }: LoadTestView): string[] {
  const rows = (report?.stages ?? []).map((stage) => [
    `${stage.factor}x`, stage.plannedPerSecond.toFixed(0), stage.reachedPerSecond.toFixed(1), ms(stage.latencyMsP50), ms(stage.latencyMsP95), ms(stage.latencyMsP99),
    String(stage.refused), String(stage.failed), cores(stage.frontCores, stage.hostCores), stage.peakMemoryBytes === null ? "-" : String(Math.round(stage.peakMemoryBytes / MEBIBYTE)),
  ]);
  const table = rows.length === 0 ? [] : columns([["load", "planned/s", "reached/s", "p50 ms", "p95 ms", "p99 ms", "refused", "failed", "cores", "host MiB"], ...rows]);
  // Not even the planned rate: the sentence has said the first fault already.
  return [...table, say, ...faults.slice(headroom === 0 ? 1 : 0), ...(problem === null ? [] : [problem])];
}

async function history(connection: Connection, endpoint: string, command: Command): Promise<void> {
  const view = await askFor(connection, `/api/v1/endpoints/${encodeURIComponent(endpoint)}/load-tests`, listLoadTests.response);
  const rows = view.rows.map(({ number, versionName, state, passed, say, createdAt }) => [String(number), createdAt.slice(0, 16), versionName, passed === null ? state : passed ? "passed" : "not passed", say]);
  print(command, view, rows.length === 0 ? [`No load test was run at ${endpoint}.`] : columns([["number", "asked for", "version", "result", ""], ...rows]));
}

async function loadtest(endpoint: string, options: Options, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  if (options.history === true) return history(connection, endpoint, command);
  if (options.rate === undefined) throw new CliProblem("Give the planned rate with --rate, requests a second.", EXIT.usage);
  const json = {
    ratePerSecond: numberOf("rate", options.rate),
    ...(options.seconds === undefined ? {} : { seconds: numberOf("seconds", options.seconds) }),
    ...(options.p99 === undefined ? {} : { latencyLimitMs: numberOf("p99", options.p99) }),
    ...(options.request === undefined ? {} : { requests: await recordedRequests(options.request) }),
  };
  const made = await askFor(connection, `/api/v1/endpoints/${encodeURIComponent(endpoint)}/load-tests`, createLoadTest.response, { method: "POST", json });
  if (options.wait === false) {
    print(command, made, [`load test ${made.number}`]);
    return;
  }
  const view = await watch(connection, made.number);
  print(command, view, linesOf(view));
  if (view.passed !== true) throw new CliProblem(view.passed === false ? `Load test ${made.number} did not pass.` : `Load test ${made.number} is ${view.state}.`);
}

/** loadtest: an open-loop test at 1, 1.5 and 2 times the planned rate, by a runtime. */
export function addLoadtestCommands(program: Command): void {
  program
    .command("loadtest")
    .description("have a runtime send an endpoint in staging 1, 1.5 and 2 times its planned rate; the figures are kept as evidence")
    .argument("<endpoint>")
    .option("--rate <number>", "planned requests a second")
    .option("--seconds <number>", "length of each of the three stages; 10 when left out")
    .option("--p99 <milliseconds>", "agreed on before the run: a stage with a higher p99 is not held")
    .option("--request <file>", "recorded requests: one as JSON, or one a line; left out, the version's golden inputs, else ones made from its contract")
    .option("--history", "only show the tests that were run")
    .option("--no-wait", "do not wait for the end")
    .addHelpText("after", `
Examples:
  slipway loadtest credit-rehearsal --rate 200 --p99 40
  slipway loadtest triage-staging --rate 500 --seconds 30 --request requests.jsonl --json > load.json`)
    .action(loadtest);
}
