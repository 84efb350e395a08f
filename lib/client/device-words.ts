import { formatCount, formatNumber, formatWeight } from "#lib/client/format-number.ts";
import type { DeviceUpdateView } from "#lib/contracts/edge.ts";
import type { DeviceFleet, DeviceRow } from "#lib/contracts/views/devices-view.ts";
import { LAST_RING, RINGS_BP } from "#lib/domain/edge/rings.ts";

type Said = Pick<DeviceFleet, "total" | "silent" | "runs">;

const silence = (silent: number, total: number): string =>
  silent === 0 ? (total === 1 ? "it was heard of lately" : "all were heard of lately") : `${formatNumber(silent)} ${silent === 1 ? "is" : "are"} silent`;

/** "3 devices: 2 run 1.1.0, 1 runs 1.0.0; 1 is silent.", or "3 devices run 1.1.0; all were heard of lately." */
export function sayFleet({ total, silent, runs, revoked = 0 }: Said & { readonly revoked?: number }): string {
  if (total === 0) return revoked === 0 ? "No device has joined yet." : `No device is left; ${formatNumber(revoked)} ${revoked === 1 ? "was" : "were"} revoked.`;
  const parts = runs.map(({ version, devices }) => ({ count: devices, run: `${devices === 1 ? "runs" : "run"} ${version ?? "nothing yet"}` }));
  const who = formatCount(total, "device");
  const what = parts.length === 1 ? `${who} ${parts[0]?.run ?? ""}` : `${who}: ${parts.map(({ count, run }) => `${formatNumber(count)} ${run}`).join(", ")}`;
  const gone = revoked === 0 ? "" : ` ${formatNumber(revoked)} more ${revoked === 1 ? "was" : "were"} revoked.`;
  return `${what}; ${silence(silent, total)}.${gone}`;
}

/** All fleets together, for the head of the page; what each runs stands at the fleet. */
export function sayFleets(fleets: readonly Pick<DeviceFleet, "total" | "silent">[]): string {
  if (fleets.length === 0) return "Models that answer on the spot, with or without a network, and are told of new versions by signed orders.";
  const sum = (field: "total" | "silent"): number => fleets.reduce((all, fleet) => all + fleet[field], 0);
  const total = sum("total");
  const where = formatCount(fleets.length, "endpoint");
  return total === 0 ? `${where} on devices; no device is joined.` : `${formatCount(total, "device")} on ${where}; ${silence(sum("silent"), total)}.`;
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
export function slotStatus({ outcome, isSilent, contactAt, revokedAt }: Pick<DeviceRow, "outcome" | "isSilent" | "contactAt" | "revokedAt">) {
  if (revokedAt !== null) return { word: "Revoked", shape: "rolled-back" } as const;
  if (contactAt === null) return { word: "Never heard of", shape: "no-data" } as const;
  if (outcome === "refused") return { word: "Refused", shape: "failed" } as const;
  if (outcome === "reverted") return { word: "Went back", shape: "rolled-back" } as const;
  if (isSilent) return { word: "Silent", shape: "no-data" } as const;
  return outcome === "installed" ? ({ word: "Installed", shape: "passed" } as const) : ({ word: "Waiting", shape: "awaiting" } as const);
}
