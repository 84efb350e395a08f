import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stagingPolicy } from "#lib/contracts/environment-policy.ts";
import type { LoadTestView } from "#lib/contracts/views/load-test-view.ts";
import { DEFAULT_RUNTIME_CONFIGURATION } from "#lib/domain/serving/runtime-configuration.ts";
import { makeDataDirectory, removeDataDirectory, startRuntime, type RuntimeProcess } from "../../../runtime/testing/runtime-process.ts";
import { batchStage, type BatchStage } from "../batch/batch-stage.fixture.ts";
import { giveUpLostLoadTests } from "./end-load-test.ts";

const ENDPOINT = "credit-rehearsal";
const VERSION = { model: "credit-default", version: "1.0.0" } as const;

describe("a load test by a real runtime", () => {
  let stage: BatchStage;
  let control: Awaited<ReturnType<BatchStage["serveRuntimes"]>>;
  let runtime: RuntimeProcess;
  let directory: string;

  beforeAll(async () => {
    stage = await batchStage();
    const { registry } = stage.app;
    await registry.createEnvironment(stage.admin, { name: "staging", policy: { ...stagingPolicy, requiredEvidence: ["artifact_inspected"] } });
    await registry.createEnvironment(stage.admin, { name: "live", policy: { ...stagingPolicy, stage: "production", requiredEvidence: ["artifact_inspected"] } });
    await registry.createEnvironment(stage.admin, { name: "asking", policy: { ...stagingPolicy, requiredEvidence: ["INF-3"] } });
    await registry.createEndpoint(stage.lead, { name: "credit-live", environment: "live", model: VERSION.model, version: VERSION.version, pattern: "online" });
    await registry.createEndpoint(stage.lead, { name: ENDPOINT, environment: "staging", model: VERSION.model, version: VERSION.version, pattern: "online" });
    control = await stage.serveRuntimes();
    directory = await makeDataDirectory();
    runtime = await startRuntime(directory, control, { SLIPWAY_RUNTIME_BATCH_JOBS: "false" });
  });
  afterAll(async () => {
    await runtime.stop();
    await control.close();
    await stage.close();
    await removeDataDirectory(directory);
  });

  const begin = async (more: Record<string, unknown>) => (await stage.app.loadTests.createLoadTest(stage.engineer, { endpoint: ENDPOINT, ratePerSecond: 20, seconds: 2, ...more })).number;
  const read = (number: number) => stage.app.loadTests.readLoadTest(stage.lead, { number });
  const until = async (number: number, isSo: (view: LoadTestView) => boolean): Promise<LoadTestView> => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const view = await read(number);
      if (isSo(view)) return view;
      if (performance.now() > deadline) throw new Error(`Load test ${number} did not get there: ${JSON.stringify(view)}\n${runtime.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const ended = (number: number) => until(number, ({ finishedAt }) => finishedAt !== null);
  const evidence = async () => (await stage.app.views.readVersionView(stage.lead, VERSION)).evidence.filter(({ kind }) => kind === "load_test_profile");
  /** What keeps the version from a place that asks for INF-3; nothing when the item is met. */
  const lacking = async () => {
    const { versions } = await stage.app.views.readNewEndpoint(stage.engineer, { model: VERSION.model, environment: "asking" });
    return versions.find(({ versionName }) => versionName === VERSION.version)?.blockers.filter((blocker) => blocker.startsWith("INF-3"));
  };

  it("sends each stage with the golden inputs, measures what it used, and keeps headroom and limits as evidence that the checklist counts", async () => {
    expect(await lacking()).toEqual(["INF-3 Resource limits profiled under load: Load test profile is missing."]);
    const view = await ended(await begin({}));
    expect(view.problem).toBeNull();
    expect(view.report).toMatchObject({ runtimeName: "under-test", source: "golden", hosts: 1, hostRestarts: 0 });
    expect(view.report?.stages.map(({ factor, plannedPerSecond, sent, answered, refused, failed }) => ({ factor, plannedPerSecond, sent, answered, refused, failed }))).toEqual([
      { factor: 1, plannedPerSecond: 20, sent: 40, answered: 40, refused: 0, failed: 0 },
      { factor: 1.5, plannedPerSecond: 30, sent: 60, answered: 60, refused: 0, failed: 0 },
      { factor: 2, plannedPerSecond: 40, sent: 80, answered: 80, refused: 0, failed: 0 },
    ]);
    for (const one of view.report?.stages ?? []) {
      expect(one.peakMemoryBytes).toBeGreaterThan(10_000_000);
      expect(one.latencyMsP50).toBeLessThanOrEqual(one.latencyMsP99 ?? 0);
      expect(one.frontCores).toBeGreaterThan(0);
    }
    expect(view).toMatchObject({ state: "succeeded", passed: true, headroom: 2, isOpenEnded: true, sent: 180, toSend: 180 });
    expect(view.say).toMatch(/^Held 2x the planned 20 requests\/s with p99 [\d.]+ ms; headroom at least 2x\.$/);
    const [newest] = await evidence();
    expect(newest).toMatchObject({ verdict: "passed", producer: "Load test", summary: view.say });
    expect(await lacking()).toEqual([]);
  });

  it("no longer counts once limits are edited after the run, and counts again when they are back", async () => {
    const { app, lead } = stage;
    const edited = { ...DEFAULT_RUNTIME_CONFIGURATION, limits: { ...DEFAULT_RUNTIME_CONFIGURATION.limits, maxConcurrency: 8 } };
    await app.serving.saveRuntimeConfiguration(lead, { endpoint: ENDPOINT, configuration: edited, reason: "Less room", expectedNumber: 0 });
    expect((await evidence())[0]).toMatchObject({ verdict: "failed", summary: expect.stringContaining("Limits were changed after the run") as string });
    expect(await lacking()).toHaveLength(1);
    expect((await app.loadTests.listLoadTests(lead, { endpoint: ENDPOINT })).rows[0]).toMatchObject({ limits: { areCurrent: false }, evidenceExpiresAt: null });
    await app.serving.saveRuntimeConfiguration(lead, { endpoint: ENDPOINT, configuration: DEFAULT_RUNTIME_CONFIGURATION, reason: "Back", expectedNumber: 1 });
    expect(await lacking()).toEqual([]);
  });

  it("does not pass when the p99 is past what was agreed before", async () => {
    const view = await ended(await begin({ latencyLimitMs: 0.001 }));
    expect(view).toMatchObject({ state: "succeeded", passed: false, headroom: 0, evidenceExpiresAt: null });
    expect(view.say).toMatch(/^Did not hold the planned 20 requests\/s: p99 was [\d.]+ ms; at most 0\.001 ms was agreed\.$/);
    expect((await evidence())[0]).toMatchObject({ verdict: "failed" });
    expect(await lacking()).toHaveLength(1);
  });

  it("says with the endpoint's own words why recorded requests do not do, and proves nothing with them", async () => {
    const before = await evidence();
    const view = await ended(await begin({ requests: [{ inputs: [{ name: "nonsense", datatype: "FP32", shape: [1], data: [1] }] }] }));
    expect(view).toMatchObject({ state: "failed", passed: null, headroom: null, report: null });
    expect(view.problem).toMatch(/^The first request was answered 400: .*nonsense/);
    expect(await evidence()).toEqual(before);
  });

  it("can be cancelled: the runtime stops sending and takes the next one", async () => {
    const number = await begin({ ratePerSecond: 10, seconds: 300 });
    await until(number, ({ sent }) => sent > 0);
    await expect(begin({})).rejects.toThrow(`Load test ${number} of ${ENDPOINT} is not done yet.`);
    await stage.app.loadTests.cancelLoadTest(stage.engineer, { number, reason: "Too long." });
    expect((await read(number)).state).toBe("cancelled");
    expect(await ended(await begin({}))).toMatchObject({ state: "succeeded", problem: null });
  });

  it("is given up, and not begun again, when its runtime dies under it", async () => {
    const number = await begin({ ratePerSecond: 10, seconds: 300 });
    await until(number, ({ sent }) => sent > 0);
    await runtime.kill9();
    runtime = await startRuntime(directory, control, { SLIPWAY_RUNTIME_BATCH_JOBS: "false" });
    await until(number, () => runtime.log().includes("Registered with the control plane"));
    await giveUpLostLoadTests(stage.app.store);
    expect(await read(number)).toMatchObject({ state: "failed", problem: expect.stringContaining("went silent or started again") as string });
    expect(await ended(await begin({}))).toMatchObject({ state: "succeeded", problem: null });
  });

  it("is refused outside staging, where nothing is routed, beyond what one test may send, and to who may not", async () => {
    const { app, engineer, admin } = stage;
    const refused = (endpoint: string, more: Record<string, unknown> = {}) => expect(app.loadTests.createLoadTest(engineer, { endpoint, ratePerSecond: 20, ...more })).rejects;
    await refused("credit-nightly").toThrow("credit-nightly answers no requests.");
    await refused(ENDPOINT, { ratePerSecond: 20_000, seconds: 600 }).toThrow("at most 5000000 are sent in one test");
    await expect(app.loadTests.createLoadTest(admin, { endpoint: ENDPOINT, ratePerSecond: 20 })).rejects.toMatchObject({ code: "forbidden" });
    await refused("credit-live").toThrow("live is a production environment");
  });
});
