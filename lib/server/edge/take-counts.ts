import { createHash } from "node:crypto";
import { deviceCounts, type DeviceCounts, type DeviceCountsResponse } from "#lib/contracts/edge.ts";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { DeviceRecord } from "../db/device-repository.ts";
import type { Store } from "../store.ts";

/** By so much a device's clock may be ahead, or behind the moment it joined, before what it counted is of a time that cannot be. */
const CLOCK_LEEWAY_MS = 600_000;

function parseBatch(text: string): DeviceCounts {
  try {
    return deviceCounts.parse(JSON.parse(text));
  } catch {
    throw new AppError("invalid_input", "The batch cannot be read.", { errors: [{ pointer: "/batch", message: "Not a batch of counts." }] });
  }
}

/** A process start as it is known here: of this device alone, so that none can speak for another's. */
function bootOf(device: DeviceRecord, bootId: string): string {
  const hex = createHash("sha256").update(`${device.id} ${bootId}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}

const predictionsOf = (windows: readonly WindowReport[]): number => windows.reduce((sum, { requests }) => sum + requests, 0);

/** Counts a batch of a device's windows, once. They may be weeks old; they are of its own endpoint and of versions that its devices were told to run. */
export async function takeCounts(store: Store, device: DeviceRecord, text: string): Promise<DeviceCountsResponse> {
  const { number, bootId, windows, lostPredictions } = parseBatch(text);
  const refuse = (message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer: "/batch", message }] });
  if (windows.some(({ endpointId }) => endpointId !== device.endpointId)) throw refuse("A device counts for its own endpoint only.");
  const offered = new Set((await store.read((db) => db.devices.manifestsOf(device.endpointId))).map(({ versionId }) => versionId));
  if (windows.some(({ versionId, arm }) => !offered.has(versionId) || (arm !== "stable" && arm !== "previous")))
    throw refuse("A device counts for versions that devices of its endpoint were told to run.");
  return store.telemetry(async ({ deviceCounts: counts, windows: kept }, now, publish) => {
    const [fromMs, toMs] = [device.enrolledAt.getTime() - CLOCK_LEEWAY_MS, now.getTime() + CLOCK_LEEWAY_MS];
    const isDated = ({ windowStart, windowSeconds }: WindowReport): boolean => Date.parse(windowStart) + windowSeconds * 1000 >= fromMs && Date.parse(windowStart) <= toMs;
    const dated = windows.filter(isDated);
    const undated = predictionsOf(windows) - predictionsOf(dated);
    const isNew = await counts.takeBatch(device, { number, lost: lostPredictions, undated });
    if (!isNew) return { isNew, accepted: 0, undated: 0 };
    const accepted = await kept.saveWindows(
      device.id,
      bootOf(device, bootId),
      dated.map((window) => ({ ...window, releaseId: null })),
      now,
    );
    if (accepted > 0) await publish([`windows:${device.endpointId}`]);
    return { isNew, accepted, undated: windows.length - dated.length };
  });
}
