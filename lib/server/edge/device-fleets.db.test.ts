import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stagingPolicy } from "#lib/contracts/environment-policy.ts";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import type { Actor } from "../ports.ts";
import { testApp, testPerson, type TestApp } from "../test-app.ts";

const MODEL = "tumour-triage";

describe("the page of devices, on a real database", () => {
  let stage: TestApp;
  let engineer: Actor;
  let lead: Actor;

  async function register(version: string): Promise<void> {
    const at = (file: string): URL => new URL(`../../../examples/${MODEL}/${version}/${file}`, import.meta.url);
    const form = new FormData();
    form.set("version", version);
    form.set("model", new Blob([readFileSync(at("model.onnx"))]), "model.onnx");
    form.set("golden", readFileSync(at("golden.json"), "utf8"));
    const { headers, body } = new Response(form);
    await stage.app.registerUploaded(engineer, MODEL, { contentType: headers.get("content-type"), contentLength: null, body });
  }
  async function join(name: string): Promise<void> {
    const { code } = await stage.app.edge.createDeviceCode(engineer, { endpoint: "ward" });
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const key = publicKey.export({ format: "der", type: "spki" }).toString("base64");
    const signature = sign(null, Buffer.from(code), privateKey).toString("base64");
    await stage.app.deviceDesk.enrol({ code, name, hardware: "linux-x64", publicKey: key, signature }, engineer.context);
  }
  async function fleetFor(actor: Actor): Promise<DeviceFleet> {
    const { fleets } = await stage.app.edge.readDeviceFleets(actor, {});
    expect(fleets).toHaveLength(1);
    return fleets[0]!;
  }

  beforeAll(async () => {
    stage = await testApp();
    const { app } = stage;
    engineer = await testPerson(app, "Priya Nair", ["engineer"]);
    lead = await testPerson(app, "Maren Okafor", ["ml_lead"]);
    const admin = await testPerson(app, "Oskar Lind", ["admin"]);
    await app.registry.createEnvironment(admin, { name: "clinic", policy: { ...stagingPolicy, approvalsRequired: 1, requiredEvidence: ["artifact_inspected"] } });
    await app.registry.createModel(engineer, { name: MODEL, intendedUse: "Sorts scans on the ward.", riskTier: "low" });
    await register("1.0.0");
    await register("1.1.0");
    await app.registry.createEndpoint(lead, { name: "ward", environment: "clinic", model: MODEL, version: "1.0.0", pattern: "edge" });
  });
  afterAll(() => stage.close());

  it("counts a device that never called as silent and running nothing, in the ring of its bucket", async () => {
    await join("ward-1");
    const fleet = await fleetFor(lead);
    expect(fleet).toMatchObject({ total: 1, silent: 1, version: "1.0.0", candidates: ["1.1.0"], versionBefore: null, runs: [{ version: null, devices: 1 }] });
    expect(fleet.devices[0]).toMatchObject({ name: "ward-1", isSilent: true });
    expect(fleet.rings.map(({ shareBp, following }) => [shareBp, following])).toEqual([[100, 0], [1000, 0], [5000, 0], [10_000, 0]]);
    expect(fleet.rings.find(({ devices }) => devices === 1)?.ring).toBe(fleet.devices[0]?.ring);
  });

  it("opens each act to whom the command lets through, and says why it is closed to the others", async () => {
    expect(await fleetFor(lead)).toMatchObject({ mayStart: { open: true }, mayAdvance: { open: false }, mayHold: { open: false }, mayRollBack: { open: false } });
    const { number } = await stage.app.edge.startDeviceUpdate(lead, { endpoint: "ward", version: "1.1.0", reason: "Better on small lesions." });
    const second = await testPerson(stage.app, "Ida Holm", ["ml_lead"]);
    expect((await fleetFor(lead)).mayAdvance).toEqual({ open: false, closedBecause: "Whoever proposed the update does not let it go to the first devices." });
    expect((await fleetFor(engineer)).mayAdvance.closedBecause).toContain("ML leads");
    expect(await fleetFor(second)).toMatchObject({ mayAdvance: { open: true }, mayHold: { open: true }, mayRollBack: { open: true }, versionBefore: "1.0.0", mayStart: { closedBecause: `Update ${number} is under way.` } });
    const viewer = await testPerson(stage.app, "Vera Lund", ["viewer"]);
    expect(await fleetFor(viewer)).toMatchObject({ mayAddDevice: { open: false }, mayHold: { open: false }, mayRollBack: { open: false } });
  });
});
