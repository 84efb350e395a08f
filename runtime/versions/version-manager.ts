import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { DesiredVersion, RuntimeAcks } from "#lib/contracts/runtime-protocol.ts";
import type { Pool } from "../model-host/pool.ts";
import { DigestError, type ArtifactStore, type OpenArtifact } from "./artifact-store.ts";
import { checkLoadedSignature, planVersion, poolFor, replayGolden, VersionProblem, warmUp } from "./load-version.ts";
import { describeVersion, type LoadedVersion } from "./loaded-version.ts";

type VersionAck = RuntimeAcks["versions"][number];

/** What was asked of this runtime for one version, and how far it got. */
type Entry = {
  readonly version: DesiredVersion;
  readonly abort: AbortController;
  state: VersionAck["state"];
  digestEqual: boolean;
  loadMs: number | null;
  warmUpMsP95: number | null;
  goldenPassed: number | null;
  goldenTotal: number | null;
  problem: string | null;
  pool: Pool | null;
  loaded: LoadedVersion | null;
};

export type VersionManagerOptions = {
  readonly store: ArtifactStore;
  readonly openArtifact: OpenArtifact;
  /** Overrides the number of hosts per version. */
  readonly hostCount: number | null;
  readonly onHostSpawn: (pid: number) => void;
  readonly log: Logger;
  /** A version's state changed: routing and acks may have to change with it. */
  readonly onChange: (versionId: string) => void;
  readonly onCrashLoop: (versionId: string, problem: string) => void;
  readonly onLoadFailed: (versionId: string, problem: string) => void;
};

/** Downloads, loads, warms and unloads versions in the background; says which can serve. */
export type VersionManager = {
  /** The versions this runtime should have. New ones begin to load; those that are gone end with `retire`. */
  want(versions: readonly DesiredVersion[]): void;
  /** The version, if it is loaded and warm. */
  ready(versionId: string): LoadedVersion | null;
  /** Unloads versions that are not wanted and that `isInUse` no longer speaks for. */
  retireUnused(isInUse: (versionId: string) => boolean): void;
  acks(): VersionAck[];
  pools(): { readonly version: DesiredVersion; readonly pool: Pool }[];
  close(): Promise<void>;
};

const LOADS_AT_ONCE = 2;
const TRIES = 3;
/** A version that would not load is tried again this often while it is wanted: a full disk or memory may have been the reason. */
const TRY_AGAIN_MS = 60_000;
const LONGEST_DELAY_MS = 30_000;
const RETIRE_POLL_MS = 20;
const RETIRE_LIMIT_MS = 30_000;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 500);

export function createVersionManager(options: VersionManagerOptions): VersionManager {
  const { store, openArtifact, log } = options;
  const entries = new Map<string, Entry>();
  let wanted = new Set<string>();
  let waiting: Entry[] = [];
  let loading = 0;
  const retiring = new Set<Promise<void>>();

  const change = (entry: Entry, state: Entry["state"], problem: string | null = null): void => {
    entry.state = state;
    entry.problem = problem;
    options.onChange(entry.version.versionId);
  };

  /** Until the bytes are here: network trouble is waited out for ever, wrong bytes a few times. */
  const download = async (entry: Entry): Promise<string> => {
    let wrongBytes = 0;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const directory = await store.ensure(entry.version, openArtifact, entry.abort.signal);
        entry.digestEqual = true;
        return directory;
      } catch (error) {
        entry.abort.signal.throwIfAborted();
        if (error instanceof DigestError && (wrongBytes += 1) >= TRIES) throw new VersionProblem(messageOf(error));
        log.warn({ versionId: entry.version.versionId, problem: messageOf(error) }, "The version's files are not here yet");
        change(entry, "downloading", messageOf(error));
        await delay(Math.min(LONGEST_DELAY_MS, 250 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random()), undefined, { signal: entry.abort.signal });
      }
    }
  };

  const bringUp = async (entry: Entry, directory: string): Promise<void> => {
    const { version } = entry;
    const plan = planVersion(version);
    change(entry, "loading");
    const pool = poolFor(plan, directory, { hosts: options.hostCount ?? version.session.hosts, niceness: 0, onSpawn: options.onHostSpawn }, {
      onCrash(problem) {
        log.warn({ versionId: version.versionId, problem }, "A model host ended");
        options.onChange(version.versionId);
      },
      onCrashLoop: (problem) => options.onCrashLoop(version.versionId, problem),
    });
    entry.pool = pool;
    try {
      const ready = await pool.start();
      entry.loadMs = ready.loadMs;
      checkLoadedSignature(plan.signature, ready);
      change(entry, "warming");
      const golden = await replayGolden(plan, pool);
      entry.goldenPassed = golden.passed;
      entry.goldenTotal = golden.total;
      if (golden.problem !== null) throw new VersionProblem(`${golden.passed} of ${golden.total} golden inputs repeated. ${golden.problem}`);
      entry.warmUpMsP95 = await warmUp(plan, pool);
      entry.abort.signal.throwIfAborted();
      entry.loaded = describeVersion(version, plan.spec, plan.checkContract, pool);
      change(entry, "ready");
    } catch (error) {
      entry.pool = null;
      await pool.close();
      throw error;
    }
  };

  const load = async (entry: Entry): Promise<void> => {
    const { versionId } = entry.version;
    for (let attempt = 1; ; attempt += 1) {
      try {
        change(entry, "downloading");
        await bringUp(entry, await download(entry));
        log.info({ versionId, model: entry.version.modelName, version: entry.version.versionName }, "Version loaded and warm");
        return;
      } catch (error) {
        if (entry.abort.signal.aborted) return;
        const problem = messageOf(error);
        if (attempt < TRIES && !(error instanceof VersionProblem)) {
          await delay(250 * attempt, undefined, { signal: entry.abort.signal }).catch(() => undefined);
          continue;
        }
        log.error({ versionId, problem }, "Version cannot be served");
        change(entry, "failed", problem);
        options.onLoadFailed(versionId, problem);
        const timer = setTimeout(() => start(entry), TRY_AGAIN_MS);
        entry.abort.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
        return;
      }
    }
  };

  const startNext = (): void => {
    while (loading < LOADS_AT_ONCE) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      if (entry.abort.signal.aborted) continue;
      loading += 1;
      void load(entry).finally(() => {
        loading -= 1;
        startNext();
      });
    }
  };
  const start = (entry: Entry): void => {
    waiting.push(entry);
    startNext();
  };

  /** Waits until nothing is in the pool any more, then ends the hosts: their memory goes back to the machine. */
  const unload = async (entry: Entry): Promise<void> => {
    const { pool } = entry;
    entry.loaded = null;
    if (pool !== null) {
      const untilMs = performance.now() + RETIRE_LIMIT_MS;
      while (performance.now() < untilMs) {
        const { inFlight, queued } = pool.stats();
        if (inFlight + queued === 0) break;
        await delay(RETIRE_POLL_MS);
      }
      await pool.close();
    }
    log.info({ versionId: entry.version.versionId }, "Version unloaded");
  };
  const retire = (entry: Entry): void => {
    const { versionId } = entry.version;
    change(entry, "retiring");
    entry.abort.abort();
    const done = unload(entry).then(() => {
      if (entries.get(versionId) === entry) entries.delete(versionId);
      options.onChange(versionId);
    });
    retiring.add(done);
    void done.finally(() => retiring.delete(done));
  };

  return {
    want(versions) {
      wanted = new Set(versions.map((version) => version.versionId));
      for (const version of versions) {
        const known = entries.get(version.versionId);
        if (known !== undefined && known.state !== "retiring") continue;
        const entry: Entry = {
          version,
          abort: new AbortController(),
          state: "downloading",
          digestEqual: false,
          loadMs: null,
          warmUpMsP95: null,
          goldenPassed: null,
          goldenTotal: null,
          problem: null,
          pool: null,
          loaded: null,
        };
        entries.set(version.versionId, entry);
        start(entry);
      }
    },
    ready: (versionId) => entries.get(versionId)?.loaded ?? null,
    retireUnused(isInUse) {
      for (const entry of entries.values()) {
        const { versionId } = entry.version;
        if (!wanted.has(versionId) && entry.state !== "retiring" && !isInUse(versionId)) retire(entry);
      }
    },
    acks: () =>
      [...entries.values()].map((entry) => ({
        versionId: entry.version.versionId,
        state: entry.state,
        digestEqual: entry.digestEqual,
        loadMs: entry.loadMs,
        warmUpMsP95: entry.warmUpMsP95,
        goldenPassed: entry.goldenPassed,
        goldenTotal: entry.goldenTotal,
        hostRestarts: entry.pool?.stats().restarts ?? 0,
        problem: entry.problem?.slice(0, 500) ?? null,
      })),
    pools: () => [...entries.values()].flatMap(({ version, pool }) => (pool === null ? [] : [{ version, pool }])),
    async close() {
      for (const entry of entries.values()) entry.abort.abort();
      await Promise.all([...entries.values()].map(({ pool }) => pool?.close()));
      await Promise.all(retiring);
    },
  };
}
