import { z } from "zod";
import type { DeviceFleet, DeviceFleetsView } from "#lib/contracts/views/devices-view.ts";
import type { OpenAct } from "#lib/contracts/views/registry-parts.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { firstRingOf, isSilent, RINGS_BP } from "#lib/domain/edge/rings.ts";
import type { DeviceManifestRecord } from "../db/device-repository.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { Actor, ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { actIn, BUILDERS, closed } from "../registry/views/open-acts.ts";
import { devicesOf } from "./read-devices.ts";
import { secondPersonMissing, versionBefore } from "./update-devices.ts";

const DEVICES_SHOWN = 200;

/** What this viewer may do with the newest order. */
async function actsOn(db: ReadModels, actor: Actor, endpoint: EndpointRecord, newest: DeviceManifestRecord, before: DeviceManifestRecord | undefined) {
  const { id } = endpoint.environment;
  const unless = (why: string | null, open: OpenAct): OpenAct => (open.open && why !== null ? closed(why) : open);
  const advance = newest.state === "complete" ? "No update is under way." : ((await secondPersonMissing(db, actor, newest, endpoint))?.message ?? null);
  return {
    mayAddDevice: actIn(actor, "device:manage", id, `${BUILDERS} and administrators`),
    mayRevoke: actIn(actor, "device:manage", id, `${BUILDERS} and administrators`),
    mayStart: unless(newest.state === "rolling" ? `Update ${newest.number} is under way.` : null, actIn(actor, "release:create", id, BUILDERS)),
    mayAdvance: unless(advance, actIn(actor, "release:advance", id, "ML leads")),
    mayHold: unless(newest.state === "rolling" ? null : "No update is under way.", actIn(actor, "release:hold", id, `${BUILDERS}, validators and administrators`)),
    mayRollBack: unless(before === undefined ? "There has been no other version to go back to." : null, actIn(actor, "release:rollback", id, `${BUILDERS} and administrators`)),
  };
}

/** How many devices run each version, most first. */
function tally(devices: readonly { readonly version: string | null }[]): DeviceFleet["runs"] {
  const counts = new Map<string | null, number>();
  for (const { version } of devices) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].map(([version, count]) => ({ version, devices: count })).sort((a, b) => b.devices - a.devices);
}

/** The devices by the first ring that reaches them. */
function ringsOf(devices: readonly { readonly ring: number; readonly manifestNumber: number | null }[], newest: number): DeviceFleet["rings"] {
  return RINGS_BP.flatMap((shareBp, ring) => {
    if (ring === 0) return [];
    const inside = devices.filter((device) => device.ring === ring);
    return [{ ring, shareBp, devices: inside.length, following: inside.filter(({ manifestNumber }) => manifestNumber === newest).length }];
  });
}

async function fleetOf(db: ReadModels, actor: Actor, endpoint: EndpointRecord, now: Date): Promise<DeviceFleet | null> {
  const manifests = await db.devices.manifestsOf(endpoint.id);
  const [newest] = manifests;
  if (newest === undefined) return null;
  const { devices, ...rest } = await devicesOf(db, endpoint);
  const rows = devices.map((device) => ({
    ...device,
    isSilent: isSilent(device.contactAt === null ? null : new Date(device.contactAt), now),
    ring: firstRingOf(device.bucket),
  }));
  const urgency = ({ problem, isSilent: silent, revokedAt }: (typeof rows)[number]): number => (revokedAt !== null ? 3 : problem !== null ? 0 : silent ? 1 : 2);
  const known = rows.filter(({ revokedAt }) => revokedAt === null);
  const before = versionBefore(manifests, newest);
  return {
    ...rest,
    devices: rows.toSorted((a, b) => urgency(a) - urgency(b)).slice(0, DEVICES_SHOWN),
    total: known.length,
    revoked: rows.length - known.length,
    silent: known.filter((row) => row.isSilent).length,
    runs: tally(known),
    rings: ringsOf(known, newest.number),
    candidates: (await db.models.listVersions(endpoint.modelId)).map(({ name }) => name).filter((name) => name !== rest.version),
    versionBefore: before === undefined ? null : (await db.models.getVersionById(before.versionId)).name,
    ...(await actsOn(db, actor, endpoint, newest, before)),
  };
}

/** Every fleet of the environments that this viewer may see. */
export const readDeviceFleets = query({
  name: "read-device-fleets",
  permission: "device:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<DeviceFleetsView> {
    const allowed = environmentsAllowed(actor, "device:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ pattern, environment }) => pattern === "edge" && (allowed === "all" || allowed.includes(environment.id)));
    const fleets: DeviceFleet[] = [];
    for (const endpoint of endpoints) {
      const fleet = await fleetOf(db, actor, endpoint, now);
      if (fleet !== null) fleets.push(fleet);
    }
    return { asOf: now.toISOString(), fleets };
  },
});
