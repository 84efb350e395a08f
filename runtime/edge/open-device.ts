import type { Logger } from "pino";
import type { RuntimeSettings } from "../env.ts";
import { SLIPWAY_VERSION } from "../inference/describe.ts";
import type { HostRecords } from "../storage/host-records.ts";
import type { ArtifactStore } from "../versions/artifact-store.ts";
import type { Surroundings } from "../versions/load-version.ts";
import type { CountSpool } from "./count-spool.ts";
import { createDeviceLine } from "./device-line.ts";
import { createEdgeAgent, type EdgeAgent } from "./edge-agent.ts";

type DeviceDisk = { readonly at: (name: string) => string; readonly store: ArtifactStore; readonly hosts: HostRecords; readonly counts: CountSpool };

/** The device's own part: its key, its slots, its line to the control plane. */
export async function openDevice(settings: RuntimeSettings, { at, store, hosts, counts }: DeviceDisk, surroundings: Surroundings, log: Logger): Promise<EdgeAgent> {
  const { controlUrl, name, device } = settings;
  const line = controlUrl === null ? null : createDeviceLine(controlUrl);
  return createEdgeAgent({ ...device, name, line, at, slipwayVersion: SLIPWAY_VERSION, store, counts, surroundings, onHostSpawn: hosts.add, log });
}
