import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bucketOf } from "#lib/domain/routing/bucket.ts";
import { startLoad } from "./testing/client.ts";
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

const version = (name: string, mark: number) =>
  desiredVersion(control, {
    name,
    model: markedModel(mark),
    signature: markedSignature,
    labelOutput: "label",
  });

describe("switching versions under load", () => {
  it("walks a whole release without one failed request, and every answer comes from the version its epoch names", async () => {
    const [one, two] = [version("1.0.0", 1), version("2.0.0", 2)];
    const tables = [
      { epoch: 1, stable: one },
      { epoch: 2, stable: one, candidate: two, weightBp: 0, releaseId },
      { epoch: 3, stable: one, candidate: two, weightBp: 1000, releaseId },
      { epoch: 4, stable: one, candidate: two, weightBp: 5000, releaseId },
      { epoch: 5, stable: two, previous: one, releaseId },
      { epoch: 6, stable: two },
    ];
    control.desire([desiredEndpoint("demo", endpointId, tables[0]!)], [one]);
    await control.untilAcks("the first version ready", isReady(one.versionId));
    const load = startLoad(runtime.url, "demo", 8, 400);
    await load.until(100);
    for (const table of tables.slice(1)) {
      control.desire(
        [desiredEndpoint("demo", endpointId, table)],
        table.epoch === 6 ? [two] : [one, two],
      );
      await control.untilAcks(`epoch ${table.epoch} in force`, isInForce(endpointId, table.epoch));
      await control.untilAcks("both versions ready", isReady(two.versionId));
      await load.until(load.records.length + 300);
    }
    const records = await load.stop();

    expect(records.filter(({ status }) => status !== 200)).toEqual([]);
    for (const { key, epoch, version: answered, mark, arm } of records) {
      const weightBp = epoch === 3 ? 1000 : epoch === 4 ? 5000 : 0;
      const isCandidate = bucketOf("salt-of-the-release", key) < weightBp;
      const expected = epoch >= 5 ? "2.0.0" : isCandidate ? "2.0.0" : "1.0.0";
      expect({ epoch, key, answered, arm }).toEqual({
        epoch,
        key,
        answered: expected,
        arm: isCandidate ? "candidate" : "stable",
      });
      expect(mark).toBe(answered === "2.0.0" ? 2 : 1);
    }
    expect(new Set(records.map(({ epoch }) => epoch))).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    await control.untilAcks("the first version unloaded", ({ versions }) =>
      versions.every(({ versionId }) => versionId !== one.versionId),
    );
  });

  it("rolls back at once and says when the candidate gave its last answer", async () => {
    const [one, two] = [version("1.0.0", 1), version("2.0.0", 2)];
    control.desire(
      [
        desiredEndpoint("demo", endpointId, {
          epoch: 1,
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
      (acks) =>
        isReady(one.versionId)(acks) &&
        isReady(two.versionId)(acks) &&
        isInForce(endpointId, 1)(acks),
    );
    const load = startLoad(runtime.url, "demo", 16, 400);
    await load.until(2000);
    expect(load.records.some(({ arm }) => arm === "candidate")).toBe(true);

    const clickMs = performance.now();
    control.desire(
      [
        desiredEndpoint("demo", endpointId, {
          epoch: 2,
          stable: one,
          candidate: two,
          weightBp: 0,
          releaseId,
        }),
      ],
      [one, two],
    );
    const acks = await control.untilAcks("drained", ({ endpoints }) =>
      endpoints.some(
        ({ epoch, drained, drainedAt }) => epoch === 2 && drained && drainedAt !== null,
      ),
    );
    await load.until(load.records.length + 500);
    const records = await load.stop();
    const lastCandidateMs = Math.max(
      ...records.filter(({ arm }) => arm === "candidate").map(({ atMs }) => atMs),
    );

    expect(lastCandidateMs - clickMs).toBeLessThan(5000);
    expect(records.filter(({ epoch, arm }) => epoch === 2 && arm !== "stable")).toEqual([]);
    expect(records.filter(({ status }) => status !== 200)).toEqual([]);
    const ack = acks.endpoints[0]!;
    const late = records.filter(({ arm, atMs }) => arm === "candidate" && atMs > clickMs).length;
    expect(ack.lateResponses).toBeLessThanOrEqual(late);
    expect(Date.parse(ack.drainedAt!)).toBeGreaterThanOrEqual(Date.parse(ack.appliedAt));
  });

  it("stops on SIGTERM without failing a request that has reached it", async () => {
    const one = version("1.0.0", 1);
    control.desire([desiredEndpoint("demo", endpointId, { epoch: 1, stable: one })], [one]);
    await control.untilAcks("ready", isReady(one.versionId));
    const load = startLoad(runtime.url, "demo", 8, 50);
    await load.until(500);
    const hosts = await runtime.hostPids();
    expect(await runtime.stop()).toBe(0);
    const records = await load.stop();
    // Once nobody listens any more a caller cannot connect, or is reset before it was accepted; that every request which got through
    // has its answer is what the counts say below.
    const unanswered = records.filter(({ status }) => status !== 200);
    for (const { failure } of unanswered) expect(["ECONNREFUSED", "ECONNRESET"]).toContain(failure);
    for (const pid of hosts) expect(() => process.kill(pid, 0)).toThrow();
    const counted = [...control.windows.values()].reduce((sum, { requests }) => sum + requests, 0);
    expect(counted).toBe(records.filter(({ status }) => status === 200).length);
  });

  it("never goes back to an older epoch, whatever order the states come in", async () => {
    const [one, two] = [version("1.0.0", 1), version("2.0.0", 2)];
    control.desire([desiredEndpoint("demo", endpointId, { epoch: 9, stable: one })], [one]);
    await control.untilAcks("epoch 9", isInForce(endpointId, 9));
    control.desire([desiredEndpoint("demo", endpointId, { epoch: 8, stable: two })], [one, two]);
    const acks = await control.untilAcks("the second version ready", isReady(two.versionId));
    expect(acks.endpoints[0]?.epoch).toBe(9);
    const load = startLoad(runtime.url, "demo", 1, 5);
    await load.until(5);
    expect((await load.stop()).every(({ version: answered }) => answered === "1.0.0")).toBe(true);
  });
});
