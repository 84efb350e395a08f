/** `node bench/peers/compare.ts [--environments DIR] [--rounds 5] [--seconds 5] [--json FILE]`; see README.md beside it. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createClient } from "#runtime/testing/client.ts";
import { desiredEndpoint, isReady } from "#runtime/testing/desired.ts";
import { exampleFile, modelOf, readStory } from "../../examples/replay.ts";
import type { Load } from "../runtime/generator.ts";
import { jsonBody, openStage, runLoad } from "../runtime/stage.ts";
import { spreadOf, spreadText } from "../runtime/statistics.ts";
import { exampleBodies, exampleVersion } from "../serving/example-version.ts";

const CONNECTIONS = 32;
const WORKERS = availableParallelism();
const START_MS = 90_000;
const PATH = "/v2/models/triage/infer";
const here = path.dirname(fileURLToPath(import.meta.url));

type Peer = {
  readonly name: string;
  /** Package whose version is printed. */
  readonly package: string;
  command(port: number, directory: string): readonly string[];
};

const PEERS: readonly Peer[] = [
  {
    name: "fastapi",
    package: "fastapi",
    command: (port) => [
      "uvicorn",
      "fastapi_server:app",
      "--port",
      String(port),
      "--workers",
      String(WORKERS),
      "--loop",
      "uvloop",
      "--http",
      "httptools",
      "--no-access-log",
      "--log-level",
      "warning",
    ],
  },
  {
    name: "mlserver",
    package: "mlserver",
    command: (_port, directory) => ["mlserver", "start", directory],
  },
  {
    name: "bentoml",
    package: "bentoml",
    command: (port) => ["bentoml", "serve", "bentoml_service:Triage", "--port", String(port)],
  },
];

function modelFile(): string {
  const found = modelOf(readStory(), "tumour-triage").versions.find(
    ({ version }) => version === "1.0.0",
  );
  if (found === undefined) throw new Error("The example model is not there.");
  return fileURLToPath(exampleFile(`${found.directory}/model.onnx`));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object"
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}

/** MLServer reads its settings from files. */
function writeMlserverFiles(directory: string, port: number): void {
  const settings = {
    http_port: port,
    grpc_port: 0,
    metrics_endpoint: null,
    parallel_workers: WORKERS,
    debug: false,
    host: "127.0.0.1",
  };
  writeFileSync(path.join(directory, "settings.json"), JSON.stringify(settings));
  writeFileSync(
    path.join(directory, "model-settings.json"),
    JSON.stringify({
      name: "triage",
      implementation: "mlserver_runtime.OnnxRuntime",
      max_batch_size: 32,
      max_batch_time: 0.001,
    }),
  );
}

function versionOf(python: string, name: string): string {
  const script = `import importlib.metadata as m; print(m.version("${name}"), "onnxruntime", m.version("onnxruntime"))`;
  return spawnSync(python, ["-c", script], { encoding: "utf8" }).stdout.trim();
}

/** What a server answers to the first body: status and, for a look at whether it is the same answer, its first numbers. */
async function ask(
  port: number,
  body: string,
): Promise<{ readonly status: number; readonly numbers: string }> {
  const client = createClient(`http://127.0.0.1:${port}`);
  try {
    const { status, text } = await client.call({
      path: PATH,
      body,
      headers: { "content-type": "application/json" },
    });
    if (status !== 200) return { status, numbers: text.slice(0, 200) };
    const { outputs } = JSON.parse(text) as { outputs: { name: string; data: unknown[] }[] };
    const numbers = outputs
      .flatMap(({ data }) => data.flat())
      .map((value) => (typeof value === "number" ? value.toFixed(3) : String(value)));
    return { status, numbers: numbers.sort().join(" ") };
  } catch {
    return { status: 0, numbers: "" };
  } finally {
    client.close();
  }
}

async function untilAnswering(port: number, body: string, child: ChildProcess): Promise<boolean> {
  const untilMs = performance.now() + START_MS;
  while (performance.now() < untilMs && child.exitCode === null) {
    if ((await ask(port, body)).status === 200) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}

type Running = {
  readonly name: string;
  readonly about: string;
  readonly port: number;
  stop(): void;
};

async function startPeer(
  peer: Peer,
  environments: string,
  body: string,
): Promise<Running | string> {
  const python = path.join(environments, peer.name, "bin", "python");
  if (!existsSync(python)) return `${peer.name}: left out, there is no ${python}`;
  const directory = mkdtempSync(path.join(tmpdir(), `slipway-peer-${peer.name}-`));
  const port = await freePort();
  writeMlserverFiles(directory, port);
  const [program = "", ...args] = peer.command(port, directory);
  const child = spawn(path.join(environments, peer.name, "bin", program), args, {
    cwd: here,
    env: {
      ...process.env,
      MODEL: modelFile(),
      PYTHONPATH: here,
      PATH: `${path.dirname(python)}:${process.env["PATH"] ?? ""}`,
      BENTOML_DO_NOT_TRACK: "True",
    },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  const stop = (): void => {
    // Its workers are children of its own: the group goes.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    rmSync(directory, { recursive: true, force: true });
  };
  if (!(await untilAnswering(port, body, child))) {
    stop();
    return `${peer.name}: left out, it did not answer: ${errors.trim().split("\n").at(-1) ?? ""}`;
  }
  return {
    name: peer.name,
    about: `${peer.package} ${versionOf(python, peer.package)}; ${program} ${args.join(" ")}`,
    port,
    stop,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      environments: { type: "string", default: path.join(tmpdir(), "slipway-peers") },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      json: { type: "string" },
    },
  });
  const bodies = exampleBodies("tumour-triage");
  const [first = ""] = bodies;
  const stage = await openStage();
  const peers: Running[] = [];
  try {
    const version = await exampleVersion(stage.control, "tumour-triage", "1.0.0");
    stage.control.desire(
      [desiredEndpoint("triage", randomUUID(), { epoch: 1, stable: version })],
      [version],
    );
    await stage.control.untilAcks("version ready", isReady(version.versionId));
    const expected = await ask(stage.port, first);
    for (const peer of PEERS) {
      const started = await startPeer(peer, values.environments, first);
      if (typeof started === "string") console.log(started);
      else if ((await ask(started.port, first)).numbers !== expected.numbers) {
        console.log(`${started.name}: left out, its answer is another one`);
        started.stop();
      } else peers.push(started);
    }
    const servers = [
      { name: "slipway", about: "one front process, one model host", port: stage.port },
      ...peers,
    ];
    for (const { name, about } of servers) console.log(`${name}: ${about}`);
    const bodiesFile = stage.bodies("peers", bodies.map(jsonBody));
    const loads = new Map<string, Load[]>(servers.map(({ name }) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const { name, port } of servers)
        loads
          .get(name)
          ?.push(
            await runLoad({
              port,
              method: "POST",
              path: PATH,
              connections: CONNECTIONS,
              warmUpSeconds: 1,
              seconds: Number(values.seconds),
              ratePerSecond: null,
              bodiesFile,
            }),
          );
    }
    const rows = servers.map(({ name, about }) => {
      const all = loads.get(name) ?? [];
      return {
        name,
        about,
        requestsPerSecond: spreadOf(all.map((one) => one.requestsPerSecond)),
        p99Us: spreadOf(all.map((one) => one.p99Us)),
        failures: all.reduce((sum, one) => sum + one.failures, 0),
      };
    });
    console.log(
      `\ntumour-triage 1.0.0 as JSON, ${CONNECTIONS} connections, median (least to most) of ${values.rounds} rounds`,
    );
    for (const { name, requestsPerSecond, p99Us, failures } of rows)
      console.log(
        `${name.padEnd(12)} ${spreadText(requestsPerSecond).padStart(30)} requests/s   p99 ${spreadText(p99Us).padStart(30)} us   ${failures} failed`,
      );
    const [ours, ...others] = rows;
    const best = others.sort((a, b) => b.requestsPerSecond.median - a.requestsPerSecond.median)[0];
    if (ours !== undefined && best !== undefined)
      console.log(
        `${(ours.requestsPerSecond.median / best.requestsPerSecond.median).toFixed(1)} times the best of them, ${best.name}; wanted: at least 5`,
      );
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  } finally {
    for (const peer of peers) peer.stop();
    await stage.close();
  }
}

await main();
