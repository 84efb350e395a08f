import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DesiredEndpoint, DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { addPairs } from "#lib/domain/release/pairs.ts";
import { createClient, markedBody, startLoad } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isInForce,
  isReady,
  markedSignature,
} from "./testing/desired.ts";
import { markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const endpointId = randomUUID();
const releaseId = randomUUID();

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let stable: DesiredVersion;
let challenger: DesiredVersion;

beforeEach(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control);
  stable = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(1),
    signature: markedSignature,
    labelOutput: "label",
  });
  // Says 1 only above 0.5: it disagrees where the row's sum lies between 0 and 0.5.
  challenger = desiredVersion(control, {
    name: "2.0.0",
    model: markedModel(2, 0.5),
    signature: markedSignature,
    labelOutput: "label",
  });
});
afterEach(async () => {
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

type Arms = DesiredEndpoint["arms"];

async function serve(epoch: number, arms: Arms, leaseSeconds: number | null = null): Promise<void> {
  const base = desiredEndpoint("demo", endpointId, { epoch, stable, releaseId, windowSeconds: 1 });
  control.desire([{ ...base, arms, leaseSeconds }], [stable, challenger]);
  await control.untilAcks(
    `epoch ${epoch}`,
    (acks) =>
      isReady(stable.versionId)(acks) &&
      isReady(challenger.versionId)(acks) &&
      isInForce(endpointId, epoch)(acks),
  );
}

const stableArm = (weightBp = 10_000): Arms[number] => ({
  arm: "stable",
  versionId: stable.versionId,
  weightBp,
});
const candidate = (weightBp: number, over: Partial<Arms[number]> = {}): Arms[number] => ({
  arm: "candidate",
  versionId: challenger.versionId,
  weightBp,
  ...over,
});
const rowsOf = (arm: string) =>
  [...control.windows.values()].filter((window) => window.arm === arm);
const pairsOf = () =>
  addPairs(rowsOf("shadow").flatMap(({ pairs }) => (pairs === undefined ? [] : [pairs])));
/** One key in five lies between both thresholds. */
const sumOfKey = (n: number): number => ((n % 50) % 5 === 0 ? 0.25 : (n % 50) % 2 === 0 ? 1 : -1);
const bodyOf = (n: number) => markedBody([[sumOfKey(n), 0, 0, 0]]);

describe("a shadow", () => {
  it("answers nobody, is compared pair by pair, and gets nothing more once its table is gone", async () => {
    await serve(1, [
      stableArm(),
      { arm: "shadow", versionId: challenger.versionId, weightBp: 10_000, tolerance: 0 },
    ]);
    const load = startLoad(runtime.url, "demo", 4, 50, bodyOf);
    await load.until(400);
    await serve(2, [stableArm(), candidate(0)]);
    const mirrored = load.records.length;
    await load.until(mirrored + 100);
    const records = await load.stop();
    await runtime.stop();

    expect(
      records.every(({ status, arm, mark }) => status === 200 && arm === "stable" && mark === 1),
    ).toBe(true);
    const pairs = pairsOf();
    expect(pairs.sampled).toBeGreaterThan(300);
    expect(pairs.compared + pairs.dropped).toBe(pairs.sampled);
    expect(pairs.candidateFailed + pairs.stableFailed).toBe(0);
    // Every answer of one key is the same, so shares of pairs and of keys follow from the keys alone.
    expect(pairs.units).toBe(50);
    expect(pairs.unitsDisagreed).toBe(10);
    const said = new Map(pairs.classes.map(([a, b, count]) => [`${a}${b}`, count]));
    expect([...said.keys()].sort()).toEqual(["00", "10", "11"]);
    expect(pairs.agreed).toBe((said.get("00") ?? 0) + (said.get("11") ?? 0));
    expect(rowsOf("shadow").every(({ epoch }) => epoch === 1)).toBe(true);
    // Counted once each for the version that answered, never for the copy.
    expect(rowsOf("stable").reduce((sum, { requests }) => sum + requests, 0)).toBe(records.length);
  });

  it("that fails or refuses is counted against itself alone", async () => {
    const strict = {
      ...challenger,
      contract: {
        fields: (challenger.contract as { fields: readonly object[] }).fields.map((field) => ({
          ...field,
          range: { min: -0.5, max: 0.5 },
          action: "reject",
        })),
      },
    };
    challenger = strict;
    await serve(1, [
      stableArm(),
      { arm: "shadow", versionId: challenger.versionId, weightBp: 10_000, tolerance: 0 },
    ]);
    const load = startLoad(runtime.url, "demo", 2, 10, () => markedBody([[1, 0, 0, 0]]));
    await load.until(60);
    const records = await load.stop();
    await runtime.stop();
    expect(records.every(({ status }) => status === 200)).toBe(true);
    const pairs = pairsOf();
    expect(pairs.compared).toBe(0);
    // Each of the ten keys once, however often it came.
    expect(pairs.candidateFailed).toBe(10);
    expect(rowsOf("stable").reduce((sum, { errors }) => sum + errors, 0)).toBe(0);
    expect(rowsOf("shadow").reduce((sum, { errors }) => sum + errors, 0)).toBe(
      pairs.sampled - pairs.dropped,
    );
  });

  it("gets the sampled share of keys, always the same ones", async () => {
    await serve(1, [
      stableArm(),
      { arm: "shadow", versionId: challenger.versionId, weightBp: 3_000, tolerance: 0 },
    ]);
    const load = startLoad(runtime.url, "demo", 4, 200, bodyOf);
    await load.until(800);
    await load.stop();
    await runtime.stop();
    const pairs = pairsOf();
    expect(pairs.units).toBeGreaterThan(30);
    expect(pairs.units).toBeLessThan(95);
    expect(pairs.sampled).toBeGreaterThan(2 * pairs.units);
  });
});

describe("a preview", () => {
  it("is answered by the candidate at 0 %, is in no count, and ends with its table", async () => {
    await serve(1, [stableArm(), candidate(0, { preview: true })]);
    const client = createClient(runtime.url);
    const ask = (preview: string | null) =>
      client.call({
        path: "/v2/models/demo/infer",
        body: markedBody(),
        headers: preview === null ? {} : { "slipway-preview": preview },
      });
    const plain = await ask(null);
    expect([plain.status, plain.headers["slipway-version"], plain.headers["slipway-arm"]]).toEqual([
      200,
      "1.0.0",
      "stable",
    ]);
    const shown = await ask(releaseId);
    expect([shown.status, shown.headers["slipway-version"], shown.headers["slipway-arm"]]).toEqual([
      200,
      "2.0.0",
      "candidate",
    ]);
    expect(shown.headers["slipway-prediction-id"]).toBeUndefined();
    // Never another version in its place.
    expect((await ask(randomUUID())).status).toBe(404);
    await serve(2, [
      { arm: "stable", versionId: challenger.versionId, weightBp: 10_000 },
      { arm: "previous", versionId: stable.versionId, weightBp: 0 },
    ]);
    expect((await ask(releaseId)).status).toBe(404);
    client.close();
    await runtime.stop();
    expect(rowsOf("candidate").reduce((sum, { requests }) => sum + requests, 0)).toBe(0);
  });
});

describe("a switch of everything and back", () => {
  it("fails no request under load, and every request is answered by the version of its table", async () => {
    await serve(1, [stableArm(), candidate(0, { preview: true })]);
    const load = startLoad(runtime.url, "demo", 8, 100);
    await load.until(200);
    await serve(2, [
      { arm: "stable", versionId: challenger.versionId, weightBp: 10_000 },
      { arm: "previous", versionId: stable.versionId, weightBp: 0 },
    ]);
    await load.until(load.records.length + 200);
    await serve(3, [stableArm()]);
    await load.until(load.records.length + 200);
    const records = await load.stop();
    expect(records.filter(({ status }) => status !== 200)).toEqual([]);
    for (const { epoch, mark } of records) expect(mark).toBe(epoch === 2 ? 2 : 1);
    expect(new Set(records.map(({ epoch }) => epoch))).toEqual(new Set([1, 2, 3]));
  });
});

describe("a drill's fault", () => {
  const total = (arm: string, of: (row: ReturnType<typeof rowsOf>[number]) => number) =>
    rowsOf(arm).reduce((sum, row) => sum + of(row), 0);

  it("fails its share of the candidate's answers, leaves stable alone, and goes with its table", async () => {
    await serve(
      1,
      [stableArm(5_000), candidate(5_000, { fault: { kind: "errors", share: 0.5 } })],
      300,
    );
    const load = startLoad(runtime.url, "demo", 4, 400);
    await load.until(400);
    await serve(2, [stableArm()]);
    const before = load.records.length;
    await load.until(before + 100);
    const records = await load.stop();
    await runtime.stop();
    const failed = records.filter(({ status }) => status !== 200);
    expect(total("stable", ({ errors }) => errors)).toBe(0);
    expect(total("candidate", ({ errors }) => errors)).toBe(failed.length);
    const share = failed.length / total("candidate", ({ requests }) => requests);
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
    expect(records.slice(before).every(({ status }) => status === 200)).toBe(true);
  });

  it("delays the candidate's answers only, and shows it drifted inputs only", async () => {
    await serve(
      1,
      [stableArm(5_000), candidate(5_000, { fault: { kind: "latency", addMs: 80 } })],
      300,
    );
    const slow = startLoad(runtime.url, "demo", 8, 80);
    await slow.until(60);
    await slow.stop();
    // 0.25 times 25 is above the challenger's threshold, 0.25 is not.
    await serve(
      2,
      [stableArm(5_000), candidate(5_000, { fault: { kind: "drifted_inputs", factor: 25 } })],
      300,
    );
    const drifted = startLoad(runtime.url, "demo", 4, 80, () => markedBody([[0.25, 0, 0, 0]]));
    await drifted.until(100);
    const records = await drifted.stop();
    await runtime.stop();
    const ofCandidate = records.filter(({ arm }) => arm === "candidate");
    expect(ofCandidate.length).toBeGreaterThan(20);
    expect(ofCandidate.every(({ label }) => label === "1")).toBe(true);
    const latencyOf = (arm: string) =>
      rowsOf(arm)
        .filter(({ epoch, requests }) => epoch === 1 && requests > 0)
        .map(({ latencyUs }) => latencyUs.min ?? 0);
    expect(Math.min(...latencyOf("candidate"))).toBeGreaterThanOrEqual(79_000);
    expect(Math.min(...latencyOf("stable"))).toBeLessThan(79_000);
  });
});
