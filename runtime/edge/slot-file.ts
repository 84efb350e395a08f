import { z } from "zod";
import { deviceReport, edgeManifest } from "#lib/contracts/edge.ts";
import { desiredVersion, type DesiredState } from "#lib/contracts/runtime-protocol.ts";
import type { MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { NO_SLOTS, type SlotName, type SlotState } from "#lib/domain/edge/slot-machine.ts";
import { readFileIfThere, replaceFile } from "../storage/durable-file.ts";

const filled = z.object({ manifest: edgeManifest, version: desiredVersion });
export type FilledSlot = z.output<typeof filled>;

const number = z.number().int();
const slotFile = z.object({
  format: z.literal(1),
  state: z.object({
    phase: z.enum(["empty", "steady", "trial"]),
    active: z.enum(["a", "b"]),
    a: number.nullable(),
    b: number.nullable(),
    trialStarts: number,
    epoch: number,
  }),
  a: filled.nullable(),
  b: filled.nullable(),
  /** Highest manifest number and highest floor ever accepted: neither is ever gone below again. */
  highestNumber: number,
  floorOrdinal: number,
  tried: deviceReport.shape.tried,
  /** Starts of the process; the high part of a report's number. */
  starts: number,
});

/** All that a device must still know after a power cut, in one file that is replaced as a whole. */
export type DeviceMemory = Omit<z.output<typeof slotFile>, "format" | "state"> & { readonly state: SlotState };

const NEW_DEVICE: DeviceMemory = { state: NO_SLOTS, a: null, b: null, highestNumber: 0, floorOrdinal: 1, tried: null, starts: 0 };

export async function readMemory(file: string): Promise<DeviceMemory> {
  const text = await readFileIfThere(file);
  return text === null ? NEW_DEVICE : slotFile.parse(JSON.parse(text));
}

export const writeMemory = (file: string, memory: DeviceMemory): Promise<void> => replaceFile(file, JSON.stringify({ format: 1, ...memory }));

/** What a slot holds, if the state counts it as filled. */
export function slotOf(memory: DeviceMemory, slot: SlotName): FilledSlot | null {
  const content = memory[slot];
  return content !== null && content.manifest.number === memory.state[slot] ? content : null;
}

export const activeSlot = (memory: DeviceMemory): FilledSlot | null => slotOf(memory, memory.state.active);

/** How a device counts what it answers: in windows of this length, and by these bins. */
export type Counting = { readonly windowSeconds: number; readonly baseline: MonitoringBaseline | null };

/** The same document that a served runtime gets from its control plane, from the slots alone: the active one answers, the other stays loaded as the way back. */
export function desiredOf(memory: DeviceMemory, now: string, counting: Counting): DesiredState {
  const active = activeSlot(memory);
  const other = slotOf(memory, memory.state.active === "a" ? "b" : "a");
  const back = other === null || other.version.versionId === active?.version.versionId ? [] : [other];
  const { epoch } = memory.state;
  const none = { revision: epoch, databaseTime: now, endpoints: [], versions: [], jobsWaiting: false, batchWaiting: false };
  if (active === null) return none;
  const { endpointId, endpoint, environment } = active.manifest;
  return {
    ...none,
    versions: [active, ...back].map(({ version }) => version),
    ...(counting.baseline === null ? {} : { baselines: [counting.baseline] }),
    endpoints: [
      {
        endpointId,
        name: endpoint,
        environment,
        epoch,
        salt: endpointId,
        releaseId: null,
        arms: [
          { versionId: active.version.versionId, arm: "stable", weightBp: 10_000 },
          ...back.map(({ version }) => ({ versionId: version.versionId, arm: "previous" as const, weightBp: 0 })),
        ],
        windowSeconds: counting.windowSeconds,
        latencyThresholdsUs: null,
        leaseSeconds: null,
      },
    ],
  };
}
