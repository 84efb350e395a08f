import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { productionPolicy } from "#lib/contracts/environment-policy.ts";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import type { BinCounts, MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { policyActor, type Actor } from "../ports.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";

const MODEL = new URL("../../../examples/tumour-triage/", import.meta.url);
const POLICY = { ...productionPolicy, approvalsRequired: 0, requiredEvidence: [] };

export type MonitoringStage = TestApp & {
  readonly engineer: Actor;
  readonly lead: Actor;
  readonly admin: Actor;
  readonly runtime: Actor;
  readonly bootId: string;
  readonly endpointId: string;
  readonly versionId: string;
  readonly baseline: MonitoringBaseline;
  /** Registers another version of the model. */
  register(version: string): Promise<string>;
  /** A window of `rows` rows that look like the training data, `seconds` after `start`; `change` alters it. */
  window(seconds: number, rows: number, change?: (window: WindowReport) => WindowReport): WindowReport;
  send(windows: readonly WindowReport[]): Promise<{ accepted: number; ignored: number }>;
  readonly start: Date;
};

/** `rows` values spread over the cells as in the reference, to the nearest whole value. */
function spread(reference: readonly number[], rows: number): number[] {
  const all = reference.reduce((sum, count) => sum + count, 0);
  let before = 0;
  let given = 0;
  return reference.map((count) => {
    before += count;
    const next = Math.round((before / all) * rows);
    const own = next - given;
    given = next;
    return own;
  });
}

const likeBaseline = (bins: MonitoringBaseline["features"][number], rows: number): BinCounts => {
  const cells = bins.kind === "numeric" ? bins.edges.length - 1 : bins.values.length;
  const reference = bins.baseline ?? Array.from({ length: cells }, () => 1);
  return { name: bins.name, cells: spread(reference, rows), under: 0, over: 0, unseen: 0, nulls: 0, nan: 0, moments: null };
};

/** An installation with a model of 30 features that serves, and a runtime that the test speaks for. `start` is a whole hour in the past. */
export async function monitoringStage(): Promise<MonitoringStage> {
  const stage = await testApp();
  const { app } = stage;
  const [engineer, lead, admin] = [
    await testPerson(app, "Priya Nair", ["engineer"]),
    await testPerson(app, "Maren Okafor", ["ml_lead"]),
    await testPerson(app, "Oskar Lind", ["admin"]),
  ];
  const runtime: Actor = { ...policyActor("rt-1"), type: "runtime", id: randomUUID(), roles: [{ role: "runtime", environmentId: null }] };
  const bootId = randomUUID();
  await app.registry.createEnvironment(admin, { name: "production", policy: POLICY });
  await app.registry.createModel(engineer, { name: "tumour-triage", intendedUse: "Orders a reading list in a test.", riskTier: "high" });
  const register = async (version: string): Promise<string> => {
    const form = new FormData();
    form.set("version", version);
    form.set("model", new Blob([readFileSync(new URL(`${version}/model.onnx`, MODEL))]), "model.onnx");
    form.set("baseline", readFileSync(new URL(`${version}/baseline.json`, MODEL), "utf8"));
    form.set("labelOutput", "label");
    const request = new Response(form);
    const upload = { contentType: request.headers.get("content-type"), contentLength: null, body: request.body };
    return (await app.registerUploaded(engineer, "tumour-triage", upload)).id;
  };
  const versionId = await register("1.0.0");
  await app.registry.createEndpoint(lead, { name: "triage", environment: "production", model: "tumour-triage", version: "1.0.0" });
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
  const desired = await app.store.readSnapshot((db) => db.desired.readDesiredState());
  const baseline = desired.baselines?.find((one) => one.versionId === versionId);
  const endpointId = desired.endpoints[0]?.endpointId;
  if (baseline === undefined || endpointId === undefined) throw new Error("The stage has no baseline.");
  const start = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 2 * 3_600_000);
  let seq = 0;
  return {
    ...stage,
    engineer,
    lead,
    admin,
    runtime,
    bootId,
    endpointId,
    versionId,
    baseline,
    register,
    start,
    window(seconds, rows, change = (window) => window) {
      seq += 1;
      return change({
        endpointId,
        versionId,
        arm: "stable",
        releaseId: null,
        epoch: 1,
        windowStart: new Date(start.getTime() + seconds * 1000).toISOString(),
        windowSeconds: 10,
        seq,
        final: true,
        requests: rows,
        errors: 0,
        refused: 0,
        units: rows,
        firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
        labels: { received: 0, wrong: 0 },
        predictions: { benign: rows },
        latencyUs: { bins: [[320, rows]], count: rows, sum: rows * 1000, min: 1000, max: 1000, underflow: 0, overflow: 0 },
        overflow: false,
        monitoring: {
          binsHash: baseline.binsHash,
          rows,
          rowsSkipped: 0,
          oodRows: 0,
          features: baseline.features.map((bins) => likeBaseline(bins, rows)),
          outputs: baseline.outputs.map((bins) => likeBaseline(bins, rows)),
          labelsByScore: [],
        },
      });
    },
    send: (windows) => app.runtimes.acceptWindows(runtime, { bootId, sentAt: new Date().toISOString(), windows: [...windows] }),
  };
}
