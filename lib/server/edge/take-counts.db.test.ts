import { createHash, randomUUID } from "node:crypto";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { countsSubject } from "#lib/domain/edge/device-proof.ts";
import { rollUpDue } from "../monitoring/roll-up-windows.ts";
import { deviceStage, type DeviceStage, type JoinedDevice } from "./device-stage.fixture.ts";

const DAY_MS = 86_400_000;

describe("counts that devices hand in, on a real database", () => {
  let stage: DeviceStage;
  let device: JoinedDevice;
  let versionId: string;
  let enrolledMs: number;
  const bootId = randomUUID();
  beforeAll(async () => {
    stage = await deviceStage();
    device = await stage.join("ward-1");
    versionId = (await stage.app.store.read((db) => db.devices.manifestsOf(device.endpointId)))[0]?.versionId ?? "";
    // It joined a month ago.
    enrolledMs = Date.now() - 30 * DAY_MS;
    await joinedLongAgo();
  });
  afterAll(() => stage.close());

  async function joinedLongAgo(): Promise<void> {
    const owner = new Client({ connectionString: stage.database.ownerUrl });
    await owner.connect();
    await owner.query(`UPDATE "Device" SET "enrolledAt" = $1`, [new Date(enrolledMs)]);
    await owner.end();
  }
  const window = (startMs: number, requests: number, change: Partial<WindowReport> = {}): WindowReport => ({
    endpointId: device.endpointId,
    versionId,
    arm: "stable",
    releaseId: null,
    epoch: 2,
    windowStart: new Date(startMs).toISOString(),
    windowSeconds: 300,
    seq: 1,
    final: true,
    requests,
    errors: 0,
    refused: 0,
    units: requests,
    firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
    labels: { received: 0, wrong: 0 },
    predictions: { benign: requests },
    latencyUs: { bins: [[320, requests]], count: requests, sum: requests * 1000, min: 1000, max: 1000, underflow: 0, overflow: 0 },
    overflow: false,
    ...change,
  });
  const send = (by: JoinedDevice, number: number, windows: readonly WindowReport[], lostPredictions = 0) => {
    const batch = JSON.stringify({ number, bootId, windows, lostPredictions });
    const subject = countsSubject(`sha256:${createHash("sha256").update(batch).digest("hex")}`);
    return stage.app.deviceDesk.takeCounts(by.proof(subject), batch);
  };
  async function counted(): Promise<number> {
    await rollUpDue(stage.app.store);
    const found = await stage.app.store.read((db) =>
      db.rollups.stretches({ endpointId: device.endpointId, versionId, grainSeconds: 3600, from: new Date(enrolledMs - DAY_MS), to: new Date() }),
    );
    return found.reduce((sum, { period }) => sum + period.requests, 0);
  }

  it("are those of three weeks, each once, however often a batch comes", async () => {
    const weeks = Array.from({ length: 60 }, (_, at) => window(enrolledMs + DAY_MS + at * 8 * 3_600_000, 5));
    expect(await send(device, 1, weeks)).toEqual({ isNew: true, accepted: 60, undated: 0 });
    expect(await counted()).toBe(300);
    expect(await send(device, 1, weeks)).toEqual({ isNew: false, accepted: 0, undated: 0 });
    expect(await counted()).toBe(300);
    const row = (await stage.app.edge.readDevices(stage.lead, { endpoint: "ward" })).devices[0];
    expect([row?.uncounted, row?.countsAt === null]).toEqual([0, false]);
  });

  it("are refused as a whole when one is of another endpoint, of a version that its devices never got, or not by its key", async () => {
    const at = enrolledMs + 20 * DAY_MS;
    await expect(send(device, 2, [window(at, 1), window(at, 1, { endpointId: randomUUID() })])).rejects.toMatchObject({ code: "invalid_input", message: expect.stringContaining("its own endpoint") as string });
    await expect(send(device, 2, [window(at, 1, { versionId: randomUUID() })])).rejects.toMatchObject({ code: "invalid_input" });
    await expect(send(device, 2, [window(at, 1, { arm: "candidate" })])).rejects.toMatchObject({ code: "invalid_input" });
    const batch = JSON.stringify({ number: 2, bootId, windows: [window(at, 1)], lostPredictions: 0 });
    await expect(stage.app.deviceDesk.takeCounts(device.proof(countsSubject("sha256:another")), batch)).rejects.toMatchObject({ code: "not_authenticated" });
    expect(await counted()).toBe(300);
  });

  it("of one device never take the place of another's, also under the same process start", async () => {
    const other = await stage.join("ward-2");
    const at = Date.now() - 7_200_000;
    await joinedLongAgo();
    await send(device, 3, [window(at, 10)]);
    await send(other, 1, [window(at, 20, { seq: 99 })]);
    expect(await counted()).toBe(330);
  });

  it("of a time that cannot be are told and left out; what the device lost itself is kept with it", async () => {
    const answer = await send(device, 4, [window(0, 4), window(Date.now() + DAY_MS, 5), window(Date.now() - 10_800_000, 6)], 17);
    expect(answer).toEqual({ isNew: true, accepted: 1, undated: 2 });
    expect(await counted()).toBe(336);
    const { devices } = await stage.app.edge.readDevices(stage.lead, { endpoint: "ward" });
    expect(devices.find(({ name }) => name === "ward-1")?.uncounted).toBe(17 + 9);
  });
});
