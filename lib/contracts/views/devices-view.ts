import { z } from "zod";
import { devicesView } from "#lib/contracts/edge.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/devices: the endpoints that are served on devices, each with its fleet, its orders and what this viewer may do. */

export const deviceRow = devicesView.shape.devices.element.extend({ isSilent: z.boolean(), ring: count });
export type DeviceRow = z.output<typeof deviceRow>;

export const deviceFleet = devicesView.extend({
  /** Those that have something to say first; not more than `DEVICES_SHOWN`. */
  devices: z.array(deviceRow),
  /** Revoked ones are in no number but this. */
  revoked: count,
  total: count,
  silent: count,
  /** How many devices said last that they run this version; null: nothing yet. Most first. */
  runs: z.array(z.object({ version: z.string().nullable(), devices: count })),
  /** The devices by the first ring that reaches them, and how many follow the newest order. */
  rings: z.array(z.object({ ring: count, shareBp: count, devices: count, following: count })),
  /** Versions of the model that an update could name. */
  candidates: z.array(z.string()),
  /** Where a rollback would lead; null: nowhere. */
  versionBefore: z.string().nullable(),
  mayAddDevice: openAct,
  mayRevoke: openAct,
  mayStart: openAct,
  mayAdvance: openAct,
  mayHold: openAct,
  mayRollBack: openAct,
});
export type DeviceFleet = z.output<typeof deviceFleet>;

export const deviceFleetsView = z.object({ asOf: instant, fleets: z.array(deviceFleet) });
export type DeviceFleetsView = z.output<typeof deviceFleetsView>;
