import { randomUUID } from "node:crypto";
import { desiredEndpoint, desiredVersion, isReady } from "#runtime/testing/desired.ts";
import { exampleBodies, exampleVersion } from "../serving/example-version.ts";
import type { Load } from "./generator.ts";
import { imageModel, mlpModel } from "./models.ts";
import { binaryBody, jsonBody, openStage, runLoad, startEcho } from "./stage.ts";
import { spreadOf, type Figure } from "./statistics.ts";

export type Rounds = { readonly rounds: number; readonly seconds: number };

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 1;

const ratios = (a: readonly Load[], b: readonly Load[]) =>
  spreadOf(
    a.map((one, round) => one.requestsPerSecond / (b[round]?.requestsPerSecond ?? Number.NaN)),
  );
const perSecond = (loads: readonly Load[]) => spreadOf(loads.map((one) => one.requestsPerSecond));

/** 1. `tumour-triage` as JSON beside an echo server in one process and in as many as the runtime has, hosts included. */
export async function benchJson({ rounds, seconds }: Rounds): Promise<Figure[]> {
  const stage = await openStage();
  const [one, two] = [await startEcho(1), await startEcho(2)];
  try {
    const version = await exampleVersion(stage.control, "tumour-triage", "1.0.0");
    stage.control.desire(
      [desiredEndpoint("triage", randomUUID(), { epoch: 1, stable: version })],
      [version],
    );
    await stage.control.untilAcks("version ready", isReady(version.versionId));
    const plan = {
      method: "POST" as const,
      path: "/v2/models/triage/infer",
      connections: CONNECTIONS,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds,
      ratePerSecond: null,
      bodiesFile: stage.bodies("json", exampleBodies("tumour-triage").map(jsonBody)),
    };
    const loads: { ours: Load[]; single: Load[]; fleet: Load[] } = {
      ours: [],
      single: [],
      fleet: [],
    };
    for (let round = 0; round < rounds; round += 1) {
      loads.ours.push(await runLoad({ ...plan, port: stage.port }));
      loads.single.push(await runLoad({ ...plan, port: one.port }));
      loads.fleet.push(await runLoad({ ...plan, port: two.port }));
    }
    const half = Math.round(perSecond(loads.ours).median / 2);
    const tails: { ours: Load[]; echo: Load[] } = { ours: [], echo: [] };
    for (let round = 0; round < rounds; round += 1) {
      tails.ours.push(await runLoad({ ...plan, port: stage.port, ratePerSecond: half }));
      tails.echo.push(await runLoad({ ...plan, port: one.port, ratePerSecond: half }));
    }
    const [single, fleet] = [ratios(loads.ours, loads.single), ratios(loads.ours, loads.fleet)];
    const tail = spreadOf(
      tails.ours.map(({ p99Us }, round) => p99Us / (tails.echo[round]?.p99Us ?? Number.NaN)),
    );
    return [
      {
        name: "JSON, 32 connections: runtime",
        unit: "requests/s",
        value: perSecond(loads.ours),
        wanted: null,
        isMet: null,
      },
      {
        name: "JSON: echo server, 1 process",
        unit: "requests/s",
        value: perSecond(loads.single),
        wanted: null,
        isMet: null,
      },
      {
        name: "JSON: echo server, 2 processes",
        unit: "requests/s",
        value: perSecond(loads.fleet),
        wanted: null,
        isMet: null,
      },
      {
        name: "JSON: share of the echo server, 1 process",
        unit: "ratio",
        value: single,
        wanted: null,
        isMet: null,
      },
      {
        name: "JSON: share of the echo server, as many processes",
        unit: "ratio",
        value: fleet,
        wanted: "at least 0.75",
        isMet: fleet.median >= 0.75,
      },
      {
        name: `JSON: p99 at ${half} requests/s`,
        unit: "us",
        value: spreadOf(tails.ours.map(({ p99Us }) => p99Us)),
        wanted: null,
        isMet: null,
      },
      {
        name: "JSON: p99 at half load over the echo's",
        unit: "ratio",
        value: tail,
        wanted: "under 3",
        isMet: tail.median < 3,
      },
    ];
  } finally {
    one.stop();
    two.stop();
    await stage.close();
  }
}

/** 2. One image as JSON and as bytes. */
export async function benchBinary({ rounds, seconds }: Rounds): Promise<Figure[]> {
  const stage = await openStage();
  try {
    const version = desiredVersion(stage.control, { name: "1.0.0", ...imageModel() });
    stage.control.desire(
      [desiredEndpoint("image", randomUUID(), { epoch: 1, stable: version })],
      [version],
    );
    await stage.control.untilAcks("version ready", isReady(version.versionId));
    const pixels = Float32Array.from({ length: 3 * 224 * 224 }, (_, index) => (index % 255) / 255);
    const input = { name: "image", datatype: "FP32", shape: [1, 3, 224, 224] };
    const bytes = new Uint8Array(pixels.buffer);
    const json = stage.bodies("json", [
      jsonBody({ inputs: [{ ...input, data: Array.from(pixels) }] }),
    ]);
    const head = JSON.stringify({
      inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }],
      parameters: { binary_data_output: true },
    });
    const binary = stage.bodies("binary", [binaryBody(head, bytes)]);
    const plan = {
      port: stage.port,
      method: "POST" as const,
      path: "/v2/models/image/infer",
      connections: 4,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds,
      ratePerSecond: null,
    };
    const loads: { json: Load[]; binary: Load[] } = { json: [], binary: [] };
    for (let round = 0; round < rounds; round += 1) {
      loads.json.push(await runLoad({ ...plan, bodiesFile: json }));
      loads.binary.push(await runLoad({ ...plan, bodiesFile: binary }));
    }
    const gain = ratios(loads.binary, loads.json);
    return [
      {
        name: "1 x 3 x 224 x 224 as JSON",
        unit: "requests/s",
        value: perSecond(loads.json),
        wanted: null,
        isMet: null,
      },
      {
        name: "1 x 3 x 224 x 224 as bytes",
        unit: "requests/s",
        value: perSecond(loads.binary),
        wanted: null,
        isMet: null,
      },
      {
        name: "bytes over JSON",
        unit: "ratio",
        value: gain,
        wanted: "at least 1.5",
        isMet: gain.median >= 1.5,
      },
    ];
  } finally {
    await stage.close();
  }
}

/** 3. An 18M-parameter perceptron, batched and not, at 64 callers and at one. */
export async function benchBatching({ rounds, seconds }: Rounds): Promise<Figure[]> {
  const stages = {
    batched: await openStage(),
    alone: await openStage({ SLIPWAY_RUNTIME_BATCHING: "off" }),
  };
  try {
    const bodies = [
      jsonBody({
        inputs: [{ name: "x", datatype: "FP32", shape: [1, 784], data: Array(784).fill(0.5) }],
      }),
    ];
    for (const stage of Object.values(stages)) {
      const version = desiredVersion(stage.control, {
        name: "1.0.0",
        timeoutMs: 30_000,
        ...mlpModel(),
      });
      stage.control.desire(
        [desiredEndpoint("mlp", randomUUID(), { epoch: 1, stable: version })],
        [version],
      );
      await stage.control.untilAcks("version ready", isReady(version.versionId));
    }
    const run = (name: keyof typeof stages, connections: number): Promise<Load> =>
      runLoad({
        port: stages[name].port,
        method: "POST",
        path: "/v2/models/mlp/infer",
        connections,
        warmUpSeconds: WARM_UP_SECONDS,
        seconds,
        ratePerSecond: null,
        bodiesFile: stages[name].bodies("mlp", bodies),
      });
    const many: { batched: Load[]; alone: Load[] } = { batched: [], alone: [] };
    const single: { batched: Load[]; alone: Load[] } = { batched: [], alone: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ["batched", "alone"] as const) {
        many[name].push(await run(name, 64));
        single[name].push(await run(name, 1));
      }
    }
    const gain = ratios(many.batched, many.alone);
    const delay = spreadOf(
      single.batched.map(({ p50Us }, round) => p50Us / (single.alone[round]?.p50Us ?? Number.NaN)),
    );
    return [
      {
        name: "18M perceptron, 64 callers, batched",
        unit: "rows/s",
        value: perSecond(many.batched),
        wanted: null,
        isMet: null,
      },
      {
        name: "18M perceptron, 64 callers, one by one",
        unit: "rows/s",
        value: perSecond(many.alone),
        wanted: null,
        isMet: null,
      },
      {
        name: "gain by batching at 64 callers",
        unit: "ratio",
        value: gain,
        wanted: "at least 5",
        isMet: gain.median >= 5,
      },
      {
        name: "median latency with batching over without, 1 caller",
        unit: "ratio",
        value: delay,
        wanted: "1, within the spread",
        isMet: delay.least <= 1.05,
      },
    ];
  } finally {
    await Promise.all(Object.values(stages).map((stage) => stage.close()));
  }
}
