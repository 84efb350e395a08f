import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stagingPolicy } from "#lib/contracts/environment-policy.ts";
import type { DevicesView } from "#lib/contracts/edge.ts";
import type { Actor } from "#lib/server/ports.ts";
import { testApp, testPerson, type TestApp } from "#lib/server/test-app.ts";
import { makeDataDirectory, removeDataDirectory, startRuntime, type RuntimeProcess } from "../../runtime/testing/runtime-process.ts";
import { serveRoutes } from "./http-routes.fixture.ts";

const MODEL = "tumour-triage";
const at = (file: string): URL => new URL(`../../examples/${MODEL}/${file}`, import.meta.url);

type Golden = { request: unknown; response: { outputs: { data: unknown[] }[] } }[];
const GOLDEN = JSON.parse(readFileSync(at("1.1.0/golden.json"), "utf8")) as Golden;

/** Golden outputs that the model does not give. */
const wrong = (golden: Golden): Golden =>
  golden.map(({ response, ...rest }) => ({
    ...rest,
    response: { ...response, outputs: response.outputs.map((output) => ({ ...output, data: output.data.map((value) => (typeof value === "number" ? value + 1 : value)) })) },
  }));

describe("a device", () => {
  let stage: TestApp;
  let engineer: Actor;
  let lead: Actor;
  let control: Awaited<ReturnType<typeof serveRoutes>>;
  let directory: string;
  let device: RuntimeProcess;
  let code: string;

  async function register(version: string, files: string, golden: string): Promise<void> {
    const form = new FormData();
    form.set("version", version);
    form.set("model", new Blob([readFileSync(at(`${files}/model.onnx`))]), "model.onnx");
    form.set("golden", golden);
    form.set("baseline", readFileSync(at(`${files}/baseline.json`), "utf8"));
    const { headers, body } = new Response(form);
    await stage.app.registerUploaded(engineer, MODEL, { contentType: headers.get("content-type"), contentLength: null, body });
  }

  const start = (more: Record<string, string> = {}): Promise<RuntimeProcess> =>
    startRuntime(directory, null, { SLIPWAY_RUNTIME_ROLE: "edge", SLIPWAY_CONTROL_URL: control.url, SLIPWAY_DEVICE_POLL_SECONDS: "1", SLIPWAY_DEVICE_WINDOW_SECONDS: "2", ...more });
  const fleet = (): Promise<DevicesView> => stage.app.edge.readDevices(lead, { endpoint: "ward" });
  async function until(what: string, holds: (view: DevicesView) => boolean): Promise<DevicesView> {
    const deadlineMs = performance.now() + 45_000;
    for (;;) {
      const view = await fleet();
      if (holds(view)) return view;
      if (performance.now() > deadlineMs) throw new Error(`${what} did not come about: ${JSON.stringify(view)}\n${device.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const runs = (version: string) => (view: DevicesView) => view.devices[0]?.version === version;
  /** The version that answers a request on the device's own port. */
  async function answering(): Promise<string | null> {
    const response = await fetch(`${device.url}/v2/models/ward/infer`, { method: "POST", body: JSON.stringify(GOLDEN[0]?.request) });
    expect(response.status).toBe(200);
    return response.headers.get("slipway-version");
  }
  async function untilReady(): Promise<void> {
    const deadlineMs = performance.now() + 20_000;
    while ((await fetch(`${device.url}/v2/models/ward/ready`)).status !== 200 && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  /** Predictions that the control plane counted, and how many rows of them by bins. */
  async function counted(): Promise<{ requests: number; rows: number }> {
    const { id } = await stage.app.store.read(async (db) => db.endpoints.getEndpoint({ name: "ward" }));
    const found = await stage.app.store.read((db) => db.rollups.stretches({ endpointId: id, grainSeconds: 10, from: new Date(Date.now() - 3_600_000), to: new Date() }));
    return {
      requests: found.reduce((sum, { period }) => sum + period.requests, 0),
      rows: found.reduce((sum, { period }) => sum + period.binned.reduce((rows, one) => rows + one.rows, 0), 0),
    };
  }
  /** Widens an update ring by ring until it ends or stops. */
  async function widen(number: number): Promise<string> {
    for (;;) {
      const state = (await fleet()).updates.find((update) => update.number === number);
      if (state?.state !== "rolling") return state?.state ?? "missing";
      if (state.ring === 4) return state.state;
      await stage.app.edge.advanceDeviceUpdate(lead, { endpoint: "ward", number, reason: "The ring before did well." }).catch((error: unknown) => {
        if (!(error instanceof Error) || !/changed by somebody else/.test(error.message)) throw error;
      });
    }
  }

  beforeAll(async () => {
    stage = await testApp();
    const { app } = stage;
    engineer = await testPerson(app, "Priya Nair", ["engineer"]);
    lead = await testPerson(app, "Maren Okafor", ["ml_lead"]);
    const admin = await testPerson(app, "Oskar Lind", ["admin"]);
    await app.registry.createEnvironment(admin, { name: "clinic", policy: { ...stagingPolicy, approvalsRequired: 1, requiredEvidence: ["artifact_inspected"] } });
    await app.registry.createModel(engineer, { name: MODEL, intendedUse: "Sorts scans on the ward.", riskTier: "low" });
    await register("1.0.0", "1.0.0", readFileSync(at("1.0.0/golden.json"), "utf8"));
    await register("1.1.0", "1.1.0", readFileSync(at("1.1.0/golden.json"), "utf8"));
    await register("9.0.0", "2.0.0", JSON.stringify(wrong(JSON.parse(readFileSync(at("2.0.0/golden.json"), "utf8")) as Golden)));
    await app.registry.createEndpoint(lead, { name: "ward", environment: "clinic", model: MODEL, version: "1.0.0", pattern: "edge" });
    control = await serveRoutes(app);
    directory = await makeDataDirectory();
    ({ code } = await app.edge.createDeviceCode(engineer, { endpoint: "ward" }));
    device = await start({ SLIPWAY_DEVICE_CODE: code });
  });
  afterAll(async () => {
    await device.stop();
    await control.close();
    await stage.close();
    await removeDataDirectory(directory);
  });

  it("joins with a one-time code and serves the endpoint's version; the code is then worth nothing", async () => {
    const { devices } = await until("The first version", runs("1.0.0"));
    expect(devices).toMatchObject([{ name: "under-test", outcome: "installed", manifestNumber: 1 }]);
    expect(await answering()).toBe("1.0.0");
    const other = await makeDataDirectory();
    const second = await startRuntime(other, null, { SLIPWAY_RUNTIME_ROLE: "edge", SLIPWAY_CONTROL_URL: control.url, SLIPWAY_DEVICE_POLL_SECONDS: "1", SLIPWAY_DEVICE_CODE: code });
    const deadlineMs = performance.now() + 20_000;
    while (!second.log().includes("unknown, used or expired") && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(second.log()).toContain("unknown, used or expired");
    await second.stop();
    await removeDataDirectory(other);
    expect((await fleet()).devices).toHaveLength(1);
  });

  it("installs an update once a second person has let it reach its ring", async () => {
    const { number } = await stage.app.edge.startDeviceUpdate(lead, { endpoint: "ward", version: "1.1.0", reason: "Better on small lesions." });
    const advance = { endpoint: "ward", number, reason: "Looked at the evidence." };
    await expect(stage.app.edge.advanceDeviceUpdate(lead, advance)).rejects.toMatchObject({ code: "self_approval" });
    const second = await testPerson(stage.app, "Ida Holm", ["ml_lead"]);
    await stage.app.edge.advanceDeviceUpdate(second, advance);
    await widen(number);
    await until("The update", runs("1.1.0"));
    expect(await answering()).toBe("1.1.0");
    expect(await stage.app.edge.advanceDeviceUpdate(lead, advance)).toMatchObject({ state: "complete" });
    expect((await fleet()).version).toBe("1.1.0");
  });

  it("refuses a version whose golden inputs do not repeat, goes on with what it has, and the update stops by itself", async () => {
    const { number } = await stage.app.edge.startDeviceUpdate(engineer, { endpoint: "ward", version: "9.0.0", reason: "Said to be faster." });
    await widen(number);
    const view = await until("The stop", ({ updates }) => updates[0]?.state === "held");
    expect(view.devices[0]).toMatchObject({ version: "1.1.0", outcome: "refused", manifestNumber: 2 });
    expect(view.devices[0]?.problem).toMatch(/golden inputs repeated/);
    expect(view.updates[0]).toMatchObject({ installed: 0, failed: 1 });
    expect(await answering()).toBe("1.1.0");
  });

  it("goes back to the version before by one act of one person, by an order with a higher number", async () => {
    // The update that was stopped is not what devices run: the way back is from it to the version that is live everywhere.
    expect(await stage.app.edge.rollBackDevices(engineer, { endpoint: "ward", reason: "Nobody may try 9.0.0 again." })).toMatchObject({ number: 4, version: "1.1.0" });
    await until("The order to stay", ({ devices }) => devices[0]?.manifestNumber === 4);
    expect(await stage.app.edge.rollBackDevices(engineer, { endpoint: "ward", reason: "1.1.0 misreads old scans." })).toMatchObject({ number: 5, version: "1.0.0" });
    await until("The rollback", runs("1.0.0"));
    expect(await answering()).toBe("1.0.0");
    expect((await fleet()).version).toBe("1.0.0");
  });

  it("hands in what it counted while nobody could be reached, over power cuts, each prediction once and by the bins of its version", async () => {
    await device.stop();
    // The control plane is gone: nothing listens there.
    const gone = { SLIPWAY_CONTROL_URL: "http://127.0.0.1:9" };
    const before = await counted();
    const spooled = async (): Promise<number> => {
      const directory = path.join(device.directory, "spool");
      const texts = await Promise.all((await readdir(directory)).filter((name) => name.endsWith(".ndjson")).map((name) => readFile(path.join(directory, name), "utf8").catch(() => "")));
      return texts.flatMap((text) => text.split("\n").filter((line) => line.endsWith("}"))).reduce((sum, line) => sum + (JSON.parse(line) as { requests: number }).requests, 0);
    };
    // Its last windows before it was stopped wait there as well.
    const waiting = await spooled();
    let asked = 0;
    for (let cut = 0; cut < 3; cut += 1) {
      device = await start(gone);
      await untilReady();
      for (let n = 0; n < 5; n += 1) await answering();
      asked += 5;
      // What is on its disk survives; the window that is open would not.
      const deadlineMs = performance.now() + 20_000;
      while ((await spooled()) < waiting + asked && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await spooled()).toBe(waiting + asked);
      await device.kill9();
    }
    device = await start();
    await until("The counts", ({ devices }) => devices[0]?.countsAt !== null);
    const deadlineMs = performance.now() + 30_000;
    while ((await counted()).requests < before.requests + waiting + asked && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 100));
    const after = await counted();
    expect(after.requests).toBe(before.requests + waiting + asked);
    // What it counted just after it went back may be from before it had the bins of that version.
    expect([asked, waiting + asked]).toContain(after.rows - before.rows);
    expect((await fleet()).devices[0]).toMatchObject({ uncounted: 0 });
  });

  it("that is revoked is refused, serves on through a power cut, and joins again only with a new code, as another device", async () => {
    const [{ id } = { id: "" }] = (await fleet()).devices;
    await stage.app.edge.revokeDevice(engineer, { endpoint: "ward", device: "under-test", reason: "Lost on its way to the ward." });
    const said = async (text: string): Promise<void> => {
      const deadlineMs = performance.now() + 20_000;
      while (!device.log().includes(text) && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(device.log()).toContain(text);
    };
    await said("was revoked");
    const { contactAt } = (await fleet()).devices[0] ?? {};
    expect(await answering()).toBe("1.0.0");
    await device.kill9();
    // The code that it joined with once is no way back.
    device = await start({ SLIPWAY_DEVICE_CODE: code });
    await untilReady();
    await said("was revoked");
    expect(await answering()).toBe("1.0.0");
    expect((await fleet()).devices).toMatchObject([{ id, contactAt, revokedBy: "Priya Nair" }]);
    await device.stop();

    const again = await stage.app.edge.createDeviceCode(engineer, { endpoint: "ward" });
    device = await start({ SLIPWAY_DEVICE_CODE: again.code });
    const view = await until("The new device", ({ devices }) => devices.some((one) => one.revokedAt === null && one.version === "1.0.0"));
    expect(view.devices.filter((one) => one.id !== id)).toMatchObject([{ name: "under-test", revokedAt: null }]);
    await untilReady();
    expect(await answering()).toBe("1.0.0");
    const { events } = await stage.app.audit.list({ ...lead, roles: [{ role: "auditor", environmentId: null }] }, { limit: 200 });
    expect(events.filter(({ action }) => action === "device.revoked")).toMatchObject([{ reason: "Lost on its way to the ward." }]);
  });

  it("serves from its slots after a power cut with the control plane gone", async () => {
    await control.close();
    await device.kill9();
    device = await start();
    await untilReady();
    expect(await answering()).toBe("1.0.0");
  });
});
