import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, markedBody } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isReady,
  markedSignature,
  tensor,
} from "./testing/desired.ts";
import { markedModel, spinningModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control);
});
afterAll(async () => {
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

const request = (row: readonly number[]): unknown => JSON.parse(markedBody([row]));
const goldenOf = (mark: number) => ({
  request: request([1, 0, 0, 0]),
  response: { outputs: [{ name: "mark", datatype: "FP32", shape: [1], data: [mark] }] },
  tolerance: 1e-5,
});

describe("profiling a version", () => {
  it("loads it in a host of its own, replays the golden answers, times it, and leaves nothing running", async () => {
    const version = desiredVersion(control, {
      name: "1.0.0",
      model: markedModel(4),
      signature: markedSignature,
      golden: [goldenOf(4), goldenOf(5)],
    });
    const result = await control.addJob({
      kind: "profile_version",
      version,
      inputs: [request([1, 2, 3, 4]), request([-1, 0, 0, 0])],
    });
    expect(result).toMatchObject({
      outcome: "succeeded",
      profile: { goldenPassed: 1, goldenTotal: 2, runs: 200 },
    });
    expect(result.problem).toContain("Golden input 2");
    const { profile, outputs } = result;
    expect(profile!.loadMs).toBeGreaterThan(0);
    expect(profile!.latencyMsP95).toBeGreaterThanOrEqual(profile!.latencyMsP50);
    expect(profile!.latencyMsP50).toBeGreaterThan(0);
    if (process.platform === "linux") expect(profile!.peakMemoryBytes).toBeGreaterThan(30_000_000);
    expect(outputs).toMatchObject([
      {
        model_name: "model-under-test",
        model_version: "1.0.0",
        outputs: [
          { name: "label", data: [1] },
          { name: "score", data: [10] },
          { name: "mark", data: [4] },
        ],
      },
      { outputs: [{ name: "label", data: [0] }, {}, {}] },
    ]);
    await expect
      .poll(async () => (await runtime.hostPids()).filter((pid) => readableProcess(pid)))
      .toEqual([]);
  });

  it("says plainly what is wrong with a file that is no model, and with one that is another than registered", async () => {
    const noModel = desiredVersion(control, {
      name: "1.0.0",
      model: Buffer.from("junk"),
      signature: markedSignature,
    });
    expect(
      await control.addJob({ kind: "profile_version", version: noModel, inputs: [] }),
    ).toMatchObject({ outcome: "failed", problem: expect.stringMatching(/protobuf|load/i) });
    const signature = { ...markedSignature, inputs: [tensor("x", "FP64", ["N", 4])] };
    const other = desiredVersion(control, { name: "1.0.0", model: markedModel(1), signature });
    expect(
      await control.addJob({ kind: "profile_version", version: other, inputs: [] }),
    ).toMatchObject({
      outcome: "failed",
      problem: "Input x is registered as FP64 [-1, 4], the loaded model says FP32 [-1, 4].",
    });
  });

  it("reports a model that takes its host down as crashed, and goes on serving", async () => {
    const served = desiredVersion(control, {
      name: "1.0.0",
      model: markedModel(1),
      signature: markedSignature,
    });
    control.desire([desiredEndpoint("demo", randomUUID(), { epoch: 1, stable: served })], [served]);
    await control.untilAcks("ready", isReady(served.versionId));
    const before = new Set(await runtime.hostPids());
    const version = desiredVersion(control, {
      name: "1.0.0",
      model: spinningModel(),
      signature: { inputs: [tensor("turns", "INT64", [])], outputs: [tensor("trace", "FP32", [])] },
    });
    const endless = {
      inputs: [{ name: "turns", datatype: "INT64", shape: [], data: [9_000_000_000_000] }],
    };
    const result = control.addJob({ kind: "profile_version", version, inputs: [endless] });
    const pid = await newHost(before);
    process.kill(pid, "SIGKILL");
    expect(await result).toMatchObject({
      outcome: "crashed",
      problem: expect.stringContaining("SIGKILL"),
      profile: null,
    });
    const client = createClient(runtime.url);
    expect((await client.call({ path: "/v2/models/demo/infer", body: markedBody() })).status).toBe(
      200,
    );
    client.close();
  });

  it("resumes a download that broke off and refuses bytes with another digest", async () => {
    const version = desiredVersion(control, {
      name: "1.0.0",
      model: Buffer.concat([markedModel(6)]),
      signature: markedSignature,
      golden: [goldenOf(6)],
    });
    control.breakNextTransferAfter(100);
    control.desire(
      [desiredEndpoint("resumed", randomUUID(), { epoch: 1, stable: version })],
      [version],
    );
    await control.untilAcks("ready after a broken transfer", isReady(version.versionId));
    expect(control.artifactOffsets.some((offset) => offset > 0)).toBe(true);
    const wrong = {
      ...version,
      versionId: randomUUID(),
      digest: `sha256:${"a".repeat(64)}`,
      files: [{ ...version.files[0]!, sizeBytes: version.files[0]!.sizeBytes - 1 }],
    };
    const result = await control.addJob({ kind: "profile_version", version: wrong, inputs: [] });
    expect(result).toMatchObject({
      outcome: "failed",
      problem: expect.stringContaining("longer than"),
    });
  });
});

describe("trying a version", () => {
  it("answers each input once, in order, errors included", async () => {
    const version = desiredVersion(control, {
      name: "1.0.0",
      model: markedModel(4),
      signature: markedSignature,
    });
    const result = await control.addJob({
      kind: "try_version",
      version,
      inputs: [request([1, 0, 0, 0]), { inputs: [] }, request([2, 0, 0, 0])],
    });
    expect(result).toMatchObject({
      outcome: "failed",
      problem: 'Input "x" is missing.',
      outputs: [
        { outputs: [{}, { data: [1] }, {}] },
        { error: 'Input "x" is missing.' },
        { outputs: [{}, { data: [2] }, {}] },
      ],
    });
  });
});

function readableProcess(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}

async function newHost(known: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const pid = (await runtime.hostPids()).find((one) => !known.has(one));
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
