/**
 * `npm run bench:edge -- [--devices 1000] [--rounds 5] [--callers 32] [--json FILE]`: devices against one control plane on a database of its own, with the real handlers behind
 * `node:http` (without Next in front) and a key and a signature for each device and call: joining, contacts without and with an order, and twelve
 * windows of counts from each. What the figures mean is in docs/performance.md.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { serveRoutes } from "#lib/api/http-routes.fixture.ts";
import { deviceStage } from "#lib/server/edge/device-stage.fixture.ts";
import { testPerson } from "#lib/server/test-app.ts";
import { startTestPostgres } from "../../scripts/test-postgres.ts";
import { quantile } from "../quantile.ts";
import type { Done, Task } from "./simulated-devices.ts";

const { values } = parseArgs({
  options: { devices: { type: "string", default: "1000" }, rounds: { type: "string", default: "5" }, callers: { type: "string", default: "32" }, json: { type: "string" } },
});
const [count, rounds, callers] = [values.devices, values.rounds, values.callers].map(Number);
if (count === undefined || rounds === undefined || callers === undefined || ![count, rounds, callers].every((value) => Number.isInteger(value) && value > 0 && value <= 100_000))
  throw new TypeError("--devices, --rounds and --callers are whole numbers.");

/** Twelve windows, without bins: what a device counts in an hour. Shorter here, because none of them may be from before it joined. */
const windowsOf = (endpointId: string, versionId: string, fromMs: number): unknown[] =>
  Array.from({ length: 12 }, (_, at) => ({
    endpointId, versionId, arm: "stable", releaseId: null, epoch: 2, windowStart: new Date(fromMs + at * 10_000).toISOString(), windowSeconds: 10, seq: at, final: true,
    requests: 50, errors: 0, refused: 0, units: 50, firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 }, labels: { received: 0, wrong: 0 },
    predictions: { benign: 30, malignant: 20 }, latencyUs: { bins: [[320, 50]], count: 50, sum: 50_000, min: 1000, max: 1000, underflow: 0, overflow: 0 }, overflow: false,
  }));

const server = await startTestPostgres();
process.env["SLIPWAY_TEST_DATABASE_URL"] = server.superuserUrl;
const stage = await deviceStage();
const control = await serveRoutes(stage.app);
const worker = new Worker(new URL("./simulated-devices.ts", import.meta.url));
const ask = async (task: Task): Promise<Done> => {
  const done = await new Promise<Done>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(task);
  });
  if (done.failed > 0) throw new Error(`${String(done.failed)} calls were refused: ${done.problem ?? ""}`);
  return done;
};
const result: Record<string, number> = { devices: count, callers };
const note = (name: string, { ms, tookMs, orders }: Done): void => {
  result[`${name}PerSecond`] = Math.round((tookMs.length * 1000) / ms);
  result[`${name}MsP50`] = Number(quantile(tookMs, 0.5).toFixed(1));
  result[`${name}MsP99`] = Number(quantile(tookMs, 0.99).toFixed(1));
  if (orders > 0) result[`${name}Orders`] = orders;
};
try {
  const { app, engineer } = stage;
  const codes: string[] = [];
  for (let at = 0; at < count; at += 1) codes.push((await app.edge.createDeviceCode(engineer, { endpoint: "ward" })).code);
  note("joins", await ask({ kind: "join", url: control.url, codes, callers }));
  const [manifest] = await app.store.read(async (db) => db.devices.manifestsOf((await db.endpoints.getEndpoint({ name: "ward" })).id));
  if (manifest === undefined) throw new Error("The endpoint has no order.");
  const { endpointId, versionId } = manifest;
  note("contacts", await ask({ kind: "check-in", callers, rounds, versionId }));
  const second = await testPerson(app, "Ida Holm", ["ml_lead"]);
  const { number } = await app.edge.startDeviceUpdate(engineer, { endpoint: "ward", version: "1.1.0", reason: "Better on small lesions." });
  for (let ring = 0; ring < 4; ring += 1) await app.edge.advanceDeviceUpdate(second, { endpoint: "ward", number, reason: "The ring before did well." });
  note("contactsWithOrder", await ask({ kind: "check-in", callers, rounds: 1, versionId }));
  note("batchesOfCounts", await ask({ kind: "counts", callers, windows: windowsOf(endpointId, versionId, Date.now() - 120_000) }));
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(28)} ${String(value).padStart(10)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await worker.terminate();
  await control.close();
  await stage.close();
  await server.stop();
}
