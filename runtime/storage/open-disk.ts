import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "pino";
import type { RuntimeSettings } from "../env.ts";
import { openCountSpool, type CountSpool } from "../edge/count-spool.ts";
import type { BurntRecord } from "../router/endpoint-state.ts";
import { createBurntWriter, readOrPutAside, type BurntWriter } from "../state-keeper.ts";
import { openArtifactStore, type ArtifactStore } from "../versions/artifact-store.ts";
import { openHostRecords, type HostRecords } from "./host-records.ts";
import { takeInstanceLock } from "./instance-lock.ts";
import { createStateSeal, type StateSeal } from "./seal-state.ts";
import { readBurntEpochs } from "./state-file.ts";
import { openWindowSpool, type WindowSpool } from "./window-spool.ts";

/** What lies in the runtime's own directory. */
export type Disk = {
  readonly at: (name: string) => string;
  readonly unlock: () => Promise<void>;
  readonly hosts: HostRecords;
  readonly store: ArtifactStore;
  readonly spool: WindowSpool;
  /** The same for a device, which hands its counts in itself; null for every other role. */
  readonly counts: CountSpool | null;
  readonly burnt: ReadonlyMap<string, BurntRecord>;
  readonly burntWriter: BurntWriter;
  readonly seal: StateSeal | null;
};

/** Opens it all, once this process is the only one there. Throws `LockedError`. */
export async function openDisk({ role, directory, spoolBytes, token }: RuntimeSettings, log: Logger): Promise<Disk> {
  const at = (name: string) => path.join(directory, name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = await takeInstanceLock(at("lock"));
  const burntFile = at("burnt.json");
  const counts = role === "edge" ? await openCountSpool(at("spool"), spoolBytes) : null;
  return {
    at,
    unlock,
    hosts: await openHostRecords(at("hosts")),
    store: await openArtifactStore(at("versions")),
    spool: counts ?? (await openWindowSpool(at("spool"), spoolBytes)),
    counts,
    burnt: await readOrPutAside(burntFile, readBurntEpochs, new Map<string, BurntRecord>(), log),
    burntWriter: createBurntWriter(burntFile, log),
    seal: token === null ? null : createStateSeal(token),
  };
}
