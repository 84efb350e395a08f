import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runtimeConfiguration } from "#lib/contracts/runtime-configuration.ts";
import { DEFAULT_RUNTIME_CONFIGURATION, type RuntimeConfiguration } from "#lib/domain/serving/runtime-configuration.ts";
import { monitoringStage, type MonitoringStage } from "../monitoring/monitoring-stage.fixture.ts";
import { releaseStage, type ReleaseStage } from "../releases/release-stage.fixture.ts";
import { testPerson } from "../test-app.ts";

let stage: MonitoringStage;
beforeAll(async () => {
  stage = await monitoringStage();
});
afterAll(() => stage.close());

const desired = () => stage.app.store.readSnapshot((db) => db.desired.readDesiredState());
const wanted: RuntimeConfiguration = {
  limits: { maxConcurrency: 64, maxQueued: 32, timeoutMs: 20_000, share: 3 },
  batching: { mode: "fixed", maxRows: 16, preferredRows: [4, 16], maxDelayUs: 500 },
  hosts: { count: 2, memoryLimitBytes: 512 * 1024 * 1024 },
  environment: { lock: { onnxruntime: "1.23.0" }, onLockMismatch: "refuse" },
  scaling: { targetUtilisation: 0.5 },
};

describe("the runtime configuration of an endpoint", () => {
  it("is the defaults until somebody changes it, and then reaches the runtimes with the next desired state", async () => {
    const { app, lead, engineer } = stage;
    const before = await app.serving.readRuntimeConfiguration(engineer, { endpoint: "triage" });
    expect(before).toMatchObject({ number: 0, configuration: DEFAULT_RUNTIME_CONFIGURATION });
    const first = await desired();
    expect(first.endpoints[0]?.limits).toBeUndefined();

    const saved = await app.serving.saveRuntimeConfiguration(lead, { endpoint: "triage", configuration: wanted, reason: "Month end", expectedNumber: 0 });
    expect(saved).toEqual({ number: 1, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string });
    expect(saved.digest).not.toBe(before.digest);
    const state = await desired();
    expect(state.revision).toBeGreaterThan(first.revision);
    expect(state.endpoints[0]).toMatchObject({ limits: { maxConcurrency: 64, maxQueued: 32, timeoutMs: 20_000, share: 3 }, targetUtilisation: 0.5, configurationDigest: saved.digest });
    expect(state.versions[0]).toMatchObject({
      session: { hosts: 2, memoryLimitBytes: 512 * 1024 * 1024, timeoutMs: 20_000, batching: wanted.batching },
      environmentLock: { onnxruntime: "1.23.0" },
      onLockMismatch: "refuse",
    });
    expect(state.versions[0]?.settingsDigest).not.toBe(first.versions[0]?.settingsDigest);
  });

  it("leaves one entry in the trail with what differs and why; the same again changes nothing", async () => {
    const { app, lead } = stage;
    const again = await app.serving.saveRuntimeConfiguration(lead, { endpoint: "triage", configuration: wanted, reason: "Once more", expectedNumber: 1 });
    expect(again.number).toBe(1);
    const trail = await app.store.readSnapshot((db) => db.entries.entriesAbout({ type: "endpoint", id: stage.endpointId }, 50));
    const entries = trail.entries.filter(({ action }) => action === "endpoint.runtime_configured");
    expect(entries).toHaveLength(1);
  });

  it("refuses who decided from an older state, who may not, and values that contradict each other, in words", async () => {
    const { app, lead } = stage;
    const change = { endpoint: "triage", reason: "Another" };
    await expect(app.serving.saveRuntimeConfiguration(lead, { ...change, configuration: DEFAULT_RUNTIME_CONFIGURATION, expectedNumber: 0 })).rejects.toMatchObject({ code: "stale_version" });
    const viewer = await testPerson(app, `Viewer ${randomUUID().slice(0, 8)}`, ["viewer"]);
    await expect(app.serving.saveRuntimeConfiguration(viewer, { ...change, configuration: DEFAULT_RUNTIME_CONFIGURATION, expectedNumber: 1 })).rejects.toMatchObject({ code: "forbidden" });
    const bad = runtimeConfiguration.safeParse({ ...wanted, limits: { ...wanted.limits, maxQueued: 65 }, scaling: { ...wanted.scaling, targetUtilisation: 1 } });
    expect(bad.error?.issues.map(({ path, message }) => [path.join("."), message])).toEqual([
      ["scaling.targetUtilisation", "At most 95 %: above it queues grow without end."],
      ["limits.maxQueued", "At most 64 requests are let in, so no more than that can wait."],
    ]);
  });

  it("is shown with who set it, why, and what differed from the one before", async () => {
    const { app, lead } = stage;
    const view = await app.serving.readRuntimeConfiguration(lead, { endpoint: "triage" });
    expect(view.history.map(({ number, by, reason }) => [number, by, reason])).toEqual([[1, "Maren Okafor", "Month end"]]);
    expect(view.history[0]?.differences).toContainEqual({ label: "Time to an answer", before: "the model host's own limit", after: "20000 ms at most" });
    expect(view.voids).toBeNull();
    expect(view.mayEdit.open).toBe(true);
  });

  it("goes back to the runtimes' own limits with the defaults", async () => {
    const { app, lead } = stage;
    await app.serving.saveRuntimeConfiguration(lead, { endpoint: "triage", configuration: DEFAULT_RUNTIME_CONFIGURATION, reason: "Month end is over", expectedNumber: 1 });
    const state = await desired();
    expect(state.endpoints[0]?.limits).toEqual({ share: 1 });
    expect(state.versions[0]).toMatchObject({ session: { hosts: 1, memoryLimitBytes: null, timeoutMs: 10_000 }, environmentLock: {}, onLockMismatch: "flag" });
  });
});

describe("a release under the runtime configuration", () => {
  let stage: ReleaseStage;
  beforeAll(async () => {
    stage = await releaseStage();
  });
  afterAll(() => stage.close());

  it("is bound to its digest: a change voids what was signed, says so, and asks for approval again", async () => {
    const { app, lead, engineer } = stage;
    const { id, number, digest } = await stage.createRelease();
    const sign = (bound: string) =>
      app.releases.approveRelease(lead, { releaseId: id, expectedRowVersion: null, body: { meaning: "evidence_reviewed", reason: "Evidence read, all fine.", digest: bound } });
    await sign(digest);
    expect(await stage.state(id)).toBe("APPROVED");
    const { endpointName } = await app.views.readReleaseView(lead, { number });
    expect((await app.serving.readRuntimeConfiguration(lead, { endpoint: endpointName })).voids).toEqual({ releaseNumber: number, approvals: 1 });

    const saved = await app.serving.saveRuntimeConfiguration(engineer, { endpoint: endpointName, configuration: wanted, reason: "More room", expectedNumber: 0 });
    await stage.reconcile(id);
    const page = await app.views.readReleaseView(lead, { number });
    expect(page.state).toBe("PENDING_APPROVAL");
    expect(page.approvals.boundDigest).not.toBe(digest);
    expect(page.approvals.rows.map(({ voidReason }) => voidReason)).toEqual(["The runtime configuration was changed after signing."]);
    const bound = page.changes.rows.find(({ part }) => part === "Runtime configuration");
    expect(bound).toMatchObject({ candidate: saved.digest, same: false, form: "digest" });
    expect(page.changes.rows).toContainEqual({ part: "Share when endpoints compete", stable: "1", candidate: "3", form: "text", same: false });
    await expect(sign(digest)).rejects.toMatchObject({ code: "stale_version" });
  });
});
