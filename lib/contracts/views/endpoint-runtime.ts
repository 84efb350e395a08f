import { z } from "zod";
import { registerRuntimeRequest, runtimeAcks } from "#lib/contracts/runtime-protocol.ts";
import { endpointSignals, runtimeSignals } from "#lib/contracts/runtime-telemetry.ts";
import { count, instant } from "./view-parts.ts";

const ackedVersion = runtimeAcks.shape.versions.element;
const runningVersion = ackedVersion.shape.running.unwrap();

/** One version of the endpoint as one runtime has it. */
const loadedVersion = ackedVersion.pick({ state: true, hostRestarts: true, problem: true }).extend({
  versionName: z.string(),
  /** Null until it is loaded, and for versions that another server runs. */
  running: runningVersion.pick({ executionProvider: true, hosts: true, residentBytes: true, memoryLimitBytes: true, lockDifferences: true }).nullable(),
  quarantine: z.object({ at: instant, problem: z.string() }).nullable(),
});
export type LoadedVersion = z.output<typeof loadedVersion>;

/** One runtime as an endpoint sees it: what it routes by, what it has loaded, how busy it is, what it runs on. */
export const endpointRuntime = z.object({
  name: z.string(),
  httpUrl: z.string(),
  live: z.boolean(),
  lastSeenAt: instant,
  /** Epoch it routes by here; null when it has not said yet. */
  epoch: count.nullable(),
  appliedAt: instant.nullable(),
  slipwayVersion: z.string(),
  memoryBytes: count,
  /** Null: an older runtime that did not say. */
  environment: registerRuntimeRequest.shape.environment.unwrap().nullable(),
  /** Newest heartbeat that carried any; `here` is null where it said nothing of this endpoint. */
  signals: runtimeSignals
    .pick({ cpuShare: true, residentBytes: true, windowsLost: true })
    .extend({ at: instant, here: endpointSignals.omit({ endpointId: true }).nullable() })
    .nullable(),
  versions: z.array(loadedVersion),
});
export type EndpointRuntime = z.output<typeof endpointRuntime>;
