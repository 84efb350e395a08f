import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import type { Command } from "commander";
import { z } from "zod";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { headroomOf, runOpenLoop, type StageResult } from "../open-loop.ts";
import { print, tell } from "../output.ts";

type Options = { readonly rate: string; readonly seconds: string; readonly request?: string; readonly runtime?: string };

const FACTORS = [1, 1.5, 2] as const;
const METRICS_EVERY_MS = 500;

const metadata = z.looseObject({
  versions: z.array(z.string()).default([]),
  inputs: z.array(z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number()) })),
});

function positive(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!(value > 0 && value <= most)) throw new CliProblem(`--${name} should be a number above 0 and at most ${most}.`, EXIT.usage);
  return value;
}

/** A request made from the model's signature: ones, and 1 for each free size. */
function madeRequest({ inputs }: z.output<typeof metadata>): string {
  const valueOf = (datatype: string): unknown => (datatype === "BYTES" ? "a" : datatype === "BOOL" ? true : 1);
  return JSON.stringify({
    inputs: inputs.map(({ name, datatype, shape }) => {
      const sizes = shape.map((size) => (size < 0 ? 1 : size));
      const count = sizes.reduce((product, size) => product * size, 1);
      return { name, datatype, shape: sizes, data: Array(count).fill(valueOf(datatype)) };
    }),
  });
}

/** Recorded requests of a file: one as JSON, or one a line. */
async function recordedRequests(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) throw new CliProblem(`There is no file ${file}.`, EXIT.usage);
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const isLines = lines.length > 1 && lines.every((line) => line.startsWith("{") && line.trimEnd().endsWith("}"));
  return isLines ? lines : [text];
}

/** Memory of the endpoint's model hosts and how often they were restarted, from the runtime's metrics. */
async function readHosts(base: string): Promise<{ readonly bytes: number; readonly restarts: number }> {
  const text = await fetch(`${base}/metrics`).then((response) => response.text()).catch(() => "");
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)`, "gm"))].reduce((total, match) => total + Number(match[1]), 0);
  return { bytes: sum("slipway_model_memory_bytes"), restarts: sum("slipway_model_host_restarts") };
}

const ms = (value: number | null): string => (value === null ? "-" : value.toFixed(value < 10 ? 2 : 0));

function lineOf({ factor, plannedPerSecond, answeredPerSecond, latencyMsP50, latencyMsP95, latencyMsP99, failures, late }: StageResult): string {
  const failed = Object.entries(failures).map(([status, count]) => `${count} x ${status === "0" ? "no answer" : status}`);
  return [
    `${factor}x`.padEnd(5),
    plannedPerSecond.toFixed(0).padStart(8),
    answeredPerSecond.toFixed(0).padStart(9),
    ms(latencyMsP50).padStart(8),
    ms(latencyMsP95).padStart(8),
    ms(latencyMsP99).padStart(8),
    ` ${failed.join(", ") || "none"}${late > 0 ? `; ${late} sent late by this machine` : ""}`,
  ].join(" ");
}

async function loadtest(endpoint: string, options: Options, command: Command): Promise<void> {
  const base = (options.runtime ?? process.env["SLIPWAY_RUNTIME_URL"] ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
  const rate = positive("rate", options.rate, 20_000);
  const seconds = positive("seconds", options.seconds, 3600);
  const path = `${base}/v2/models/${encodeURIComponent(endpoint)}`;
  const described = await fetch(path).catch(() => {
    throw new CliProblem(`${base} does not answer. Set SLIPWAY_RUNTIME_URL.`);
  });
  if (!described.ok) throw new CliProblem(`The runtime serves no endpoint ${endpoint}.`, EXIT.notFound);
  const model = metadata.parse(await described.json());
  const bodies = options.request === undefined ? [madeRequest(model)] : await recordedRequests(options.request);
  let next = 0;
  const send = async (): Promise<number> => {
    const body = bodies[next % bodies.length] ?? "";
    next += 1;
    const response = await fetch(`${path}/infer`, { method: "POST", headers: { "content-type": "application/json" }, body });
    await response.arrayBuffer();
    return response.status;
  };
  const first = await send();
  if (first !== 200)
    throw new CliProblem(
      `The first request was answered ${first}. ${options.request === undefined ? "Requests made from the signature do not pass the contract: give recorded ones with --request." : "Load cannot be measured with requests that fail."}`,
      EXIT.refused,
    );
  const before = await readHosts(base);
  let peakMemoryBytes = before.bytes;
  const watch = setInterval(() => {
    void readHosts(base).then(({ bytes }) => {
      peakMemoryBytes = Math.max(peakMemoryBytes, bytes);
    });
  }, METRICS_EVERY_MS);
  const stages: StageResult[] = [];
  try {
    for (const factor of FACTORS) {
      tell(`${factor}x: ${Math.round(rate * factor)} requests/s for ${seconds} s`);
      stages.push(await runOpenLoop(factor, rate * factor, seconds, send));
    }
  } finally {
    clearInterval(watch);
  }
  const headroom = headroomOf(stages);
  const restarts = (await readHosts(base)).restarts - before.restarts;
  const planned = stages[0];
  /** By the fields that evidence of the kind load_test_profile has. */
  const details = {
    hardware: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores`,
    runs: stages.reduce((sum, { sent }) => sum + sent, 0),
    latencyMsP95: planned?.latencyMsP95 ?? null,
    peakMemoryBytes,
    errors: planned?.errors ?? 0,
    memoryLimitEvents: restarts,
  };
  const result = { endpoint, versions: model.versions, plannedPerSecond: rate, seconds, headroom, details, stages };
  print(command, result, [
    `load   planned  answered   p50 ms   p95 ms   p99 ms  failures`,
    ...stages.map(lineOf),
    headroom === 0
      ? `${endpoint} does not carry the planned rate of ${rate} requests/s.`
      : `${endpoint} carries ${headroom} times the planned rate${headroom === 2 ? " and was not pushed further" : ""}. Model hosts: at most ${Math.round(peakMemoryBytes / 1_048_576)} MiB, ${restarts} restarts.`,
  ]);
  if (headroom === 0) process.exitCode = EXIT.refused;
}

/** loadtest: an open-loop test at 1, 1.5 and 2 times the planned rate. */
export function addLoadtestCommands(program: Command): void {
  program
    .command("loadtest")
    .description("send 1, 1.5 and 2 times the planned rate to an endpoint and say what it carries; it counts as traffic")
    .argument("<endpoint>")
    .requiredOption("--rate <number>", "planned requests a second")
    .option("--seconds <number>", "length of each of the three stages", "10")
    .option("--request <file>", "recorded requests: one as JSON, or one a line; without it, made from the signature")
    .option("--runtime <address>", "where the runtime is; else SLIPWAY_RUNTIME_URL, else http://127.0.0.1:8080")
    .addHelpText("after", `
Run it where the endpoint is in staging. With --json, "details" are the fields of evidence of the kind load_test_profile.

Examples:
  slipway loadtest credit-default --rate 200 --request requests.jsonl
  slipway loadtest tumour-triage --rate 500 --seconds 30 --json > load.json`)
    .action(loadtest);
}
