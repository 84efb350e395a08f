import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import type { Actor } from "../ports.ts";
import { testPerson } from "../test-app.ts";
import { deviceStage, type DeviceStage } from "./device-stage.fixture.ts";

describe("the page of devices, on a real database", () => {
  let stage: DeviceStage;
  let engineer: Actor;
  let lead: Actor;

  async function fleetFor(actor: Actor): Promise<DeviceFleet> {
    const { fleets } = await stage.app.edge.readDeviceFleets(actor, {});
    expect(fleets).toHaveLength(1);
    return fleets[0]!;
  }

  beforeAll(async () => {
    stage = await deviceStage();
    ({ engineer, lead } = stage);
  });
  afterAll(() => stage.close());

  it("counts a device that never called as silent and running nothing, in the ring of its bucket", async () => {
    await stage.join("ward-1");
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

  it("tells a device whose answer was lost again what it was told, and nobody else with a used code", async () => {
    const { deviceId, again } = await stage.join("ward-0");
    expect((await again()).deviceId).toBe(deviceId);
    await expect(again("ward-9")).rejects.toMatchObject({ code: "not_authenticated" });
    const { events } = await stage.app.audit.list({ ...lead, roles: [{ role: "auditor", environmentId: null }] }, { limit: 200 });
    expect(events.filter(({ action }) => action === "device.enrolled")).toHaveLength(2);
  });
});
