import { rename } from "node:fs/promises";
import type { Logger } from "pino";
import type { DesiredState } from "#lib/contracts/runtime-protocol.ts";
import type { BurntRecord } from "./router/endpoint-state.ts";
import type { PinPolicy } from "./inference/pin-policy.ts";
import type { Router } from "./router/router.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { StateSeal } from "./storage/seal-state.ts";
import { StateFileError, writeBurntEpochs, writeDesiredState, type SavedState } from "./storage/state-file.ts";
import type { ArtifactStore } from "./versions/artifact-store.ts";
import type { VersionManager } from "./versions/version-manager.ts";

/** Applies desired states and keeps the last one on disk. */
export type StateKeeper = {
  apply(state: DesiredState): Promise<void>;
  /** Serves what was found on disk. It is written anew only where its form is an earlier one: what cannot be opened now stays there. */
  resume(saved: SavedState): Promise<void>;
  /** Revision of the last state that is both applied and on disk; 0 before the first. */
  readonly revision: number;
  readonly isKnown: boolean;
};

export type StateKeeperOptions = {
  readonly file: string;
  /** Null without a token: credentials of other servers are then not kept on disk. */
  readonly seal: StateSeal | null;
  readonly router: Router;
  readonly versions: VersionManager;
  readonly store: ArtifactStore;
  readonly telemetry: Pick<Telemetry, "setBaselines">;
  readonly pins: Pick<PinPolicy, "setTokens">;
  readonly onChange: () => void;
  /** Streams to run, after the tables they are answered by. */
  readonly onStreams: (streams: NonNullable<DesiredState["streams"]>) => void;
};

export function createStateKeeper(options: StateKeeperOptions): StateKeeper {
  const { file, seal, router, versions, store, telemetry, pins, onChange, onStreams } = options;
  let revision = 0;
  let isKnown = false;
  const take = ({ endpoints, versions: wanted, baselines, pinTokens, streams }: DesiredState): void => {
    // Before the tables: the windows that they open count by these bins.
    telemetry.setBaselines(baselines ?? []);
    pins.setTokens(pinTokens ?? []);
    const stable = new Set(
      endpoints.flatMap(({ arms }) =>
        arms.filter(({ arm }) => arm === "stable").map(({ versionId }) => versionId),
      ),
    );
    // Weights first: taking them away must not wait for anything. Then loading, what serves everybody before the rest.
    router.setDesired(endpoints);
    versions.want(
      [...wanted].sort((a, b) => Number(stable.has(b.versionId)) - Number(stable.has(a.versionId))),
    );
    versions.retireUnused(router.isInUse, router.isPoolInUse);
    onStreams(streams ?? []);
    isKnown = true;
  };
  const apply = async (state: DesiredState, keep: () => Promise<void>): Promise<void> => {
    take(state);
    await keep();
    // Acknowledged only now: an acknowledged revision survives a power cut.
    revision = state.revision;
    onChange();
    await store.prune(new Set(state.versions.map(({ digest }) => digest)));
  };
  return {
    apply: (state) => apply(state, () => writeDesiredState(file, state, seal)),
    resume: ({ state, isOldForm }) =>
      apply(state, async () => {
        if (isOldForm && seal !== null) await writeDesiredState(file, state, seal);
      }),
    get revision() {
      return revision;
    },
    get isKnown() {
      return isKnown;
    },
  };
}

/** Reads a file of ours; one that cannot be understood is put aside, named in the log, and counts as absent. */
export async function readOrPutAside<T>(
  file: string,
  read: (file: string) => Promise<T>,
  otherwise: T,
  log: Logger,
): Promise<T> {
  try {
    return await read(file);
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    log.error({ problem: error.message }, "A state file is put aside");
    await rename(file, `${file}.unreadable-${Date.now()}`);
    return otherwise;
  }
}

/** Writes burnt epochs to disk, one after the other. */
export type BurntWriter = {
  save(burnt: ReadonlyMap<string, BurntRecord>): void;
  settled(): Promise<void>;
};

export function createBurntWriter(file: string, log: Logger): BurntWriter {
  let last: Promise<void> = Promise.resolve();
  return {
    save(burnt) {
      const copy = new Map(burnt);
      last = last
        .then(() => writeBurntEpochs(file, copy))
        .catch((error: unknown) =>
          log.error({ err: error }, "Burnt epochs could not be written to disk"),
        );
    },
    settled: () => last,
  };
}
