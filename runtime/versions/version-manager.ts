import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DesiredVersion, RuntimeAcks } from "#lib/contracts/runtime-protocol.ts";
import type { Pool } from "../model-host/pool.ts";
import { DigestError, type ArtifactStore, type OpenArtifact } from "./artifact-store.ts";
import { bringUp, NO_FACTS, type LoadFacts } from "./bring-up.ts";
import { VersionProblem, type Surroundings } from "./load-version.ts";
import type { LoadedVersion } from "./loaded-version.ts";

type VersionAck = RuntimeAcks["versions"][number];

/**
 * `current` answers requests or will; `successor` is the same version being loaded by other settings beside the current one;
 * `replaced` gave way to its successor and ends when nothing is under way in it any more.
 */
type Place = "current" | "successor" | "replaced";

/** What was asked of this runtime for one version, and how far it got. */
type Entry = {
  readonly version: DesiredVersion;
  readonly abort: AbortController;
  place: Place;
  successor: Entry | null;
  state: VersionAck["state"];
  digestEqual: boolean;
  facts: LoadFacts;
  problem: string | null;
  pool: Pool | null;
  loaded: LoadedVersion | null;
  /** Its hosts ended so often that none is started again. */
  quarantine: { readonly at: string; readonly problem: string } | null;
  /** How often its quarantine was lifted, as far as this runtime has heard. */
  lifts: number;
};

export type VersionManagerOptions = {
  readonly store: ArtifactStore;
  readonly openArtifact: OpenArtifact;
  readonly surroundings: Surroundings;
  /** Overrides the number of hosts per version. */
  readonly hostCount: number | null;
  /** Whether rows of several requests may run as one batch where a model proves that it may. */
  readonly mayBatch: boolean;
  readonly onHostSpawn: (pid: number) => void;
  readonly log: Logger;
  /** A version's state changed: routing and acks may have to change with it. */
  readonly onChange: () => void;
  readonly onCrashLoop: (versionId: string, problem: string) => void;
  /** False for a version that serves an endpoint now: there is nothing safer to fall back to, so its hosts are started for ever. */
  readonly mayQuarantine: (versionId: string) => boolean;
  readonly onLoadFailed: (versionId: string, problem: string) => void;
};

/** Downloads, loads, warms and unloads versions in the background; says which can serve. */
export type VersionManager = {
  /** The versions this runtime should have. New ones begin to load, in this order; those that are gone end with `retireUnused`. */
  want(versions: readonly DesiredVersion[]): void;
  /** The version, if it is loaded and warm. */
  ready(versionId: string): LoadedVersion | null;
  /** Unloads versions that are not wanted and that `isInUse` no longer speaks for, and hosts that were replaced and answer nothing any more. */
  retireUnused(
    isInUse: (versionId: string) => boolean,
    isPoolInUse: (pool: Pool) => boolean,
  ): void;
  acks(): VersionAck[];
  pools(): { readonly version: DesiredVersion; readonly pool: Pool }[];
  close(): Promise<void>;
};

const LOADS_AT_ONCE = 2;
const TRIES = 3;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** A version that would not load is tried again this often while it is wanted: a full disk or memory may have been the reason. */
const TRY_AGAIN_MS = 60_000;
const RETIRE_POLL_MS = 20;
const RETIRE_LIMIT_MS = 30_000;

const messageOf = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).slice(0, 500);

/** What a loaded version runs by: its settings, or the way to the server that runs it. Another value is loaded beside it and takes its place. */
const runsBy = ({ settingsDigest, upstream }: DesiredVersion): string => JSON.stringify([settingsDigest ?? null, upstream ?? null]);

const newEntry = (version: DesiredVersion, place: Place): Entry => ({
  version,
  abort: new AbortController(),
  place,
  successor: null,
  state: "downloading",
  digestEqual: false,
  facts: NO_FACTS,
  problem: null,
  pool: null,
  loaded: null,
  quarantine: null,
  lifts: version.quarantineLifts ?? 0,
});

/** How a loaded version runs here. */
function runningOf({ version, facts, pool }: Entry): VersionAck["running"] {
  if (pool === null || facts.executionProvider === null) return undefined;
  const { hosts, residentBytes } = pool.stats();
  const { batching, executionProvider, lockDifferences } = facts;
  return {
    executionProvider,
    hosts,
    residentBytes,
    ...(version.settingsDigest === undefined ? {} : { settingsDigest: version.settingsDigest }),
    memoryLimitBytes: version.session.memoryLimitBytes,
    batching:
      batching === null
        ? null
        : { ...batching, rowsPerSecondGain: Math.round(batching.rowsPerSecondGain * 100) / 100 },
    lockDifferences: [...lockDifferences].slice(0, 100),
  };
}

const ackOf = (entry: Entry): VersionAck => {
  const running = runningOf(entry);
  return {
    ...stateOf(entry),
    ...(running === undefined ? {} : { running }),
    quarantine: entry.quarantine,
  };
};

const stateOf = ({ version, state, digestEqual, facts, pool, problem }: Entry): VersionAck => ({
  versionId: version.versionId,
  state,
  digestEqual,
  loadMs: facts.loadMs,
  warmUpMsP95: facts.warmUpMsP95,
  goldenPassed: facts.goldenPassed,
  goldenTotal: facts.goldenTotal,
  hostRestarts: pool?.stats().restarts ?? 0,
  problem,
});

function change(
  entry: Entry,
  options: VersionManagerOptions,
  state: Entry["state"],
  problem: string | null = null,
): void {
  entry.state = state;
  entry.problem = problem;
  options.onChange();
}

/** Until the bytes are here: network trouble is waited out for ever, wrong bytes a few times. */
async function download(entry: Entry, options: VersionManagerOptions): Promise<string> {
  const { signal } = entry.abort;
  let wrongBytes = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const directory = await options.store.ensure(entry.version, options.openArtifact, signal);
      entry.digestEqual = true;
      return directory;
    } catch (error) {
      signal.throwIfAborted();
      const problem = messageOf(error);
      if (error instanceof DigestError && (wrongBytes += 1) >= TRIES)
        throw new VersionProblem(problem);
      options.log.warn(
        { versionId: entry.version.versionId, problem },
        "The version's files are not here yet",
      );
      change(entry, options, "downloading", problem);
      const waitMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
      await delay(waitMs * (0.5 + Math.random()), undefined, { signal });
    }
  }
}

async function loadOnce(entry: Entry, options: VersionManagerOptions): Promise<void> {
  const { version } = entry;
  const { versionId, modelName, versionName } = version;
  change(entry, options, "downloading");
  const directory = version.upstream === undefined ? await download(entry, options) : "";
  // Another server has the bytes; what is compared there is its answers.
  if (version.upstream !== undefined) entry.digestEqual = true;
  entry.abort.signal.throwIfAborted();
  const { loaded, facts } = await bringUp(version, directory, {
    hosts: options.hostCount ?? version.session.hosts,
    mayBatch: options.mayBatch,
    surroundings: options.surroundings,
    onHostSpawn: options.onHostSpawn,
    poolEvents: {
      onCrash(problem) {
        options.log.warn({ versionId, problem }, "A model host ended");
        options.onChange();
      },
      onCrashLoop(problem) {
        // One that is only tried beside it, or gave way, says nothing about what answers.
        if (entry.place !== "current") return;
        options.onCrashLoop(versionId, problem);
        if (!options.mayQuarantine(versionId) || entry.quarantine !== null) return;
        entry.quarantine = { at: new Date().toISOString(), problem: problem.slice(0, 500) };
        quarantine(entry, options);
      },
    },
    onPool(pool) {
      entry.pool = pool;
    },
    onProgress(state, progress) {
      entry.facts = progress;
      change(entry, options, state);
    },
    log: options.log,
  });
  entry.facts = facts;
  if (entry.abort.signal.aborted) return;
  entry.loaded = loaded;
  options.log.info({ versionId, modelName, versionName, ...facts }, "Version loaded and warm");
  change(entry, options, "ready");
}

/** Tries until the version is ready, given up, or no longer wanted. */
async function load(entry: Entry, options: VersionManagerOptions): Promise<"settled" | "failed"> {
  const { signal } = entry.abort;
  const { versionId } = entry.version;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await loadOnce(entry, options);
      return "settled";
    } catch (error) {
      if (signal.aborted) return "settled";
      const problem = messageOf(error);
      if (attempt < TRIES && !(error instanceof VersionProblem)) {
        await delay(FIRST_DELAY_MS * attempt, undefined, { signal }).catch(() => undefined);
        continue;
      }
      options.log.error({ versionId, problem }, "Version cannot be served");
      change(entry, options, "failed", problem);
      if (entry.place === "current") options.onLoadFailed(versionId, problem);
      return "failed";
    }
  }
}

/** Ends what is left of a version that will not stay up. It is loaded again when it is wanted anew, or has to serve. */
function quarantine(entry: Entry, options: VersionManagerOptions): void {
  const { versionId } = entry.version;
  const problem = `Quarantined: its model host ended three times in a minute. ${entry.quarantine?.problem ?? ""}`;
  options.log.error({ versionId, problem }, "Version quarantined");
  const { pool } = entry;
  entry.loaded = null;
  entry.pool = null;
  change(entry, options, "failed", problem.slice(0, 500));
  void pool?.close();
}

/** Waits until nothing is in the pool any more, then ends the hosts: their memory goes back to the machine. */
async function unload(entry: Entry, log: Logger): Promise<void> {
  const { pool } = entry;
  entry.loaded = null;
  const untilMs = performance.now() + RETIRE_LIMIT_MS;
  while (pool !== null && performance.now() < untilMs) {
    const { inFlight, queued } = pool.stats();
    if (inFlight + queued === 0) break;
    await delay(RETIRE_POLL_MS);
  }
  await pool?.close();
  log.info({ versionId: entry.version.versionId }, "Version unloaded");
}

export function createVersionManager(options: VersionManagerOptions): VersionManager {
  const entries = new Map<string, Entry>();
  const retiring = new Set<Promise<void>>();
  const replaced = new Set<Entry>();
  const waiting: Entry[] = [];
  let wanted = new Set<string>();
  let loading = 0;

  const start = (entry: Entry): void => {
    waiting.push(entry);
    startNext();
  };
  const tryLater = (entry: Entry): void => {
    const timer = setTimeout(() => start(entry), TRY_AGAIN_MS);
    entry.abort.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  };
  const startNext = (): void => {
    while (loading < LOADS_AT_ONCE) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      if (entry.abort.signal.aborted) continue;
      loading += 1;
      void load(entry, options).then((outcome) => {
        if (outcome === "failed") tryLater(entry);
        if (entry.place === "successor") settle(entry);
        loading -= 1;
        startNext();
      });
    }
  };
  const end = (entry: Entry): Promise<void> => {
    entry.abort.abort();
    const done = unload(entry, options.log);
    retiring.add(done);
    void done.finally(() => retiring.delete(done));
    return done;
  };
  const dropSuccessor = (entry: Entry): void => {
    const { successor } = entry;
    entry.successor = null;
    if (successor !== null) void end(successor);
  };
  const retire = (entry: Entry): void => {
    const { versionId } = entry.version;
    dropSuccessor(entry);
    change(entry, options, "retiring");
    void end(entry).then(() => {
      if (entries.get(versionId) === entry) entries.delete(versionId);
      options.onChange();
    });
  };
  /** The successor is ready and takes its place, in one assignment; or it is not, and what answers goes on as it is and says why. */
  const settle = (entry: Entry): void => {
    const { versionId } = entry.version;
    const old = entries.get(versionId);
    if (old?.successor !== entry) return;
    if (entry.loaded === null) {
      change(old, options, old.state, `New settings are not in force: ${entry.problem ?? "they could not be loaded."}`.slice(0, 500));
      return;
    }
    entry.place = "current";
    old.place = "replaced";
    old.successor = null;
    entries.set(versionId, entry);
    replaced.add(old);
    options.log.info({ versionId }, "Version runs by its new settings");
    options.onChange();
  };
  /** Other settings, or another way to its server, for a version that is here: loaded and proven beside what answers, so that nothing waits; in its place where nothing does. */
  const resettle = (known: Entry, version: DesiredVersion): void => {
    // A way back that was given up while it stood idle has to be tried again when it is needed: there is nothing safer any more.
    if (known.quarantine !== null && !options.mayQuarantine(version.versionId)) {
      replace(known, version);
      return;
    }
    // A person wants it tried again.
    const lifts = version.quarantineLifts ?? 0;
    if (known.quarantine !== null && lifts > known.lifts) {
      options.log.info({ versionId: version.versionId, lifts }, "Quarantine lifted; the version is tried again");
      replace(known, version);
      return;
    }
    known.lifts = lifts;
    if (runsBy(known.version) === runsBy(version)) {
      if (known.successor !== null) change(known, options, known.state);
      dropSuccessor(known);
      return;
    }
    if (known.successor !== null && runsBy(known.successor.version) === runsBy(version)) return;
    dropSuccessor(known);
    if (known.loaded === null) {
      replace(known, version);
      return;
    }
    const next = newEntry(version, "successor");
    known.successor = next;
    start(next);
  };
  /** Begins anew in the place of what does not serve. */
  const replace = (known: Entry, version: DesiredVersion): void => {
    const next = newEntry(version, "current");
    known.place = "replaced";
    entries.set(version.versionId, next);
    void end(known);
    start(next);
  };

  return {
    want(versions) {
      wanted = new Set(versions.map((version) => version.versionId));
      for (const version of versions) {
        const known = entries.get(version.versionId);
        if (known !== undefined && known.state !== "retiring") {
          resettle(known, version);
          continue;
        }
        const entry = newEntry(version, "current");
        entries.set(version.versionId, entry);
        start(entry);
      }
    },
    ready: (versionId) => entries.get(versionId)?.loaded ?? null,
    retireUnused(isInUse, isPoolInUse) {
      for (const entry of replaced) {
        if (entry.pool !== null && isPoolInUse(entry.pool)) continue;
        replaced.delete(entry);
        void end(entry);
      }
      for (const entry of entries.values()) {
        const { versionId } = entry.version;
        if (!wanted.has(versionId) && entry.state !== "retiring" && !isInUse(versionId))
          retire(entry);
      }
    },
    acks: () => [...entries.values()].map(ackOf),
    pools: () =>
      [...entries.values()].flatMap(({ version, pool }) =>
        pool === null ? [] : [{ version, pool }],
      ),
    async close() {
      const all = [
        ...[...entries.values()].flatMap((entry) => [entry, entry.successor ?? []].flat()),
        ...replaced,
      ];
      for (const entry of all) entry.abort.abort();
      await Promise.all(all.flatMap(({ pool }) => pool?.close() ?? []));
      await Promise.all(retiring);
    },
  };
}
