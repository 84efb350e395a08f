import { formatCount, formatNumber, formatWeight } from "#lib/client/format-number.ts";
import type { DeviceUpdateView } from "#lib/contracts/edge.ts";
import type { DeviceFleet, DeviceRow } from "#lib/contracts/views/devices-view.ts";
import { LAST_RING, RINGS_BP } from "#lib/domain/edge/rings.ts";

type Said = Pick<DeviceFleet, "total" | "silent" | "runs">;

const silence = (silent: number, total: number): string =>
  silent === 0 ? (total === 1 ? "it is not silent" : "none is silent") : `${formatNumber(silent)} ${silent === 1 ? "is" : "are"} silent`;

/** "3 devices: 2 run 1.1.0, 1 runs 1.0.0; 1 is silent." */
export function sayFleet({ total, silent, runs }: Said): string {
  if (total === 0) return "No device has joined yet.";
  const parts = runs.map(({ version, devices }) => `${formatNumber(devices)} ${devices === 1 ? "runs" : "run"} ${version ?? "nothing yet"}`);
  return `${formatCount(total, "device")}: ${parts.join(", ")}; ${silence(silent, total)}.`;
}

/** The same over all fleets, for the head of the page. */
export function sayFleets(fleets: readonly (Said & Pick<DeviceFleet, "endpoint">)[]): string {
  if (fleets.length === 0) return "Models that answer on the spot, with or without a network, and are told of new versions by signed orders.";
  return fleets.map((fleet) => `${fleet.endpoint}: ${sayFleet(fleet)}`).join(" ");
}

const UPDATE_STATUS = {
  rolling: { word: "Under way", shape: "running" },
  held: { word: "On hold", shape: "holding" },
  complete: { word: "Complete", shape: "passed" },
} as const satisfies Readonly<Record<DeviceUpdateView["state"], unknown>>;

export const updateStatus = ({ kind, state }: Pick<DeviceUpdateView, "kind" | "state">) =>
  kind === "rollback" ? ({ word: "Rolled back", shape: "rolled-back" } as const) : UPDATE_STATUS[state];

/** What the next step of an update is called. */
export function advanceLabel({ state, ring, version }: Pick<DeviceUpdateView, "state" | "ring" | "version">): string {
  if (state === "held") return "Let it go on";
  return ring === LAST_RING ? `Complete ${version}` : `Widen to ${formatWeight(RINGS_BP[ring + 1] ?? 0)}`;
}

/** Whether a ring has been reached by an update. */
export function ringStatus(ring: number, update: Pick<DeviceUpdateView, "state" | "ring">) {
  if (ring > update.ring) return { word: "Not reached", shape: "scheduled" } as const;
  return update.state === "held" ? ({ word: "On hold", shape: "holding" } as const) : ({ word: "Offered", shape: "live" } as const);
}

/** What became of the order that a device tried last. */
export function slotStatus({ outcome, isSilent, contactAt }: Pick<DeviceRow, "outcome" | "isSilent" | "contactAt">) {
  if (contactAt === null) return { word: "Never heard of", shape: "no-data" } as const;
  if (outcome === "refused") return { word: "Refused", shape: "failed" } as const;
  if (outcome === "reverted") return { word: "Went back", shape: "rolled-back" } as const;
  if (isSilent) return { word: "Silent", shape: "no-data" } as const;
  return outcome === "installed" ? ({ word: "Installed", shape: "passed" } as const) : ({ word: "Waiting", shape: "awaiting" } as const);
}
