import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { joinWindows } from "#lib/contracts/window-period.ts";

const HOUR_MS = 3_600_000;

/** The same counts in fewer windows: those that fall into one hour, of one version, arm and epoch and by the same bins, become one. */
export function thinWindows(windows: readonly WindowReport[]): WindowReport[] {
  const groups = new Map<string, WindowReport[]>();
  for (const window of windows) {
    const { endpointId, versionId, arm, epoch, releaseId, windowStart, monitoring } = window;
    const hour = Math.floor(Date.parse(windowStart) / HOUR_MS);
    const key = [endpointId, versionId, arm, epoch, releaseId, hour, monitoring?.binsHash].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), window]);
  }
  return [...groups.values()].map(joinWindows);
}

/** Whether anything happened in a window: an idle device keeps none. */
export const isCounted = ({ requests, refused, labels, values, reasons }: WindowReport): boolean =>
  requests > 0 || refused > 0 || labels.received > 0 || (values?.received ?? 0) > 0 || (reasons ?? []).length > 0;
