import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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
const running: RuntimeProcess[] = [];

beforeEach(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
});
afterEach(async () => {
  for (const runtime of running.splice(0)) await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

async function start(
  withControl: boolean,
  settings: Readonly<Record<string, string>> = {},
): Promise<RuntimeProcess> {
  const runtime = await startRuntime(directory, withControl ? control : null, settings);
  running.push(runtime);
  return runtime;
}

const marked = (name: string, mark: number) =>
  desiredVersion(control, {
    name,
    model: markedModel(mark),
    signature: markedSignature,
    labelOutput: "label",
  });

async function inferUntilServed(runtime: RuntimeProcess): Promise<void> {
  const client = createClient(runtime.url);
  await expect
    .poll(
      async () => (await client.call({ path: "/v2/models/demo/infer", body: markedBody() })).status,
      { timeout: 20_000 },
    )
    .toBe(200);
  client.close();
}

async function answers(runtime: RuntimeProcess, count: number) {
  const load = startLoad(runtime.url, "demo", 4, 50);
  await load.until(count);
  return load.stop();
}

function rollBack(
  dataDirectory: string,
  endpoint: string,
): Promise<{ code: number | null; text: string }> {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("./rollback.ts", import.meta.url)),
      "--endpoint",
      endpoint,
      "--name",
      "under-test",
      "--reason",
      "wrong answers",
    ],
    {
      env: { ...process.env, SLIPWAY_DATA_DIR: dataDirectory },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => (text += part.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, text })));
}

describe("without a control plane", () => {
  it("serves on, also after its own kill -9, from what it had; and what it left running is gone", async () => {
    const one = marked("1.0.0", 1);
    const first = await start(true);
    control.desire([desiredEndpoint("demo", endpointId, { epoch: 4, stable: one })], [one]);
    await control.untilAcks("ready", isReady(one.versionId));
    await control.goAway();
    expect(
      (await answers(first, 100)).every(({ status, mark }) => status === 200 && mark === 1),
    ).toBe(true);

    const orphans = await first.hostPids();
    await first.kill9();
    const second = await start(true);
    await inferUntilServed(second);
    const records = await answers(second, 100);
    expect(
      records.every(({ status, mark, epoch }) => status === 200 && mark === 1 && epoch === 4),
    ).toBe(true);
    // A killed process is there until its new parent has taken note.
    for (const pid of orphans) {
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 30_000 });
    }

    await control.comeBack();
    const acks = await control.untilAcks(
      "the new boot",
      ({ bootId, versions }) => bootId !== control.registrations[0]?.bootId && versions.length > 0,
    );
    expect(acks.endpoints[0]).toMatchObject({ epoch: 4, safeState: null });
  });

  it("sends what it counted meanwhile when the control plane is back, every request once, under the boot that counted it", async () => {
    const one = marked("1.0.0", 1);
    const first = await start(true);
    control.desire(
      [desiredEndpoint("demo", endpointId, { epoch: 1, stable: one, windowSeconds: 1 })],
      [one],
    );
    await control.untilAcks("ready", isReady(one.versionId));
    const before = await answers(first, 200);
    await control.goAway();
    const during = await answers(first, 200);
    await first.stop();
    const second = await start(true);
    await inferUntilServed(second);
    const after = await answers(second, 200);
    await control.comeBack();
    await control.untilAcks("both boots", () => control.registrations.length === 2);
    await second.stop();

    const total = (bootId: string | undefined) =>
      [...control.windows.values()]
        .filter((window) => window.bootId === bootId)
        .reduce((sum, { requests }) => sum + requests, 0);
    const [bootOne, bootTwo] = control.registrations;
    expect(total(bootOne?.bootId)).toBe(before.length + during.length);
    expect(total(bootTwo?.bootId)).toBeGreaterThanOrEqual(after.length + 1);
    expect([...control.windows.values()].every(({ final }) => final)).toBe(true);
  });

  it("takes a candidate's weight away when its lease runs out, burns the epoch for good, and tells later", async () => {
    const [one, two] = [marked("1.0.0", 1), marked("2.0.0", 2)];
    const runtime = await start(true);
    control.desire(
      [
        desiredEndpoint("demo", endpointId, {
          epoch: 5,
          stable: one,
          candidate: two,
          weightBp: 5000,
          releaseId,
          leaseSeconds: 1,
        }),
      ],
      [one, two],
    );
    await control.untilAcks(
      "both ready",
      (acks) =>
        isReady(one.versionId)(acks) &&
        isReady(two.versionId)(acks) &&
        isInForce(endpointId, 5)(acks),
    );
    await control.goAway();
    const load = startLoad(runtime.url, "demo", 4, 50);
    await expect
      .poll(() => runtime.log().includes('"cause":"dead_man"'), { timeout: 20_000 })
      .toBe(true);
    const from = load.records.length;
    await load.until(from + 200);
    const records = await load.stop();
    expect(records.every(({ status }) => status === 200)).toBe(true);
    expect(records.slice(from + 10).every(({ arm, mark }) => arm === "stable" && mark === 1)).toBe(
      true,
    );

    await runtime.kill9();
    await control.comeBack();
    const again = await start(true);
    const acks = await control.untilAcks(
      "the burnt epoch after a restart",
      ({ bootId, versions }) =>
        bootId === control.registrations.at(-1)?.bootId &&
        control.registrations.length === 2 &&
        versions.filter(({ state }) => state === "ready").length === 2,
    );
    expect(acks.endpoints[0]?.safeState).toMatchObject({ burntEpoch: 5, cause: "dead_man" });
    expect((await answers(again, 100)).every(({ arm }) => arm === "stable")).toBe(true);
  });

  it("gives a candidate no weight after a restart until the control plane has confirmed it", async () => {
    const [one, two] = [marked("1.0.0", 1), marked("2.0.0", 2)];
    const first = await start(true);
    control.desire(
      [
        desiredEndpoint("demo", endpointId, {
          epoch: 5,
          stable: one,
          candidate: two,
          weightBp: 5000,
          releaseId,
        }),
      ],
      [one, two],
    );
    await control.untilAcks(
      "both ready",
      (acks) => isReady(one.versionId)(acks) && isReady(two.versionId)(acks),
    );
    await control.goAway();
    await first.kill9();
    const second = await start(true);
    await expect
      .poll(() => second.log().match(/Version loaded and warm/g)?.length, { timeout: 20_000 })
      .toBe(2);
    expect((await answers(second, 100)).every(({ arm }) => arm === "stable")).toBe(true);
    await control.comeBack();
    await control.untilAcks(
      "the second boot",
      ({ bootId }) => bootId === control.registrations[1]?.bootId,
    );
    await expect
      .poll(async () => (await answers(second, 100)).some(({ arm }) => arm === "candidate"), {
        timeout: 20_000,
      })
      .toBe(true);
    const counted = [...control.windows.values()].filter(
      ({ bootId, releaseId: of }) =>
        bootId === control.registrations[1]?.bootId && of === releaseId,
    );
    expect(counted.every(({ epoch }) => epoch === 5)).toBe(true);
  });
});

describe("rolling back on the host", () => {
  it("takes the candidate out within a second, with the control plane gone, and reports who asked", async () => {
    const [one, two] = [marked("1.0.0", 1), marked("2.0.0", 2)];
    const runtime = await start(true);
    control.desire(
      [
        desiredEndpoint("demo", endpointId, {
          epoch: 5,
          stable: one,
          candidate: two,
          weightBp: 5000,
          releaseId,
        }),
      ],
      [one, two],
    );
    await control.untilAcks(
      "both ready",
      (acks) => isReady(one.versionId)(acks) && isReady(two.versionId)(acks),
    );
    await control.goAway();
    const { code, text } = await rollBack(directory, "demo");
    expect(text).toContain("Endpoint demo now serves model-under-test 1.0.0; epoch 5 is burnt.");
    expect(code).toBe(0);
    expect(
      (await answers(runtime, 100)).every(({ arm, mark }) => arm === "stable" && mark === 1),
    ).toBe(true);
    await control.comeBack();
    const acks = await control.untilAcks("the safe state", ({ endpoints }) =>
      endpoints.some(({ safeState }) => safeState !== null),
    );
    expect(acks.endpoints[0]?.safeState).toMatchObject({ cause: "operator", burntEpoch: 5 });
  });

  it("goes back from a promoted version that still bakes", async () => {
    const [one, two] = [marked("1.0.0", 1), marked("2.0.0", 2)];
    const runtime = await start(true);
    control.desire(
      [desiredEndpoint("demo", endpointId, { epoch: 6, stable: two, previous: one, releaseId })],
      [one, two],
    );
    await control.untilAcks(
      "both ready",
      (acks) => isReady(one.versionId)(acks) && isReady(two.versionId)(acks),
    );
    expect((await answers(runtime, 20)).every(({ mark }) => mark === 2)).toBe(true);
    expect((await rollBack(directory, "demo")).code).toBe(0);
    expect(
      (await answers(runtime, 100)).every(({ arm, mark }) => arm === "previous" && mark === 1),
    ).toBe(true);
  });

  it("says plainly when there is nothing to go back to", async () => {
    const one = marked("1.0.0", 1);
    await start(true);
    control.desire([desiredEndpoint("demo", endpointId, { epoch: 6, stable: one })], [one]);
    await control.untilAcks("ready", isReady(one.versionId));
    expect(await rollBack(directory, "demo")).toMatchObject({
      code: 1,
      text: expect.stringContaining("serves its stable version only"),
    });
    expect(await rollBack(directory, "nothing")).toMatchObject({
      code: 1,
      text: expect.stringContaining("serves no endpoint nothing"),
    });
  });
});
