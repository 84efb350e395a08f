import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { monitoringStage, type MonitoringStage } from "./monitoring-stage.fixture.ts";
import { metricsKept, pruneOldMetrics, rollUpDue } from "./roll-up-windows.ts";

const DAY_MS = 86_400_000;
const { metrics, evaluations } = metricsKept({ hoursDays: 400, evaluationsDays: 100 });
/** As if more than a fortnight had gone by since the stage's windows: only hours and days are left of them. */
const AFTER_WEEKS = { metrics: { ...metrics, 0: 60, 60: 60, 300: 60, late: 0 }, evaluations };

describe("windows that come after the parts of their stretch are gone", () => {
  let stage: MonitoringStage;
  let runtimeId: string;
  /** A whole hour, two days ago: its day has ended. */
  const base = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * DAY_MS);
  const inTime = new Date(base.getTime() + 7_200_000);
  const later = new Date(base.getTime() + 3 * DAY_MS);
  beforeAll(async () => {
    stage = await monitoringStage();
    const [runtime] = await stage.app.store.readSnapshot((db, now) => db.runtimes.listRuntimes(now));
    runtimeId = runtime?.id ?? "";
    await arrive([window(0, 40), window(10, 50), window(900, 60)], inTime);
    await pruneOldMetrics(stage.app.store, AFTER_WEEKS);
  });
  afterAll(() => stage.close());

  /** A window that begins that many seconds after `base`. */
  const window = (seconds: number, rows: number, change: Partial<WindowReport> = {}): WindowReport =>
    stage.window(seconds - (stage.start.getTime() - base.getTime()) / 1000, rows, (made) => ({ ...made, ...change }));
  const sums = async (): Promise<Record<number, number>> => {
    const of = async (grainSeconds: number): Promise<number> => {
      const found = await stage.app.store.read((db) =>
        db.rollups.stretches({ endpointId: stage.endpointId, grainSeconds, from: new Date(base.getTime() - DAY_MS), to: new Date(base.getTime() + DAY_MS) }),
      );
      return found.reduce((sum, { period }) => sum + period.requests, 0);
    };
    return { 3600: await of(3600), 86_400: await of(86_400) };
  };
  const arrive = async (windows: readonly WindowReport[], now: Date): Promise<number> => {
    const accepted = await stage.app.store.telemetry(({ windows: kept }) => kept.saveWindows(runtimeId, stage.bootId, windows, now));
    await rollUpDue(stage.app.store);
    return accepted;
  };
  const bins = async () => {
    const [hour] = await stage.app.store.read((db) =>
      db.rollups.stretches({ endpointId: stage.endpointId, grainSeconds: 3600, from: base, to: new Date(base.getTime() + DAY_MS) }),
    );
    return { rows: hour?.period.binned[0]?.rows, latency: hour?.period.latencyUs.count, benign: hour?.period.predictions["benign"] };
  };

  it("adds them to what is stored", async () => {
    expect(await sums()).toEqual({ 3600: 150, 86_400: 150 });
    expect(await arrive([window(20, 7, { seq: 900, final: false })], later)).toBe(1);
    expect(await sums()).toEqual({ 3600: 157, 86_400: 157 });
    expect(await bins()).toEqual({ rows: 157, latency: 157, benign: 157 });
  });

  it("puts a newer state of the same window in place of its own earlier share, and counts a repeat once", async () => {
    const newer = window(20, 9, { seq: 901 });
    expect(await arrive([newer], later)).toBe(1);
    expect(await sums()).toEqual({ 3600: 159, 86_400: 159 });
    expect(await arrive([newer, window(20, 1, { seq: 3 })], later)).toBe(0);
    expect(await sums()).toEqual({ 3600: 159, 86_400: 159 });
    expect(await bins()).toEqual({ rows: 159, latency: 159, benign: 159 });
  });

  it("still knows late windows after a round of forgetting", async () => {
    await pruneOldMetrics(stage.app.store, { metrics: { ...metrics, 0: 60, 60: 60, 300: 60 }, evaluations });
    expect(await arrive([window(20, 12, { seq: 902 }), window(20, 12, { seq: 901 })], later)).toBe(1);
    expect(await sums()).toEqual({ 3600: 162, 86_400: 162 });
  });

  it("counts once what arrived, was told so in vain, and comes again days after", async () => {
    const before = (await sums())[86_400] ?? 0;
    const unheard = window(3630, 5);
    await stage.app.store.telemetry(({ runtimes }) => runtimes.touchWindows(runtimeId));
    await arrive([unheard, window(3640, 3, { final: false })], inTime);
    await pruneOldMetrics(stage.app.store, { metrics: { ...metrics, 0: 60, 60: 60, 300: 60 }, evaluations });
    await arrive([unheard, window(3640, 8)], later);
    expect(await sums()).toEqual({ 3600: before + 13, 86_400: before + 13 });
  });

  it("loses none of those that arrive while stretches are added up", async () => {
    const before = (await sums())[86_400] ?? 0;
    const early = Array.from({ length: 20 }, (_, index) => window(index - 3000, 2));
    const late = Array.from({ length: 20 }, (_, index) => window(index - 2980, 3));
    await Promise.all([...early.map((one) => arrive([one], inTime)), ...late.map((one) => arrive([one], later))]);
    await rollUpDue(stage.app.store);
    expect(await sums()).toEqual({ 3600: before + 100, 86_400: before + 100 });
  });
});
