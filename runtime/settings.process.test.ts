import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DesiredVersion, RuntimeAcks } from "#lib/contracts/runtime-protocol.ts";
import { createClient, markedBody, startLoad } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import { desiredEndpoint, desiredVersion, isReady, markedSignature } from "./testing/desired.ts";
import { markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const endpointId = randomUUID();
const digestOf = (digit: number) => `sha256:${String(digit).repeat(64)}`;

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let version: DesiredVersion;

const runningAs = (settingsDigest: string) => (acks: RuntimeAcks) =>
  acks.versions.some(
    ({ state, running }) => state === "ready" && running?.settingsDigest === settingsDigest,
  );
const desire = (change: Partial<DesiredVersion>, limits?: { readonly maxConcurrency: number }) =>
  control.desire(
    [
      {
        ...desiredEndpoint("demo", endpointId, { epoch: 1, stable: version }),
        ...(limits === undefined
          ? {}
          : { limits: { share: 1, ...limits }, configurationDigest: digestOf(7) }),
      },
    ],
    [{ ...version, ...change }],
  );

beforeEach(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control);
  version = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(1),
    signature: markedSignature,
    labelOutput: "label",
  });
  desire({ settingsDigest: digestOf(1) });
  await control.untilAcks("the version is ready", isReady(version.versionId));
});
afterEach(async () => {
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

it("takes other hosts and another batch size up beside what answers, without a failed request, and lets the old hosts go", async () => {
  const before = await runtime.hostPids();
  const load = startLoad(runtime.url, "demo", 8, 50);
  await load.until(100);
  const session = {
    ...version.session,
    hosts: 2,
    batching: { mode: "fixed" as const, maxRows: 4, preferredRows: [2, 4], maxDelayUs: 100 },
  };
  desire({ session, settingsDigest: digestOf(2) });
  const acks = await control.untilAcks("the new settings are in force", runningAs(digestOf(2)));
  expect(acks.versions[0]?.running).toMatchObject({
    hosts: 2,
    batching: { maxRows: 4, maxDelayUs: 100 },
  });
  await load.until(load.records.length + 300);
  const records = await load.stop();
  expect(records.filter(({ status, mark }) => status !== 200 || mark !== 1)).toEqual([]);
  // The first host answers nothing any more: it ends, and its memory with it.
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(() => before.filter(isAlive), { timeout: 60_000 }).toEqual([]);
});

it("goes on as it is when new settings are refused, says why, and takes the next ones", async () => {
  const client = createClient(runtime.url);
  desire({
    environmentLock: { onnxruntime: "0.1.0" },
    onLockMismatch: "refuse",
    settingsDigest: digestOf(3),
  });
  const refused = await control.untilAcks("the refusal is told", ({ versions }) =>
    versions.some(({ problem }) => problem?.startsWith("New settings are not in force") === true),
  );
  expect(refused.versions[0]).toMatchObject({
    state: "ready",
    problem: expect.stringContaining("onnxruntime 0.1.0") as string,
    running: { settingsDigest: digestOf(1) },
  });
  const answer = await client.call({ path: "/v2/models/demo/infer", body: markedBody([[1, 0, 0, 0]]) });
  expect(answer.status).toBe(200);
  desire({ settingsDigest: digestOf(4) });
  const acks = await control.untilAcks("the next settings are in force", runningAs(digestOf(4)));
  expect(acks.versions[0]?.problem).toBeNull();
  client.close();
});

it("obeys another limit at once and names the configuration it is from", async () => {
  desire({ settingsDigest: digestOf(1) }, { maxConcurrency: 3 });
  await control.untilAcks("the configuration is in force", ({ endpoints }) =>
    endpoints.some(({ configurationDigest }) => configurationDigest === digestOf(7)),
  );
  const signals = await control.untilSignals(({ endpoints }) =>
    endpoints.some(({ concurrencyLimit }) => concurrencyLimit === 3),
  );
  expect(signals.endpoints).toHaveLength(1);
});
