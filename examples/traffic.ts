import { modelOf, readStory } from "./replay.ts";
import { createBackOff } from "./traffic/back-off.ts";
import { createEndpointTraffic, type EndpointTraffic } from "./traffic/endpoint-traffic.ts";
import { createRuntimeClient } from "./traffic/runtime-client.ts";
import { readSettings, type TrafficSettings } from "./traffic/settings.ts";

/**
 * Demo traffic: replays held-out rows through the runtime's public HTTP port and reports true labels later.
 * Prints one line of JSON every 10 s; settings and meaning of the counts: README.md. SIGTERM and SIGINT stop it at once.
 */

const STATUS_SECONDS = 10;
const LABELLED_SHARE = 0.6;
const LABEL_DELAY_MS = [2000, 5000] as const;

function settingsOrExit(): TrafficSettings {
  try {
    return readSettings(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

function chosenEndpoints(settings: TrafficSettings) {
  const story = readStory();
  const names = settings.endpoints ?? story.endpoints.map(({ name }) => name);
  return names.map((name) => {
    const endpoint = story.endpoints.find((one) => one.name === name);
    if (endpoint === undefined) {
      process.stderr.write(`SLIPWAY_DEMO_ENDPOINTS: story.json has no endpoint ${name}.\n`);
      process.exit(2);
    }
    return { endpoint, model: modelOf(story, endpoint.model) };
  });
}

const settings = settingsOrExit();
const client = createRuntimeClient(settings.runtimeUrl);
const runtime = createBackOff(250, 4000);
const streams = new Map<string, EndpointTraffic>();
for (const [index, { endpoint, model }] of chosenEndpoints(settings).entries()) {
  const plan = {
    endpoint,
    model,
    rate: settings.rate,
    seed: settings.seed * 1000 + index,
    labelledShare: LABELLED_SHARE,
    labelDelayMs: LABEL_DELAY_MS,
  };
  streams.set(endpoint.name, createEndpointTraffic(plan, client, runtime));
}

let lastStatusMs = performance.now();
function printStatus(event: "status" | "stopped"): void {
  const nowMs = performance.now();
  const endpoints = Object.fromEntries(
    [...streams].map(([name, stream]) => [name, stream.takeStatus()]),
  );
  const seconds = Math.round((nowMs - lastStatusMs) / 100) / 10;
  lastStatusMs = nowMs;
  process.stdout.write(
    `${JSON.stringify({ event, at: new Date().toISOString(), seconds, endpoints })}\n`,
  );
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    for (const stream of streams.values()) stream.stop();
    printStatus("stopped");
    client.close();
    process.exit(0);
  });
}
for (const stream of streams.values()) stream.start();
setInterval(() => printStatus("status"), STATUS_SECONDS * 1000);
