/**
 * `npm run bench:control -- [--seconds 20] [--json FILE]`: what monitoring costs the control plane, on a database of its own: ingest of windows with 30 features
 * for 500 endpoints, how far the rollups lag behind, one round of evaluation, and 13 months of hours read for a chart. What the figures mean is in docs/performance.md.
 */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { monitoringStage, type MonitoringStage } from "#lib/server/monitoring/monitoring-stage.fixture.ts";
import { rollUpDue } from "#lib/server/monitoring/roll-up-windows.ts";
import { startTestPostgres } from "../../scripts/test-postgres.ts";
import { quantile } from "../quantile.ts";
import { addEndpoints, fillHours } from "./fill-control.ts";

const TARGET_WINDOWS_PER_SECOND = 100;
const ENDPOINTS = 500;
const HOURLY_ENDPOINTS = 100;
const HOURS = 13 * 30 * 24;
const BATCH = 20;

const { values } = parseArgs({ options: { seconds: { type: "string", default: "20" }, json: { type: "string" } } });
const seconds = Number(values.seconds);
if (!Number.isInteger(seconds) || seconds < 5 || seconds > 600) throw new TypeError("--seconds is a whole number from 5 to 600.");

/** Sends as fast as one sender can, in batches as runtimes send them. */
async function ingest(stage: MonitoringStage, endpoints: readonly string[], forMs: number): Promise<{ windowsPerSecond: number; batchMsP99: number }> {
  const template = stage.window(0, 200);
  const took: number[] = [];
  const startedMs = performance.now();
  let sent = 0;
  while (performance.now() - startedMs < forMs) {
    const windows = Array.from({ length: BATCH }, (_, index): WindowReport => {
      const place = sent + index;
      const minute = Math.floor(place / endpoints.length);
      return { ...template, endpointId: endpoints[place % endpoints.length] ?? "", windowStart: new Date(stage.start.getTime() + minute * 10_000).toISOString() };
    });
    const beforeMs = performance.now();
    await stage.send(windows);
    took.push(performance.now() - beforeMs);
    sent += BATCH;
  }
  return { windowsPerSecond: (sent * 1000) / (performance.now() - startedMs), batchMsP99: quantile(took, 0.99) };
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const startedMs = performance.now();
  const answer = await work();
  return { ms: performance.now() - startedMs, answer };
}

const server = await startTestPostgres();
process.env["SLIPWAY_TEST_DATABASE_URL"] = server.superuserUrl;
const stage = await monitoringStage();
try {
  const endpoints = await addEndpoints(stage, ENDPOINTS);
  const sent = await ingest(stage, endpoints, seconds * 1000);
  const rolled = await timed(() => rollUpDue(stage.app.store));
  await fillHours(stage, endpoints.slice(0, HOURLY_ENDPOINTS), HOURS);
  const to = new Date();
  const from = new Date(to.getTime() - HOURS * 3_600_000);
  const reads: number[] = [];
  for (const endpointId of endpoints.slice(0, 20)) {
    const { ms } = await timed(() => stage.app.store.read((db) => db.rollups.trafficPoints({ endpointId, grainSeconds: 3600, from, to })));
    reads.push(ms);
  }
  const minutes = rolled.answer;
  const result = {
    endpoints: ENDPOINTS,
    featuresPerWindow: 30,
    windowsPerSecond: Math.round(sent.windowsPerSecond),
    timesTheTarget: Number((sent.windowsPerSecond / TARGET_WINDOWS_PER_SECOND).toFixed(2)),
    batchOf20MsP99: Number(sent.batchMsP99.toFixed(1)),
    stretchesAddedUp: minutes,
    stretchesPerSecond: Math.round((minutes * 1000) / rolled.ms),
    hourlyRows: HOURLY_ENDPOINTS * HOURS,
    thirteenMonthsMsP50: Number(quantile(reads, 0.5).toFixed(1)),
    thirteenMonthsMsP99: Number(quantile(reads, 0.99).toFixed(1)),
  };
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(24)} ${String(value).padStart(12)}\n`);
  process.stdout.write(`${JSON.stringify({ id: randomUUID(), ...result })}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
} finally {
  await stage.close();
  await server.stop();
}
