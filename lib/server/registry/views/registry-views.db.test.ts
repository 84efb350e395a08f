import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpointMonitoringView, endpointView } from "#lib/contracts/views/endpoint-view.ts";
import { endpointListView } from "#lib/contracts/views/endpoint-list-view.ts";
import { modelListView } from "#lib/contracts/views/model-list-view.ts";
import { modelView } from "#lib/contracts/views/model-view.ts";
import { newEndpointView } from "#lib/contracts/views/new-endpoint-view.ts";
import { newVersionView } from "#lib/contracts/views/new-version-view.ts";
import { versionView } from "#lib/contracts/views/version-view.ts";
import { createHistogram, quantileUs, record, toSparse } from "#lib/domain/statistics/histogram.ts";
import type { App } from "../../composition.ts";
import type { Actor } from "../../ports.ts";
import { type TestApp, testApp, testPerson } from "../../test-app.ts";
import {
  connectRuntime,
  openEnvironment,
  registerIris,
  reportWindow,
  runtimeActor,
} from "./registry-views.fixture.ts";

let started: TestApp;
let app: App;
let engineer: Actor;
let admin: Actor;

beforeAll(async () => {
  started = await testApp();
  ({ app } = started);
  engineer = await testPerson(app, "Priya Nair", ["engineer"]);
  admin = await testPerson(app, "Ada Admin", ["admin"]);
});
afterAll(() => started.close());

const makeModel = (name: string, actor = engineer) =>
  app.registry.createModel(actor, { name, intendedUse: "Names irises in tests.", riskTier: "low" });

const evaluation = (accuracy: number, datasetSha256: string) => ({
  dataset: "holdout.csv",
  datasetSha256,
  rows: 50,
  metrics: { accuracy: { value: accuracy, low: accuracy - 0.02, high: accuracy + 0.02 } },
});
const SAME = "a".repeat(64);
const OTHER = "b".repeat(64);

const readVersion = async (model: string, version: string, actor = engineer) =>
  versionView.parse(await app.views.readVersionView(actor, { model, version }));

describe("the list of models", () => {
  it("tells a model without versions from one that is not live and one that is", async () => {
    await makeModel("list-empty");
    await makeModel("list-idle");
    await registerIris(app, engineer, "list-idle", { version: "1.0.0" });
    await makeModel("list-live");
    await registerIris(app, engineer, "list-live", { version: "1.0.0" });
    await registerIris(app, engineer, "list-live", { version: "1.1.0" });
    await openEnvironment(app, admin, "list-env");
    await app.registry.createEndpoint(engineer, {
      name: "list-endpoint",
      environment: "list-env",
      model: "list-live",
      version: "1.0.0",
    });
    const view = modelListView.parse(await app.views.readModelList(engineer, { q: "list-" }));
    expect(view.rows.map(({ name, state, versions }) => [name, state, versions])).toEqual([
      ["list-empty", "empty", 0],
      ["list-idle", "not_live", 1],
      ["list-live", "live", 2],
    ]);
    expect(view.counts).toEqual({ all: 3, release: 0, live: 1, not_live: 1, empty: 1 });
    const live = view.rows.at(-1);
    expect(live?.newest?.name).toBe("1.1.0");
    expect(live?.places).toMatchObject([
      {
        endpointName: "list-endpoint",
        versionName: "1.0.0",
        role: "stable",
        weightBp: 10_000,
        by: "Priya Nair",
      },
    ]);
    const chosen = await app.views.readModelList(engineer, { q: "list-", state: "live" });
    expect(chosen.rows.map(({ name }) => name)).toEqual(["list-live"]);
    expect(chosen.counts.all).toBe(3);
  });

  it("shows the versions of one model newest first, each with where it is", async () => {
    const view = modelView.parse(await app.views.readModelView(engineer, { model: "list-live" }));
    expect(view.versions.map(({ name, places }) => [name, places.length])).toEqual([
      ["1.1.0", 0],
      ["1.0.0", 1],
    ]);
    expect(view.versionsTotal).toBe(2);
    expect(view.mayRegister).toEqual({ open: true, closedBecause: null });
  });

  it("answers a model that is not there as not found", async () => {
    await expect(
      app.views.readModelView(engineer, { model: "No Such/Name" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("says to a viewer who may register", async () => {
    const viewer = await testPerson(app, "Vic Viewer", ["viewer"]);
    const view = await app.views.readModelList(viewer, {});
    expect(view.mayCreate).toEqual({
      open: false,
      closedBecause: "Open to engineers and ML leads.",
    });
  });
});

describe("the version page", () => {
  it("follows the sandbox run from waiting to ready and names the next step", async () => {
    await makeModel("profiled");
    const { jobId } = await registerIris(app, engineer, "profiled", { version: "1.0.0" });
    const waiting = await readVersion("profiled", "1.0.0");
    expect(waiting.profile).toMatchObject({ state: "waiting", liveRuntimes: 0, figures: null });
    expect(waiting.next).toMatchObject({
      href: null,
      text: "No runtime is heard from. It starts as soon as one connects.",
    });

    const runtime = await connectRuntime(app, "profiler");
    // Earlier tests left jobs of their own in the queue.
    for (let job = null; job !== jobId;) {
      const leased = await app.store.telemetry((tx) => tx.jobs.leaseJob(runtime.runtimeId));
      if (leased === null) throw new Error("the job was never given out");
      job = leased.id;
    }
    const running = await readVersion("profiled", "1.0.0");
    expect(running.profile).toMatchObject({ state: "running", attempts: 1, liveRuntimes: 1 });

    await app.runtimes.recordJobResult(runtimeActor, {
      jobId,
      result: {
        bootId: runtime.bootId,
        outcome: "succeeded",
        problem: null,
        profile: {
          loadMs: 12,
          latencyMsP50: 0.2,
          latencyMsP95: 0.5,
          peakMemoryBytes: 1_000_000,
          runs: 200,
          goldenPassed: 0,
          goldenTotal: 0,
        },
        outputs: [{ outputs: [] }],
      },
    });
    const ready = await readVersion("profiled", "1.0.0");
    expect(ready.state).toBe("ready");
    expect(ready.profile).toMatchObject({
      state: "ready",
      figures: { loadMs: 12, latencyMsP95: 0.5, runs: 200 },
    });
    expect(ready.next).toMatchObject({
      act: "Make an endpoint",
      href: "/endpoints/new?model=profiled&version=1.0.0",
    });
    expect(ready.evidence.map(({ kind }) => kind)).toContain("load_profile");
    expect(ready.say).toBe("1.0.0 answers no requests. It loads and answers in the sandbox.");
  });

  it("draws figures over versions and marks those measured on other rows", async () => {
    await makeModel("measured");
    await registerIris(app, engineer, "measured", {
      version: "1.0.0",
      evaluation: evaluation(0.9, OTHER),
    });
    await registerIris(app, engineer, "measured", { version: "1.1.0" });
    await registerIris(app, engineer, "measured", {
      version: "1.2.0",
      evaluation: evaluation(0.93, SAME),
      parent: "1.0.0",
      card: "# Card\n\nText.",
    });
    await registerIris(app, engineer, "measured", {
      version: "1.3.0",
      evaluation: evaluation(0.95, SAME),
    });
    const view = await readVersion("measured", "1.2.0");
    expect(view.metrics).toHaveLength(1);
    expect(view.metrics[0]).toMatchObject({
      name: "accuracy",
      points: [
        { versionName: "1.0.0", value: 0.9, sameData: false },
        { versionName: "1.2.0", value: 0.93, low: 0.91, sameData: true },
      ],
    });
    expect(view.evaluation).toEqual({
      dataset: "holdout.csv",
      datasetSha256: SAME,
      rows: 50,
      ranBySlipway: null,
    });
    expect(view.card).toBe("# Card\n\nText.");
    expect(view.parentName).toBe("1.0.0");
    expect((await readVersion("measured", "1.0.0")).childNames).toEqual(["1.2.0"]);
    expect((await readVersion("measured", "1.1.0")).metrics).toEqual([]);
  });

  it("compares the contract with the version that is live, field by field", async () => {
    await makeModel("compared");
    await registerIris(app, engineer, "compared", { version: "1.0.0" });
    const before = await readVersion("compared", "1.0.0");
    expect(before.contractDiff).toBeNull();
    await openEnvironment(app, admin, "compared-env");
    await app.registry.createEndpoint(engineer, {
      name: "compared-ep",
      environment: "compared-env",
      model: "compared",
      version: "1.0.0",
    });
    const [first, ...rest] = before.contract.fields;
    const contract = { fields: [{ ...first, range: { min: 0, max: 9 } }, ...rest] };
    await registerIris(app, engineer, "compared", { version: "2.0.0", contract });
    const view = await readVersion("compared", "2.0.0");
    expect(view.contractDiff).toMatchObject({
      against: "1.0.0, which is live",
      summary: "Input contract, 1 of 1 fields differ",
    });
    expect(view.contractDiff?.lines.map(({ kind }) => kind)).toEqual(["removed", "added"]);
  });
});

describe("the endpoint page", () => {
  it("says what is live now, what was at a past moment, and how to call it", async () => {
    await makeModel("served");
    await registerIris(app, engineer, "served", { version: "1.0.0" });
    await openEnvironment(app, admin, "served-env");
    const beforeAny = new Date(Date.now() - 3_600_000).toISOString();
    await app.registry.createEndpoint(engineer, {
      name: "served-ep",
      environment: "served-env",
      model: "served",
      version: "1.0.0",
    });
    const view = endpointView.parse(
      await app.views.readEndpointView(engineer, { endpoint: "served-ep", at: beforeAny }),
    );
    expect(view.say).toBe("1.0.0 answers 100 % as stable.");
    expect(view.places).toMatchObject([
      { role: "stable", weightBp: 10_000, by: "Priya Nair", releaseNumber: null },
    ]);
    expect(view.then).toEqual({ at: beforeAny, route: null, deployments: [] });
    expect(view.routes).toMatchObject([{ epoch: 1, cause: "endpoint_created", by: "Priya Nair" }]);
    expect(view.example).toMatchObject({
      inputs: [{ name: "measurements", datatype: "FP32", shape: [1, 4] }],
    });

    const later = new Date(Date.now() + 60_000).toISOString();
    const now = await app.views.readEndpointView(engineer, { endpoint: "served-ep", at: later });
    expect(now.then?.route).toMatchObject({
      epoch: 1,
      arms: [{ versionName: "1.0.0", role: "stable", weightBp: 10_000 }],
    });
    expect(now.then?.deployments).toMatchObject([{ versionName: "1.0.0", endedAt: null }]);
  });

  it("shows each runtime's load here, null where it said nothing, and the disagreements of what it has loaded", async () => {
    const { endpointId } = await app.views.readEndpointView(engineer, { endpoint: "served-ep" });
    const { versionId } = await readVersion("served", "1.0.0");
    const busy = await connectRuntime(app, "busy");
    await connectRuntime(app, "mute");
    const here = { requestsPerSecond: 40, concurrency: 2.5, concurrencyLimit: 64, utilisation: 0.9, queueUsP95: 1200, recommendedRuntimes: 2, targetUtilisation: 0.6 };
    const own = { cpuShare: 0.5, residentBytes: 2_000_000, windowsLost: 0 };
    const lockDifferences = [{ library: "onnxruntime", locked: "1.22.0", here: "1.23.0" }];
    const shown = { executionProvider: "cpu" as const, hosts: 1, residentBytes: 500_000, memoryLimitBytes: null, lockDifferences };
    const quarantine = { at: "2026-01-02T03:04:05.000Z", problem: "It ended three times." };
    const told = { versionId, digestEqual: true, loadMs: 1, warmUpMsP95: 1, goldenPassed: 1, goldenTotal: 1 };
    await app.store.telemetry(async (tx) => {
      await tx.runtimes.saveSignals(busy.bootId, { ...own, eventLoopDelayMsP99: 1, endpoints: [{ endpointId, ...here }] });
      await tx.runtimes.saveAcks({
        bootId: busy.bootId, seq: 1, revision: 1, endpoints: [],
        versions: [{ ...told, state: "failed", hostRestarts: 3, problem: null, running: { ...shown, batching: null }, quarantine }],
      });
    });
    const { runtimes } = endpointView.parse(await app.views.readEndpointView(engineer, { endpoint: "served-ep" }));
    const expected = { versionName: "1.0.0", state: "failed", hostRestarts: 3, problem: null, running: shown, quarantine };
    expect(runtimes.find(({ name }) => name === "busy")).toMatchObject({ signals: { ...own, here }, versions: [expected] });
    expect(runtimes.find(({ name }) => name === "mute")).toMatchObject({ signals: null, environment: null, versions: [] });
  });

  it("merges the histograms of all runtimes instead of averaging percentiles", async () => {
    const { endpointId } = await app.views.readEndpointView(engineer, { endpoint: "served-ep" });
    const { versionId } = await readVersion("served", "1.0.0");
    const quick = await connectRuntime(app, "quick");
    const slow = await connectRuntime(app, "slow");
    const at = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 180_000).toISOString();
    const quickUs = Array.from({ length: 99 }, (_, index) => 1000 + index);
    const slowUs = [400_000];
    const window = { endpointId, versionId, arm: "stable", windowStart: at } as const;
    await reportWindow(app, quick, { ...window, latenciesUs: quickUs, errors: 2 });
    await reportWindow(app, slow, { ...window, latenciesUs: slowUs });

    const view = endpointMonitoringView.parse(
      await app.views.readEndpointMonitoring(engineer, { endpoint: "served-ep", range: "1h" }),
    );
    const [arm] = view.arms;
    const whole = createHistogram();
    for (const us of [...quickUs, ...slowUs]) record(whole, us);
    expect(arm).toMatchObject({ key: "stable 1.0.0", requests: 100, errors: 2 });
    expect(arm?.p50Ms).toBe((quantileUs(toSparse(whole), 0.5) ?? 0) / 1000);
    expect(arm?.p99Ms).toBe((quantileUs(toSparse(whole), 0.99) ?? 0) / 1000);
    // The mean of the two runtimes' own p50 would be some 200 ms.
    expect(arm?.p50Ms).toBeLessThan(2);
    const reported =
      arm?.points.filter(({ requestsPerSecond }) => requestsPerSecond !== null) ?? [];
    expect(arm?.points.length).toBe(120);
    expect(reported).toHaveLength(1);
    expect(reported[0]).toMatchObject({
      at,
      requestsPerSecond: 100 / view.pointSeconds,
      errorShare: 0.02,
    });
  });

  it("keeps the arms apart and leaves out those that got nothing", async () => {
    const { endpointId } = await app.views.readEndpointView(engineer, { endpoint: "served-ep" });
    await registerIris(app, engineer, "served", { version: "1.1.0" });
    const { versionId } = await readVersion("served", "1.1.0");
    const runtime = await connectRuntime(app, "arms");
    const windowStart = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 120_000).toISOString();
    await reportWindow(app, runtime, {
      endpointId,
      versionId,
      arm: "candidate",
      windowStart,
      latenciesUs: [5000, 6000],
    });
    await reportWindow(app, runtime, {
      endpointId,
      versionId,
      arm: "previous",
      windowStart,
      latenciesUs: [],
    });
    const view = await app.views.readEndpointMonitoring(engineer, {
      endpoint: "served-ep",
      range: "15m",
    });
    expect(view.arms.map(({ key, requests }) => [key, requests])).toEqual([
      ["stable 1.0.0", 100],
      ["candidate 1.1.0", 2],
    ]);
    const list = endpointListView.parse(
      await app.views.readEndpointList(engineer, { q: "served-ep" }),
    );
    expect(list.rows[0]?.errorShare).toBeCloseTo(2 / 102, 6);
  });
});

describe("what one may not see", () => {
  it("hides endpoints of other environments everywhere, also from the pages of models", async () => {
    const { id: environmentId } = await app.registry.createEnvironment(admin, { name: "seen-env" });
    const viewer: Actor = { ...engineer, roles: [{ role: "viewer", environmentId }] };
    await expect(
      app.views.readEndpointView(viewer, { endpoint: "served-ep" }),
    ).rejects.toMatchObject({ code: "not_found" });
    await expect(
      app.views.readEndpointMonitoring(viewer, { endpoint: "served-ep" }),
    ).rejects.toMatchObject({ code: "not_found" });
    expect((await app.views.readEndpointList(viewer, {})).rows).toEqual([]);
    expect((await app.views.readModelView(viewer, { model: "served" })).places).toEqual([]);
    expect((await readVersion("served", "1.0.0", viewer)).places).toEqual([]);
    const list = await app.views.readModelList(viewer, { q: "served" });
    expect(list.rows).toMatchObject([{ state: "not_live", places: [], requestsPerSecond: null }]);
  });
});

describe("the forms", () => {
  it("propose the live version as parent and the next free name", async () => {
    const view = newVersionView.parse(
      await app.views.readNewVersion(engineer, { model: "served" }),
    );
    expect(view.chosen).toMatchObject({
      name: "served",
      suggestedVersion: "1.1.1",
      parent: { versionName: "1.0.0", live: true },
    });
    expect(view.viewerEmail).toBe("priya.nair@example.com");
    expect((await app.views.readNewVersion(engineer, { model: "no-such" })).chosen).toBeNull();
  });

  it("say what each version still needs to be live in the chosen environment", async () => {
    const view = newEndpointView.parse(
      await app.views.readNewEndpoint(engineer, { model: "served", environment: "seen-env" }),
    );
    const [newest] = view.versions;
    expect(newest?.versionName).toBe("1.1.0");
    expect(newest?.blockers).toContain(
      "INF-3 Resource limits profiled under load: Load test profile is missing.",
    );
    expect(newest?.blockers.at(-1)).toMatch(/^You registered it/);
    const open = await app.views.readNewEndpoint(engineer, {
      model: "served",
      environment: "served-env",
    });
    expect(open.versions.map(({ blockers }) => blockers)).toEqual([[], []]);
  });
});
