import type { Pool } from "../model-host/pool.ts";
import { cpuSeconds, residentBytes } from "../process-identity.ts";

export type Resources = { readonly frontCores: number | null; readonly hostCores: number | null; readonly peakMemoryBytes: number | null };

const LOOK_MS = 100;

/** Looks at what the front process and the model hosts of a pool use from now on, until it is asked. */
export function watchResources(pool: Pool): { end(): Resources } {
  const startMs = performance.now();
  const frontBefore = process.cpuUsage();
  /** First and last reading of each process: hosts come and go. */
  const byPid = new Map<number, { first: number; last: number }>();
  let peak = 0;
  const look = (): void => {
    for (const pid of pool.stats().pids) {
      peak = Math.max(peak, residentBytes(pid) ?? 0);
      const seconds = cpuSeconds(pid);
      if (seconds === null) continue;
      const known = byPid.get(pid);
      if (known === undefined) byPid.set(pid, { first: seconds, last: seconds });
      else known.last = seconds;
    }
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      look();
      const elapsedSeconds = (performance.now() - startMs) / 1000;
      const front = process.cpuUsage(frontBefore);
      const hosts = [...byPid.values()].reduce((sum, { first, last }) => sum + last - first, 0);
      return {
        frontCores: (front.user + front.system) / 1e6 / elapsedSeconds,
        hostCores: byPid.size === 0 ? null : hosts / elapsedSeconds,
        peakMemoryBytes: peak === 0 ? null : peak,
      };
    },
  };
}
