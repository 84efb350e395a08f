import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { CheckInResponse, DeviceReport } from "#lib/contracts/edge.ts";
import type { DesiredState } from "#lib/contracts/runtime-protocol.ts";
import { manifestRefusal } from "#lib/domain/edge/manifest.ts";
import { afterSlotEvent, spareSlot, type SlotEvent } from "#lib/domain/edge/slot-machine.ts";
import { DigestError, type ArtifactStore, type OpenArtifact } from "../versions/artifact-store.ts";
import type { VersionManager } from "../versions/version-manager.ts";
import type { Surroundings } from "../versions/load-version.ts";
import { readBins, writeBins } from "./bins-file.ts";
import type { CountSpool } from "./count-spool.ts";
import { RevokedError, type DeviceLine } from "./device-line.ts";
import { gateProblem } from "./gate.ts";
import { handInCounts } from "./hand-in-counts.ts";
import { openIdentity } from "./identity.ts";
import { readOrder } from "./read-order.ts";
import { activeSlot, desiredOf, readMemory, writeMemory, type DeviceMemory, type FilledSlot } from "./slot-file.ts";

export type EdgeAgentOptions = {
  readonly line: DeviceLine | null;
  readonly at: (name: string) => string;
  readonly name: string;
  readonly hardware: string;
  readonly code: string | null;
  /** Overrides how often the control plane wants to hear from this device. */
  readonly pollSeconds: number | null;
  readonly windowSeconds: number;
  readonly slipwayVersion: string;
  /** What was counted and not handed in yet. */
  readonly counts: CountSpool;
  readonly store: ArtifactStore;
  readonly surroundings: Surroundings;
  readonly onHostSpawn: (pid: number) => void;
  readonly log: Logger;
};

/** How what serves follows the slots. */
export type EdgeServing = { readonly apply: (state: DesiredState) => Promise<void>; readonly acks: VersionManager["acks"] };

/** A device: serves from its slots, asks for orders when it can reach the control plane, and never gives up the version that works for one that does not. */
export type EdgeAgent = {
  /** Files that turn out to be damaged are fetched again, once there is a line. */
  readonly openArtifact: OpenArtifact;
  /** The time that windows are counted by. Unix milliseconds. */
  readonly countingMs: () => number;
  /** Serves from disk at once, then begins to ask. */
  begin(serving: EdgeServing): Promise<void>;
  /** Some version's state changed. */
  changed(): void;
  stop(): Promise<void>;
};

const DEFAULT_POLL_SECONDS = 60;
const REPORTS_A_START = 16_777_216;
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);

export async function createEdgeAgent(options: EdgeAgentOptions): Promise<EdgeAgent> {
  const { line, at, store, log } = options;
  const file = at("slots.json");
  let identity = await openIdentity(at("device.json"));
  const read = await readMemory(file);
  let memory: DeviceMemory = { ...read, starts: read.starts + 1 };
  let bins = await readBins(at("bins.json"));
  let reports = 0;
  let serving: EdgeServing | null = null;
  let loop: Promise<void> | null = null;
  let wake: () => void = () => undefined;
  const abort = new AbortController();
  const { signal } = abort;

  const keep = async (next: DeviceMemory): Promise<void> => {
    await writeMemory(file, next);
    memory = next;
  };
  /** The bins of the version that serves; those of another say nothing of it. */
  const binsNow = () => (bins !== null && bins.versionId === activeSlot(memory)?.version.versionId ? bins : null);
  const wanted = (): DesiredState => desiredOf(memory, new Date().toISOString(), { windowSeconds: options.windowSeconds, baseline: binsNow() });
  /** One step of the slot machine: on disk first, then in what serves. */
  const step = async (event: SlotEvent, also: Partial<DeviceMemory> = {}): Promise<void> => {
    const before = memory.state;
    const state = afterSlotEvent(before, event);
    await keep({ ...memory, ...also, state });
    if (state.epoch !== before.epoch) await serving?.apply(wanted());
  };
  /** Waits until the version that was switched to answers or cannot, and settles the trial. */
  const settleTrial = async (): Promise<void> => {
    while (memory.state.phase === "trial" && !signal.aborted) {
      const active = activeSlot(memory);
      const ack = serving?.acks().find(({ versionId }) => versionId === active?.version.versionId);
      // A trial names the slot that it switched to; a file without one was not written here.
      if (active === null) await step({ kind: "failed" });
      else if (ack?.state === "ready") {
        const { number } = active.manifest;
        await step({ kind: "confirmed" }, { tried: { number, outcome: "installed", problem: null } });
        log.info({ manifest: number, version: active.version.versionName }, "Version installed");
      } else if (ack?.state === "failed") {
        const problem = (ack.problem ?? "The version could not be loaded.").slice(0, 500);
        await step({ kind: "failed" }, { tried: { number: active.manifest.number, outcome: "reverted", problem } });
        log.error({ manifest: active.manifest.number, problem }, "The new version failed; the version before serves again");
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  };
  const refuse = async ({ manifest }: FilledSlot, problem: string): Promise<void> => {
    log.error({ manifest: manifest.number, problem }, "An order was not followed; what serves stays");
    const highestNumber = Math.max(memory.highestNumber, manifest.number);
    await keep({ ...memory, highestNumber, tried: { number: manifest.number, outcome: "refused", problem: problem.slice(0, 500) } });
  };
  /** Downloads, proves and switches to what an order names. Trouble with the network ends in an error, and the next round goes on where this one stopped. */
  const follow = async (order: FilledSlot): Promise<void> => {
    const { manifest, version } = order;
    const slot = spareSlot(memory.state);
    const { joined } = identity;
    if (slot === null || joined === null) return;
    const refusal = manifestRefusal(manifest, {
      endpointId: joined.endpointId,
      hardware: options.hardware,
      highestNumber: memory.highestNumber,
      floorOrdinal: memory.floorOrdinal,
      servingOrdinal: activeSlot(memory)?.manifest.versionOrdinal ?? null,
      nowMs: line?.nowMs() ?? Date.now(),
    });
    if (refusal !== null) return refuse(order, refusal);
    log.info({ manifest: manifest.number, version: version.versionName }, "Downloading what the order names");
    const directory = await store.ensure(version, openArtifact, signal);
    const problem = await gateProblem(version, directory, options.surroundings, options.onHostSpawn);
    signal.throwIfAborted();
    if (problem !== null) return refuse(order, problem);
    const floorOrdinal = Math.max(memory.floorOrdinal, manifest.floorOrdinal);
    await step({ kind: "passed_gate", number: manifest.number }, { [slot]: order, highestNumber: manifest.number, floorOrdinal });
    await settleTrial();
  };
  const openArtifact: OpenArtifact = (digest, offset) =>
    line === null || identity.joined === null ? Promise.reject(new Error("There is no control plane to download from.")) : line.openArtifact(identity)(digest, offset);

  const reportNow = (): DeviceReport => {
    const active = activeSlot(memory);
    const isServing = active !== null && memory.state.phase === "steady";
    return {
      seq: memory.starts * REPORTS_A_START + (reports += 1),
      slipwayVersion: options.slipwayVersion,
      serving: isServing ? { number: active.manifest.number, versionId: active.version.versionId } : null,
      tried: memory.tried,
      binsHash: binsNow()?.binsHash ?? null,
    };
  };
  const checkIn = async (to: DeviceLine): Promise<CheckInResponse> => {
    const answer = await to.checkIn(identity, reportNow());
    if (answer.baseline === undefined) return answer;
    bins = answer.baseline;
    await writeBins(at("bins.json"), bins);
    await serving?.apply(wanted());
    return answer;
  };
  /** One contact; answers in how many seconds the next is due. What happened is told at once. */
  const round = async (to: DeviceLine): Promise<number> => {
    if (identity.joined === null) {
      if (options.code === null) throw new Error("This device has not joined: give it a code in SLIPWAY_DEVICE_CODE.");
      const { code, name, hardware } = options;
      identity = await identity.keep(await to.enrol(identity, { code, name, hardware }), code);
      log.info({ deviceId: identity.joined?.deviceId }, "Device joined");
    }
    const answer = await checkIn(to);
    const { joined } = identity;
    if (answer.order === null || joined === null) {
      await handInCounts(to, identity, options.counts, log);
      return answer.pollSeconds;
    }
    await follow(readOrder(answer.order, joined.verifierKey));
    const { pollSeconds } = await checkIn(to);
    await handInCounts(to, identity, options.counts, log);
    return pollSeconds;
  };
  /** A revoked device that was given another code joins anew, by another key. */
  const joinAnew = async (): Promise<void> => {
    const { code } = options;
    if (code === null || identity.joinedWith(code)) return;
    identity = await identity.renew();
    log.info("This device was revoked; it joins again with the new code and a new key");
  };
  const ask = async (to: DeviceLine): Promise<void> => {
    await settleTrial();
    while (!signal.aborted) {
      let waitSeconds = DEFAULT_POLL_SECONDS;
      try {
        waitSeconds = await round(to);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RevokedError) await joinAnew();
        const isDamaged = error instanceof DigestError;
        log.warn({ problem: textOf(error), isDamaged }, "The control plane could not be followed; this device serves what it has");
      }
      // Devices that come back together must not ask together.
      const seconds = (options.pollSeconds ?? waitSeconds) * (0.75 + Math.random() / 2);
      await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    openArtifact,
    countingMs: line?.countingMs ?? Date.now,
    changed: () => wake(),
    async begin(given) {
      const state = afterSlotEvent(memory.state, { kind: "started" });
      const trial = memory.state.phase === "trial" ? activeSlot(memory) : null;
      const isCutOff = trial !== null && state.phase !== "trial";
      const tried = isCutOff ? ({ number: trial.manifest.number, outcome: "reverted", problem: "It was cut off by restarts before it answered." } as const) : memory.tried;
      await keep({ ...memory, state, tried });
      serving = given;
      await given.apply(wanted());
      loop = line === null ? settleTrial() : ask(line);
      loop.catch((error: unknown) => log.error({ err: error }, "The device no longer asks for orders"));
    },
    async stop() {
      abort.abort();
      line?.close();
      wake();
      await loop?.catch(() => undefined);
    },
  };
}
