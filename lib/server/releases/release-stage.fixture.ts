import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";
import type { createReleaseBody } from "#lib/contracts/release-api.ts";
import { productionPolicy, type EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import type { RuntimeAcks, WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { policyActor, type Actor } from "../ports.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";
import { reconcileRelease } from "./reconcile-release.ts";

const EXAMPLES = new URL("../../../examples/", import.meta.url);

/** Examples whose versions 1.0.0 and 1.1.0 the stage can hold; the second has features that monitoring counts by bins. */
export type StageModel = "digits" | "tumour-triage";

/** Evidence that registering alone gives; the sandbox is the runtime's and has tests of its own. */
const POLICY: EnvironmentPolicy = { ...productionPolicy, requiredEvidence: ["artifact_inspected", "contract_sealed"], bakeSeconds: 0 };

export type ReleaseStage = TestApp & {
  readonly engineer: Actor;
  readonly lead: Actor;
  readonly validator: Actor;
  readonly runtime: Actor;
  readonly bootId: string;
  createRelease(body?: Partial<z.input<typeof createReleaseBody>>): Promise<{ id: string; number: number; digest: string }>;
  /** One round of the controller on this release; true when it moved. */
  reconcile(releaseId: string): Promise<boolean>;
  state(releaseId: string): Promise<string>;
  /** The runtime confirms whatever is desired now, with every version ready and drained. */
  confirm(): Promise<number>;
  report(counts: readonly Partial<WindowReport>[]): Promise<void>;
};

async function register(stage: TestApp, engineer: Actor, model: StageModel, version: string): Promise<void> {
  const form = new FormData();
  form.set("version", version);
  form.set("model", new Blob([readFileSync(new URL(`${model}/${version}/model.onnx`, EXAMPLES))]), "model.onnx");
  form.set("baseline", readFileSync(new URL(`${model}/${version}/baseline.json`, EXAMPLES), "utf8"));
  form.set("golden", readFileSync(new URL(`${model}/${version}/golden.json`, EXAMPLES), "utf8"));
  const request = new Response(form);
  await stage.app.registerUploaded(engineer, model, {
    contentType: request.headers.get("content-type"),
    contentLength: null,
    body: request.body,
  });
}

const EMPTY_WINDOW = {
  refused: 0,
  overflow: false,
  predictions: {},
  labels: { received: 0, wrong: 0 },
  final: false,
  windowSeconds: 2,
} as const;

/** An installation with two versions of a real model, an endpoint that serves the first, and a runtime that answers for itself. */
export async function releaseStage(policy: Partial<EnvironmentPolicy> = {}, model: StageModel = "digits"): Promise<ReleaseStage> {
  const stage = await testApp();
  const { app } = stage;
  const engineer = await testPerson(app, "Priya Nair", ["engineer"]);
  const lead = await testPerson(app, "Maren Okafor", ["ml_lead"]);
  const validator = await testPerson(app, "Yusuf Demir", ["validator"]);
  const admin = await testPerson(app, "Oskar Lind", ["admin"]);
  const runtime: Actor = { ...policyActor("rt-1"), type: "runtime", id: randomUUID(), roles: [{ role: "runtime", environmentId: null }] };
  const bootId = randomUUID();
  await app.registry.createEnvironment(admin, { name: "production", policy: { ...POLICY, ...policy } });
  await app.registry.createModel(engineer, { name: model, intendedUse: "Serves in a test of releases.", riskTier: "low" });
  await register(stage, engineer, model, "1.0.0");
  await register(stage, engineer, model, "1.1.0");
  await app.registry.createEndpoint(lead, { name: model, environment: "production", model, version: "1.0.0" });
  await app.runtimes.registerRuntime(runtime, {
    name: "rt-1",
    bootId,
    role: "serve",
    slipwayVersion: "0.1.0",
    httpUrl: "http://127.0.0.1:8080",
    grpcUrl: null,
    cpuCount: 2,
    memoryBytes: 1_000_000,
  });
  let seq = 0;
  return {
    ...stage,
    engineer,
    lead,
    validator,
    runtime,
    bootId,
    async createRelease(body = {}) {
      const { id, number } = await app.releases.createRelease(engineer, { endpoint: model, version: "1.1.0", ...body });
      const { release } = await app.store.read((db) => db.releases.getRelease({ id }));
      return { id, number, digest: release.digest };
    },
    reconcile: async (releaseId) => (await reconcileRelease(app.store)(policyActor(), { releaseId, fence: null })).moved,
    state: async (releaseId) => (await app.store.read((db) => db.releases.getRelease({ id: releaseId }))).release.state,
    async confirm() {
      const desired = await app.store.readSnapshot((db) => db.desired.readDesiredState());
      seq += 1;
      const at = new Date().toISOString();
      const acks: RuntimeAcks = {
        bootId,
        seq,
        revision: desired.revision,
        endpoints: desired.endpoints.map(({ endpointId, epoch }) => ({
          endpointId,
          epoch,
          appliedAt: at,
          drained: true,
          drainedAt: at,
          lateResponses: 0,
          safeState: null,
        })),
        versions: desired.versions.map(({ versionId }) => ({
          versionId,
          state: "ready",
          digestEqual: true,
          loadMs: 1,
          warmUpMsP95: 1,
          goldenPassed: 1,
          goldenTotal: 1,
          hostRestarts: 0,
          problem: null,
        })),
      };
      await app.runtimes.acceptAcks(runtime, acks);
      return desired.endpoints[0]?.epoch ?? 0;
    },
    async report(counts) {
      seq += 1;
      const windows = counts.map((count): WindowReport => {
        const requests = count.requests ?? 0;
        return {
          ...EMPTY_WINDOW,
          endpointId: "",
          versionId: "",
          arm: "stable",
          releaseId: null,
          epoch: 1,
          windowStart: new Date().toISOString(),
          seq,
          requests,
          errors: 0,
          units: requests,
          firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
          latencyUs: { bins: [[320, requests]], count: requests, sum: requests * 1000, min: 1000, max: 1000, underflow: 0, overflow: 0 },
          ...count,
        };
      });
      await app.runtimes.acceptWindows(runtime, { bootId, sentAt: new Date().toISOString(), windows });
    },
  };
}
