/**
 * `node bench/serving/serving-bench.ts [ROUNDS] [SECONDS]`: requests per second and latency of the runtime for `tumour-triage` at 32 connections,
 * beside an echo server that does the same JSON work. Rounds alternate between the two; the medians are compared.
 * Prints a table, then one line of JSON.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startControlServer } from "#runtime/testing/control-server.ts";
import { desiredEndpoint, isReady } from "#runtime/testing/desired.ts";
import { startRuntime } from "#runtime/testing/runtime-process.ts";
import { exampleBodies, exampleVersion } from "./example-version.ts";

export type LoadResult = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly failures: number;
  readonly generatorCpuShare: number;
};

export type ServingResult = {
  readonly connections: number;
  readonly rounds: number;
  readonly runtime: LoadResult;
  readonly echo: LoadResult;
  /** Runtime's median requests per second as a share of the echo server's. */
  readonly share: number;
};

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (part: Buffer) => {
      text += part.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once("exit", (code) =>
      reject(new Error(`${child.spawnargs.join(" ")} ended with code ${code}`)),
    );
  });
}

async function load(
  port: number,
  endpointPath: string,
  seconds: number,
  bodiesFile: string,
): Promise<LoadResult> {
  const args = [
    here("load-generator.ts"),
    String(port),
    endpointPath,
    String(CONNECTIONS),
    String(WARM_UP_SECONDS),
    String(seconds),
    bodiesFile,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(await firstLine(child)) as LoadResult;
}

function median(results: readonly LoadResult[]): LoadResult {
  const sorted = [...results].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("No round was run.");
  return { ...middle, failures: results.reduce((sum, { failures }) => sum + failures, 0) };
}

/** Measures runtime and echo server in turn. */
export async function benchServing(rounds: number, seconds: number): Promise<ServingResult> {
  const directory = mkdtempSync(path.join(tmpdir(), "slipway-bench-"));
  const bodiesFile = path.join(directory, "bodies.json");
  writeFileSync(bodiesFile, JSON.stringify(exampleBodies("tumour-triage")));
  const control = await startControlServer();
  const runtime = await startRuntime(directory, control, { SLIPWAY_LOG_LEVEL: "info" });
  const echo = spawn(process.execPath, [here("echo-server.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [stable, candidate] = [
      await exampleVersion(control, "tumour-triage", "1.0.0"),
      await exampleVersion(control, "tumour-triage", "1.1.0"),
    ];
    const table = {
      epoch: 1,
      stable,
      candidate,
      weightBp: 1000,
      releaseId: randomUUID(),
      latencyThresholdsUs: { p95: 5000, p99: 10_000 },
    };
    control.desire([desiredEndpoint("triage", randomUUID(), table)], [stable, candidate]);
    await control.untilAcks(
      "both versions ready",
      (acks) => isReady(stable.versionId)(acks) && isReady(candidate.versionId)(acks),
    );
    const runtimePort = Number(new URL(runtime.url).port);
    const echoPort = Number(await firstLine(echo));
    const measured: { runtime: LoadResult[]; echo: LoadResult[] } = { runtime: [], echo: [] };
    for (let round = 0; round < rounds; round += 1) {
      measured.runtime.push(
        await load(runtimePort, "/v2/models/triage/infer", seconds, bodiesFile),
      );
      measured.echo.push(await load(echoPort, "/v2/models/triage/infer", seconds, bodiesFile));
    }
    const [ours, plain] = [median(measured.runtime), median(measured.echo)];
    return {
      connections: CONNECTIONS,
      rounds,
      runtime: ours,
      echo: plain,
      share: Number((ours.requestsPerSecond / plain.requestsPerSecond).toFixed(3)),
    };
  } finally {
    echo.kill("SIGTERM");
    await runtime.stop();
    await control.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const row = (
  name: string,
  { requestsPerSecond, p50Us, p99Us, failures, generatorCpuShare }: LoadResult,
) =>
  [
    name.padEnd(10),
    String(requestsPerSecond).padStart(10),
    String(p50Us).padStart(8),
    String(p99Us).padStart(8),
    String(failures).padStart(9),
    String(generatorCpuShare).padStart(10),
  ].join(" ");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await benchServing(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 5));
  console.log(
    `tumour-triage over HTTP and JSON, ${result.connections} connections, median of ${result.rounds} rounds`,
  );
  console.log("server      requests/s  p50 us   p99 us  failures  client CPU");
  console.log(row("runtime", result.runtime));
  console.log(row("echo", result.echo));
  console.log(
    `The runtime answers ${Math.round(result.share * 100)} % of what the echo server does.`,
  );
  console.log(JSON.stringify(result));
}
