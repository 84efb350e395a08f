import { readFileSync } from "node:fs";
import { cp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deviceStage, type DeviceStage } from "#lib/server/edge/device-stage.fixture.ts";
import { testPerson } from "#lib/server/test-app.ts";
import { makeDataDirectory, removeDataDirectory, startRuntime, type RuntimeProcess } from "../../runtime/testing/runtime-process.ts";
import { serveRoutes } from "./http-routes.fixture.ts";

const IS_FULL = process.env["SLIPWAY_TEST_FULL"] === "1";
const SEED = Number(process.env["SLIPWAY_TEST_SEED"] ?? 20_261_130);
const CUTS = IS_FULL ? 100 : 6;

type Output = { readonly name: string; readonly data: readonly unknown[] };
type Golden = { readonly request: unknown; readonly response: { readonly outputs: readonly Output[] }; readonly tolerance: number }[];
const goldenOf = (version: string): Golden => JSON.parse(readFileSync(new URL(`../../examples/tumour-triage/${version}/golden.json`, import.meta.url), "utf8")) as Golden;
const GOLDEN: Readonly<Record<string, Golden>> = { "1.0.0": goldenOf("1.0.0"), "1.1.0": goldenOf("1.1.0") };

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let stage: DeviceStage;
let control: Awaited<ReturnType<typeof serveRoutes>>;
/** A device that joined and runs 1.0.0, as it lies on its disk; each cut begins from a copy. */
let before: string;
let directory: string;
let device: RuntimeProcess | null = null;

const start = (controlUrl: string, more: Record<string, string> = {}): Promise<RuntimeProcess> =>
  startRuntime(directory, null, { SLIPWAY_RUNTIME_ROLE: "edge", SLIPWAY_CONTROL_URL: controlUrl, SLIPWAY_DEVICE_POLL_SECONDS: "1", ...more });

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`${what} did not come about.\n${device?.log() ?? ""}`);
    await delay(20);
  }
}

/** The version in the slot that serves, and whether its trial is over. */
async function slots(): Promise<{ version: string | null; phase: string }> {
  const text = await readFile(path.join(directory, "runtime", "under-test", "slots.json"), "utf8").catch(() => null);
  if (text === null) return { version: null, phase: "empty" };
  const { state, a, b } = JSON.parse(text) as { state: { phase: string; active: "a" | "b" }; a: { version: { versionName: string } } | null; b: { version: { versionName: string } } | null };
  return { version: (state.active === "a" ? a : b)?.version.versionName ?? null, phase: state.phase };
}

const isReady = async (): Promise<boolean> => (await fetch(`${device?.url ?? ""}/v2/models/ward/ready`)).status === 200;

/** Asks for every golden input; answers which version gave exactly its own golden outputs. */
async function versionThatWorks(): Promise<string> {
  const names = new Set<string>();
  for (const [at] of (GOLDEN["1.0.0"] ?? []).entries()) {
    const response = await fetch(`${device?.url ?? ""}/v2/models/ward/infer`, { method: "POST", body: JSON.stringify(GOLDEN["1.0.0"]?.[at]?.request) });
    expect(response.status).toBe(200);
    const name = response.headers.get("slipway-version") ?? "";
    names.add(name);
    const wanted = GOLDEN[name]?.[at];
    const { outputs } = (await response.json()) as { outputs: Output[] };
    for (const { name: output, data } of wanted?.response.outputs ?? []) {
      const got = outputs.find((one) => one.name === output)?.data ?? [];
      for (const [index, value] of data.entries()) {
        if (typeof value === "number") expect(Math.abs(Number(got[index]) - value)).toBeLessThanOrEqual(wanted?.tolerance ?? 0);
        else expect(got[index]).toBe(value);
      }
    }
  }
  expect(names.size).toBe(1);
  return [...names][0] ?? "";
}

beforeAll(async () => {
  // Both versions answer the same golden inputs: whichever serves after a cut is checked against its own outputs.
  expect(GOLDEN["1.0.0"]?.map(({ request }) => request)).toEqual(GOLDEN["1.1.0"]?.map(({ request }) => request));
  stage = await deviceStage();
  control = await serveRoutes(stage.app);
  directory = await makeDataDirectory();
  const { code } = await stage.app.edge.createDeviceCode(stage.engineer, { endpoint: "ward" });
  device = await start(control.url, { SLIPWAY_DEVICE_CODE: code });
  await until("The first version", async () => (await slots()).version === "1.0.0" && (await slots()).phase === "steady");
  await device.stop();
  before = await makeDataDirectory();
  await cp(directory, before, { recursive: true });
  const second = await testPerson(stage.app, "Ida Holm", ["ml_lead"]);
  const { number } = await stage.app.edge.startDeviceUpdate(stage.engineer, { endpoint: "ward", version: "1.1.0", reason: "Better on small lesions." });
  for (let ring = 0; ring < 4; ring += 1) await stage.app.edge.advanceDeviceUpdate(second, { endpoint: "ward", number, reason: "The ring before did well." });
});
afterAll(async () => {
  await device?.kill9();
  await control.close();
  await stage.close();
  await removeDataDirectory(directory);
  await removeDataDirectory(before);
});

it(`has a verified version that works after each of ${CUTS} power cuts at random moments of an update (seed ${SEED})`, async () => {
  const next = random(SEED);
  const again = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true });
    await cp(before, directory, { recursive: true });
  };
  // How long an update takes here, so that the cuts fall all over it.
  await again();
  device = await start(control.url);
  const beganMs = performance.now();
  await until("The update", async () => (await slots()).version === "1.1.0" && (await slots()).phase === "steady");
  const updateMs = performance.now() - beganMs;
  await device.kill9();
  const found: Record<string, number> = {};
  for (let cut = 0; cut < CUTS; cut += 1) {
    await again();
    device = await start(control.url);
    await delay(next() * updateMs * 1.1);
    await device.kill9();
    const { version, phase } = await slots();
    // Nobody to ask: what works now works from the disk alone.
    device = await start("http://127.0.0.1:9");
    await until("A version that works", isReady);
    const works = await versionThatWorks();
    expect(["1.0.0", "1.1.0"]).toContain(works);
    const key = `cut while ${version ?? "nothing"} was ${phase}: ${works} works`;
    found[key] = (found[key] ?? 0) + 1;
    await device.kill9();
  }
  // Once the line is back, the last of them finishes the update.
  device = await start(control.url);
  await until("The update after the cuts", async () => (await slots()).version === "1.1.0" && (await slots()).phase === "steady" && (await isReady()));
  expect(await versionThatWorks()).toBe("1.1.0");
  expect(Object.values(found).reduce((sum, count) => sum + count, 0)).toBe(CUTS);
  process.stdout.write(`${JSON.stringify(found)}\n`);
}, 1_800_000);
