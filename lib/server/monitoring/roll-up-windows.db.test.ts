import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mergePeriods } from "#lib/domain/drift/period.ts";
import { monitoringStage, type MonitoringStage } from "./monitoring-stage.fixture.ts";
import { metricsKept, pruneOldMetrics, rollUpDue } from "./roll-up-windows.ts";

const KEPT = metricsKept({ hoursDays: 400, evaluationsDays: 100 });

describe("windows added up to longer stretches", () => {
  let stage: MonitoringStage;
  beforeAll(async () => {
    stage = await monitoringStage();
  });
  afterAll(() => stage.close());

  const read = (grainSeconds: number) =>
    stage.app.store.read((db) =>
      db.rollups.stretches({
        endpointId: stage.endpointId,
        grainSeconds,
        from: stage.start,
        to: new Date(stage.start.getTime() + 86_400_000),
      }),
    );

  it("gives runtimes the bins of every version that serves, with the reference counts of training", () => {
    expect(stage.baseline.features).toHaveLength(30);
    expect(stage.baseline.outputs.map(({ name }) => name)).toEqual(["probabilities of malignant", "label"]);
    expect(stage.baseline.oodThresholdBits).toBeGreaterThan(0);
  });

  it("adds windows up to minutes, five minutes, hours and days with the same counts at each grain", async () => {
    const windows = Array.from({ length: 60 }, (_, index) => stage.window(index * 10, 40 + index));
    expect(await stage.send(windows)).toEqual({ accepted: 60, ignored: 0 });
    expect(await rollUpDue(stage.app.store)).toBeGreaterThan(0);
    const total = windows.reduce((sum, { requests }) => sum + requests, 0);
    const [minutes, fives, hours] = await Promise.all([read(60), read(300), read(3600)]);
    expect([minutes.length, fives.length, hours.length]).toEqual([10, 2, 1]);
    for (const grain of [minutes, fives, hours]) {
      const sum = mergePeriods(grain.map(({ period }) => period));
      expect(sum.requests).toBe(total);
      expect(sum.latencyUs.count).toBe(total);
      expect(sum.binned[0]?.rows).toBe(total);
      expect(sum.binned[0]?.features).toHaveLength(30);
    }
    expect(mergePeriods(minutes.map(({ period }) => period))).toEqual(mergePeriods(fives.map(({ period }) => period)));
  });

  it("changes nothing when windows come again, and everything above when one comes late", async () => {
    const before = await read(3600);
    await stage.send([stage.window(0, 1, (window) => ({ ...window, seq: 1, requests: 1 }))]);
    await rollUpDue(stage.app.store);
    expect(await read(3600)).toEqual(before);

    await stage.send([stage.window(600, 500)]);
    await rollUpDue(stage.app.store);
    const [after] = await read(3600);
    expect(after?.period.requests).toBe((before[0]?.period.requests ?? 0) + 500);
    // Adding up again what has not changed gives the same bytes.
    await stage.app.store.telemetry(({ rollups }) =>
      rollups.markDue([{ endpointId: stage.endpointId, versionId: stage.versionId, arm: "stable", grainSeconds: 60, periodStart: stage.start }]),
    );
    await rollUpDue(stage.app.store);
    expect((await read(3600))[0]).toEqual(after);
  });

  it("keeps arms and counts of other bins apart", async () => {
    const monitoring = stage.window(660, 7).monitoring;
    if (monitoring === undefined) throw new Error("No counts.");
    const other = { ...monitoring, binsHash: `sha256:${"0".repeat(64)}` };
    await stage.send([stage.window(660, 7, (window) => ({ ...window, arm: "candidate", monitoring: other })), stage.window(670, 9)]);
    await rollUpDue(stage.app.store);
    const minute = (await read(60)).filter(({ start }) => start.getTime() === stage.start.getTime() + 660_000);
    expect(minute.map(({ arm, period }) => [arm, period.requests]).sort()).toEqual([["candidate", 7], ["stable", 9]]);
    expect(minute.find(({ arm }) => arm === "candidate")?.period.binned.map(({ binsHash }) => binsHash)).toEqual([other.binsHash]);
  });

  it("loses no window to a batch that is added up at the same moment", async () => {
    const windows = Array.from({ length: 40 }, (_, index) => stage.window(1200 + index, 3));
    await Promise.all([
      ...windows.map((window) => stage.send([window])),
      ...Array.from({ length: 4 }, () => rollUpDue(stage.app.store)),
    ]);
    await rollUpDue(stage.app.store);
    const sum = mergePeriods((await read(60)).filter(({ start }) => start.getTime() === stage.start.getTime() + 1_200_000).map(({ period }) => period));
    expect(sum.requests).toBe(120);
  });

  it("forgets each grain after its time and nothing before", async () => {
    const minutes = (await read(60)).length;
    await pruneOldMetrics(stage.app.store, KEPT);
    expect((await read(60)).length).toBe(minutes);
    await pruneOldMetrics(stage.app.store, { ...KEPT, metrics: { 0: 60, 60: 60, 300: 86_400, 3600: 86_400, 86_400: 0, late: 0 } });
    expect(await read(60)).toEqual([]);
    expect((await read(300)).length).toBeGreaterThan(0);
    expect(await read(10)).toEqual([]);
  });

  it("keeps drift evaluations of two days, then the first of each hour, and none past their time", async () => {
    const { store } = stage.app;
    const DAY_MS = 86_400_000;
    // A whole hour, so that no two of these fall into hours of their own by chance.
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const evaluation = (versionId: string, end: number) => ({
      endpointId: stage.endpointId,
      versionId,
      windowStart: new Date(end - 60_000),
      windowEnd: new Date(end),
      baselineId: randomUUID(),
      rows: 100,
      coverage: 1,
      report: { method: "psi", smoothing: "add-0.5", binsHash: stage.baseline.binsHash, features: [], outputs: [] } as const,
    });
    const other = randomUUID();
    const [yesterday, lastWeek, longAgo] = [hour - DAY_MS, hour - 7 * DAY_MS, hour - 101 * DAY_MS];
    const minutes = (from: number) => [from + 60_000, from + 120_000, from + 3_540_000];
    const made = [
      ...[...minutes(yesterday), ...minutes(lastWeek), lastWeek + 3_600_000, ...minutes(longAgo)].map((end) => evaluation(stage.versionId, end)),
      evaluation(other, lastWeek + 120_000),
    ];
    await store.telemetry(async ({ monitors }) => {
      for (const one of made) await monitors.saveEvaluation(one);
    });
    await pruneOldMetrics(store, KEPT);
    const left = async (versionId: string) =>
      (await store.read((db) => db.monitors.evaluationsOf({ endpointId: stage.endpointId, versionId, from: new Date(0) }, 100))).map(({ windowEnd }) => windowEnd.getTime()).sort((a, b) => a - b);
    expect(await left(stage.versionId)).toEqual([lastWeek + 60_000, lastWeek + 3_600_000, ...minutes(yesterday)]);
    expect(await left(other)).toEqual([lastWeek + 120_000]);
  });
});
