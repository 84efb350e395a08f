import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient, markedBody, startLoad, type LoadRecord } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isInForce,
  isReady,
  markedSignature,
  tensor,
} from "./testing/desired.ts";
import { lookupModel, markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const SEED = 20_261_123;
const endpointId = randomUUID();
const releaseId = randomUUID();

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;

beforeEach(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control);
});
afterEach(async () => {
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

/** mulberry32, so that a run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const marked = (name: string, mark: number) =>
  desiredVersion(control, {
    name,
    model: markedModel(mark),
    signature: markedSignature,
    labelOutput: "label",
  });

type Row = {
  epoch: number;
  arm: string;
  requests: number;
  units: number;
  errors: number;
  received: number;
  wrong: number;
  wrongLabel: number;
  predictions: Record<string, number>;
};

function sumWindows(): Row[] {
  const rows = new Map<string, Row>();
  for (const window of control.windows.values()) {
    const key = `${window.epoch} ${window.arm}`;
    const row = rows.get(key) ?? {
      epoch: window.epoch,
      arm: window.arm,
      requests: 0,
      units: 0,
      errors: 0,
      received: 0,
      wrong: 0,
      wrongLabel: 0,
      predictions: {},
    };
    rows.set(key, row);
    row.requests += window.requests;
    row.units += window.units;
    row.errors += window.errors;
    row.received += window.labels.received;
    row.wrong += window.labels.wrong;
    row.wrongLabel += window.firstBad.wrongLabel;
    for (const [name, count] of Object.entries(window.predictions))
      row.predictions[name] = (row.predictions[name] ?? 0) + count;
  }
  return [...rows.values()].sort((a, b) => a.epoch - b.epoch || a.arm.localeCompare(b.arm));
}

/** The same rows from what the callers saw. */
function sumRecords(records: readonly LoadRecord[], labels: ReadonlyMap<string, string>): Row[] {
  const rows = new Map<string, Row & { keys: Set<string> }>();
  const usedWrong = new Set<string>();
  for (const record of records) {
    const key = `${record.epoch} ${record.arm}`;
    const row = rows.get(key) ?? {
      epoch: record.epoch,
      arm: record.arm ?? "",
      requests: 0,
      units: 0,
      errors: 0,
      received: 0,
      wrong: 0,
      wrongLabel: 0,
      predictions: {},
      keys: new Set<string>(),
    };
    rows.set(key, row);
    row.requests += 1;
    if (!row.keys.has(record.key)) {
      row.units += 1;
      row.predictions[record.label ?? ""] = (row.predictions[record.label ?? ""] ?? 0) + 1;
    }
    row.keys.add(record.key);
    const label = labels.get(record.predictionId ?? "");
    if (label === undefined) continue;
    row.received += 1;
    if (label === record.label) continue;
    row.wrong += 1;
    if (!usedWrong.has(record.key)) row.wrongLabel += 1;
    usedWrong.add(record.key);
  }
  return [...rows.values()]
    .map(({ keys: _keys, ...row }) => row)
    .sort((a, b) => a.epoch - b.epoch || a.arm.localeCompare(b.arm));
}

describe("windows", () => {
  it("add up to what the callers saw, although half of the messages are lost or answered into the void", async () => {
    const random = seeded(SEED);
    control.faultWindows(() =>
      random() < 0.25 ? "lost" : random() < 0.33 ? "unanswered" : "taken",
    );
    const [one, two] = [marked("1.0.0", 1), marked("2.0.0", 2)];
    const table = (epoch: number, weightBp: number) =>
      desiredEndpoint("demo", endpointId, {
        epoch,
        stable: one,
        candidate: two,
        weightBp,
        releaseId,
        windowSeconds: 1,
      });
    control.desire([table(1, 0)], [one, two]);
    await control.untilAcks(
      "both ready",
      (acks) => isReady(one.versionId)(acks) && isReady(two.versionId)(acks),
    );

    // The class a key gets never changes, so its first class is its only one.
    const bodyOf = (n: number) => markedBody([[(n % 97) % 3 === 0 ? 1 : -1, 0, 0, 0]]);
    const load = startLoad(runtime.url, "demo", 8, 97, bodyOf);
    for (const [epoch, weightBp] of [
      [2, 1000],
      [3, 5000],
    ] as const) {
      await load.until(load.records.length + 500);
      control.desire([table(epoch, weightBp)], [one, two]);
      await control.untilAcks(`epoch ${epoch}`, isInForce(endpointId, epoch));
    }
    await load.until(load.records.length + 800);
    const records = await load.stop();
    expect(records.every(({ status }) => status === 200)).toBe(true);

    const labels = new Map(
      records
        .filter((_, index) => index % 2 === 0)
        .map(({ predictionId }) => [predictionId!, random() < 0.9 ? "1" : "0"]),
    );
    const client = createClient(runtime.url);
    const entries = [...labels];
    for (let at = 0; at < entries.length; at += 500) {
      const feedback = entries
        .slice(at, at + 500)
        .map(([predictionId, label]) => ({ predictionId, label }));
      const answer = await client.call({
        path: "/v2/models/demo/feedback",
        body: JSON.stringify({ feedback }),
      });
      expect(JSON.parse(answer.text)).toMatchObject({ accepted: feedback.length });
    }
    client.close();
    control.faultWindows(() => "taken");
    await runtime.stop();

    const counted = sumWindows();
    const seen = sumRecords(records, labels);
    // First wrong labels depend on the order in which labels arrive, which is that of the feedback, not of the answers.
    expect(counted.map((row) => ({ ...row, wrongLabel: 0 }))).toEqual(
      seen.map((row) => ({ ...row, wrongLabel: 0 })),
    );
    const firstWrong = (rows: readonly Row[]) =>
      rows.reduce((sum, { wrongLabel }) => sum + wrongLabel, 0);
    expect(firstWrong(counted)).toBe(firstWrong(seen));
    expect(
      [...control.windows.values()].every(
        (window) => window.final && window.releaseId === releaseId,
      ),
    ).toBe(true);
  });

  it("count failed answers as errors, for the arm that failed", async () => {
    const signature = {
      inputs: [tensor("index", "INT64", ["N"])],
      outputs: [tensor("y", "FP32", ["N"])],
    };
    const golden = {
      request: { inputs: [{ name: "index", datatype: "INT64", shape: [1], data: [1] }] },
      response: { outputs: [{ name: "y", datatype: "FP32", shape: [1], data: [20] }] },
      tolerance: 0,
    };
    const version = desiredVersion(control, {
      name: "1.0.0",
      model: lookupModel(),
      signature,
      golden: [golden],
    });
    control.desire(
      [
        desiredEndpoint("demo", endpointId, {
          epoch: 1,
          stable: version,
          releaseId,
          latencyThresholdsUs: { p95: 60_000_000, p99: 60_000_000 },
        }),
      ],
      [version],
    );
    await control.untilAcks("ready", isReady(version.versionId));
    const load = startLoad(runtime.url, "demo", 2, 10, (n) =>
      JSON.stringify({
        inputs: [{ name: "index", datatype: "INT64", shape: [1], data: [n % 2 === 0 ? 1 : 50] }],
      }),
    );
    await load.until(200);
    const records = await load.stop();
    await runtime.stop();
    const failed = records.filter(({ status }) => status === 500);
    const [row] = sumWindows();
    expect(row).toMatchObject({ requests: records.length, errors: failed.length });
    const firstBad = [...control.windows.values()].reduce(
      (sum, window) => sum + window.firstBad.error,
      0,
    );
    expect(firstBad).toBe(new Set(failed.map(({ key }) => key)).size);
    const slow = [...control.windows.values()].reduce(
      (sum, window) => sum + window.firstBad.latencyP99,
      0,
    );
    expect(slow).toBe(firstBad);
  });

  it("count a drill's drifted inputs as drifted, of its candidate alone", async () => {
    const versions = [marked("1.0.0", 1), marked("2.0.0", 2)] as const;
    const [stable, drilled] = versions;
    const baselines = versions.map(({ versionId }) => ({
      versionId,
      binsHash: `sha256:${"c".repeat(64)}`,
      features: [{ kind: "numeric" as const, name: "x0", tensor: "x", column: 0, edges: [0, 10, 20], baseline: [1, 1] }],
      outputs: [],
      oodThresholdBits: 2,
    }));
    const base = desiredEndpoint("marked", endpointId, { epoch: 1, stable });
    const arms = base.arms.map((arm) => ({ ...arm, weightBp: 5_000 }));
    const fault = { kind: "drifted_inputs" as const, factor: 25 };
    const candidates = arms.map((arm) => ({ ...arm, arm: "candidate" as const, versionId: drilled.versionId, fault }));
    control.desire([{ ...base, arms: [...arms, ...candidates], leaseSeconds: 300 }], [...versions], { baselines });
    for (const { versionId } of versions) await control.untilAcks(`version ${versionId} ready`, isReady(versionId));
    await control.untilAcks("epoch 1", isInForce(endpointId, 1));
    const client = createClient(runtime.url);
    for (let at = 0; at < 60; at += 1) {
      await client.call({ path: "/v2/models/marked/infer", body: markedBody([[1, 0, 0, 0]]) });
    }
    client.close();
    await runtime.stop();
    const seen = (role: string) => {
      const features = [...control.windows.values()].filter(({ arm }) => arm === role).flatMap(({ monitoring }) => monitoring?.features[0] ?? []);
      return { inside: features.reduce((sum, { cells }) => sum + (cells[0] ?? 0), 0), over: features.reduce((sum, { over }) => sum + over, 0) };
    };
    const [ofStable, ofCandidate] = [seen("stable"), seen("candidate")];
    expect(ofStable.over).toBe(0);
    expect(ofCandidate.inside).toBe(0);
    expect(ofStable.inside + ofCandidate.over).toBe(60);
    expect(Math.min(ofStable.inside, ofCandidate.over)).toBeGreaterThan(10);
  });

  it("say how inputs, answers, labels and values lie by the version's baseline, and how long requests waited and ran", async () => {
    const version = marked("1.0.0", 1);
    const edges = [0, 10, 20];
    const baseline = {
      versionId: version.versionId,
      binsHash: `sha256:${"c".repeat(64)}`,
      features: [
        { kind: "numeric" as const, name: "x0", tensor: "x", column: 0, edges, baseline: [1, 1] },
      ],
      outputs: [
        {
          kind: "numeric" as const,
          name: "score",
          tensor: "score",
          column: null,
          edges: [-1000, 0, 1000],
          baseline: null,
        },
      ],
      oodThresholdBits: 2,
    };
    const endpoint = desiredEndpoint("marked", endpointId, { epoch: 1, stable: version });
    control.desire([endpoint], [version], { baselines: [baseline] });
    await control.untilAcks("version ready", isReady(version.versionId));
    const client = createClient(runtime.url);
    const ids: string[] = [];
    for (const value of [1, 5, 15, 25, -1]) {
      const answer = await client.call({
        path: "/v2/models/marked/infer",
        body: markedBody([[value, 0, 0, 0]]),
      });
      ids.push(String(answer.headers["slipway-prediction-id"]));
    }
    await client.call({
      path: "/v2/models/marked/feedback",
      body: JSON.stringify({
        feedback: ids.map((predictionId) => ({ predictionId, label: 1, value: 2 })),
      }),
    });
    client.close();
    await runtime.stop();
    const windows = [...control.windows.values()];
    const sum = (pick: (window: (typeof windows)[number]) => number | undefined) =>
      windows.reduce((total, window) => total + (pick(window) ?? 0), 0);
    const feature = (window: (typeof windows)[number]) => window.monitoring?.features[0];
    expect(sum((window) => window.monitoring?.rows)).toBe(5);
    expect(sum((window) => feature(window)?.cells[0])).toBe(2);
    expect(sum((window) => feature(window)?.cells[1])).toBe(1);
    expect([
      sum((window) => feature(window)?.under),
      sum((window) => feature(window)?.over),
    ]).toEqual([1, 1]);
    expect(sum((window) => window.monitoring?.oodRows)).toBe(2);
    expect(sum((window) => window.monitoring?.outputs[0]?.cells.reduce((a, b) => a + b, 0))).toBe(
      5,
    );
    expect(sum((window) => window.values?.sum)).toBe(10);
    expect(
      sum((window) => window.labelPairs?.reduce((total, [, , count]) => total + count, 0)),
    ).toBe(5);
    expect(sum((window) => window.labelErrors?.n)).toBe(5);
    expect(sum((window) => window.queueUs?.count)).toBe(5);
    expect(sum((window) => window.inferenceUs?.count)).toBe(5);
    runtime = await startRuntime(directory, control);
  });
});
