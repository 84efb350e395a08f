import { randomUUID } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import path from "node:path";
import type { Logger } from "pino";
import type { DesiredState, RegisterRuntimeRequest } from "#lib/contracts/runtime-protocol.ts";
import { watchRollbackRequests } from "./admin/rollback-requests.ts";
import { createControlClient, type ControlClient } from "./control/control-client.ts";
import { startControlLoops, type ControlLoops } from "./control/control-loops.ts";
import { createWindowSender, type WindowSender } from "./control/window-sender.ts";
import type { RuntimeSettings } from "./env.ts";
import { SLIPWAY_VERSION } from "./http/describe.ts";
import { createBodyBudget } from "./http/read-body.ts";
import { createRequestHandler } from "./http/request-handler.ts";
import { openHttpServer } from "./http/server.ts";
import { createInference } from "./inference/infer.ts";
import { runJob } from "./jobs/run-job.ts";
import { createMetrics } from "./metrics/prometheus.ts";
import { createRequestCounters } from "./metrics/request-counters.ts";
import type { BurntRecord } from "./router/endpoint-state.ts";
import { createRouter, type Router } from "./router/router.ts";
import { replaceFile } from "./storage/durable-file.ts";
import { openHostRecords } from "./storage/host-records.ts";
import { takeInstanceLock } from "./storage/instance-lock.ts";
import {
  readBurntEpochs,
  readDesiredState,
  StateFileError,
  writeBurntEpochs,
  writeDesiredState,
} from "./storage/state-file.ts";
import { openWindowSpool } from "./storage/window-spool.ts";
import { createTelemetry, type Telemetry } from "./telemetry/telemetry.ts";
import { openArtifactStore, type ArtifactStore } from "./versions/artifact-store.ts";
import { createVersionManager, type VersionManager } from "./versions/version-manager.ts";

const JOB_WATCHDOG_MS = 60_000;
const ROLL_MS = 250;
const SWEEP_MS = 60_000;

/** A running runtime. */
export type Serving = {
  readonly httpUrl: string;
  readonly bootId: string;
  /** Stops accepting, drains, sends or keeps the last windows, ends the hosts. */
  stop(): Promise<void>;
};

const isoNow = (): string => new Date().toISOString();

/** Reads a file of ours; one that cannot be understood is put aside, named in the log, and counts as absent. */
async function readOrPutAside<T>(
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

/** Writes burnt epochs one after the other; the newest wins. */
function createBurntWriter(
  file: string,
  log: Logger,
): { save(burnt: ReadonlyMap<string, BurntRecord>): void; settled(): Promise<void> } {
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

/** What the desired state is applied to, and where it is kept. */
type StateKeeper = {
  apply(state: DesiredState): Promise<void>;
  readonly revision: number;
  readonly isKnown: boolean;
};

function createStateKeeper(
  file: string,
  router: Router,
  versions: VersionManager,
  store: ArtifactStore,
  onChange: () => void,
): StateKeeper {
  let revision = 0;
  let isKnown = false;
  const take = (state: DesiredState): void => {
    const stable = new Set(
      state.endpoints.flatMap(({ arms }) =>
        arms.filter(({ arm }) => arm === "stable").map(({ versionId }) => versionId),
      ),
    );
    // Weights first: taking them away must not wait for anything. Then loading, what serves everybody before the rest.
    router.setDesired(state.endpoints);
    versions.want(
      [...state.versions].sort(
        (a, b) => Number(stable.has(b.versionId)) - Number(stable.has(a.versionId)),
      ),
    );
    versions.retireUnused((versionId) => router.isInUse(versionId));
    isKnown = true;
  };
  return {
    async apply(state) {
      take(state);
      await writeDesiredState(file, state);
      // Acknowledged only now: an acknowledged revision survives a power cut.
      revision = state.revision;
      onChange();
      await store.prune(new Set(state.versions.map(({ digest }) => digest)));
    },
    get revision() {
      return revision;
    },
    get isKnown() {
      return isKnown;
    },
  };
}

export async function serve(settings: RuntimeSettings, log: Logger): Promise<Serving> {
  const bootId = randomUUID();
  const at = (name: string) => path.join(settings.directory, name);
  await mkdir(settings.directory, { recursive: true, mode: 0o700 });
  const unlock = await takeInstanceLock(at("lock"));
  const hosts = await openHostRecords(at("hosts"));
  const store = await openArtifactStore(at("versions"));
  const spool = await openWindowSpool(at("spool"), settings.spoolBytes);
  const burnt = await readOrPutAside(
    at("burnt.json"),
    readBurntEpochs,
    new Map<string, BurntRecord>(),
    log,
  );
  const saved = await readOrPutAside(at("desired.json"), readDesiredState, null, log);
  const burntWriter = createBurntWriter(at("burnt.json"), log);

  const bootMs = performance.now();
  let lastContactMs: number | null = null;
  const control =
    settings.controlUrl === null || settings.token === null
      ? null
      : createControlClient(settings.controlUrl, settings.token, () => {
          lastContactMs = performance.now();
        });
  let loops: ControlLoops | null = null;
  let isStopping = false;
  const acksChanged = (): void => loops?.acksChanged();

  const telemetry = createTelemetry({
    predictionsKept: settings.predictionsKept,
    keysPerRelease: settings.keysPerRelease,
    now: Date.now,
  });
  const counters = createRequestCounters();
  const versions = createVersionManager({
    store,
    openArtifact: (digest, offset) =>
      control === null
        ? Promise.reject(new Error("There is no control plane to download from."))
        : control.openArtifact(digest, offset),
    hostCount: settings.modelHosts,
    mayBatch: settings.mayBatch,
    onHostSpawn: hosts.add,
    log,
    onChange() {
      router.refresh();
      acksChanged();
    },
    onCrashLoop: (versionId, problem) =>
      router.onVersionLost(versionId, "host_crash_loop", problem),
    onLoadFailed: (versionId, problem) => router.onVersionLost(versionId, "load_failed", problem),
  });
  const router: Router = createRouter({
    ready: versions.ready,
    telemetry,
    counters,
    burnt,
    saveBurnt: burntWriter.save,
    log,
    now: isoNow,
    onChange: acksChanged,
  });
  const keeper = createStateKeeper(at("desired.json"), router, versions, store, acksChanged);
  const windows = createWindowSender({
    bootId,
    telemetry,
    spool,
    control,
    now: isoNow,
    log,
    onMustRegister: () => loops?.mustRegister(),
  });
  const inference = createInference({
    router,
    telemetry,
    counters,
    maxInFlight: settings.maxInFlight,
    nonFiniteOutputs: settings.nonFiniteOutputs,
    log,
  });
  const silentMs = (): number => performance.now() - (lastContactMs ?? bootMs);
  const metrics = createMetrics({
    counters,
    router,
    versions,
    spool,
    windows,
    silentSeconds: () => (lastContactMs === null ? null : silentMs() / 1000),
  });
  const budget = createBodyBudget(settings.maxBodyBytes, settings.maxBufferedBytes);
  const handler = createRequestHandler({
    router,
    inference,
    telemetry,
    counters,
    budget,
    metrics,
    log,
    allowPinned: settings.allowPinned,
    isStateKnown: () => keeper.isKnown,
    isStopping: () => isStopping,
  });
  const http = await openHttpServer(
    settings.host,
    settings.httpPort,
    settings.maxBodyBytes,
    handler,
  );
  const httpUrl =
    settings.publicUrl ??
    `http://${http.host.includes(":") ? `[${http.host}]` : http.host}:${http.port}`;
  await replaceFile(
    at("runtime.json"),
    JSON.stringify({ pid: process.pid, bootId, httpUrl, startedAt: isoNow() }),
  );

  if (saved !== null) {
    log.info(
      { revision: saved.revision, endpoints: saved.endpoints.length },
      "Serving the state found on disk",
    );
    await keeper.apply(saved);
  }
  const stopWatching = await watchRollbackRequests(
    settings.directory,
    (endpoint) => router.rollBack(endpoint),
    log,
  );
  const registration = registrationOf(settings, bootId, httpUrl);
  if (control !== null)
    loops = startLoops(control, registration, {
      keeper,
      router,
      versions,
      windows,
      store,
      onHostSpawn: hosts.add,
      log,
    });
  const stopTimers = startTimers({
    telemetry,
    router,
    versions,
    windows,
    silentMs,
    tidy: hosts.tidy,
    hasControl: control !== null,
    log,
  });
  log.info({ httpUrl, bootId, control: settings.controlUrl }, "Runtime is serving");

  return {
    httpUrl,
    bootId,
    async stop() {
      isStopping = true;
      log.info("Stopping: no new connections");
      await http.close(settings.drainMs);
      stopTimers();
      stopWatching();
      await loops?.stop();
      await windows.flush();
      await versions.close();
      await burntWriter.settled();
      await unlock();
      log.info("Stopped");
    },
  };
}

function registrationOf(
  settings: RuntimeSettings,
  bootId: string,
  httpUrl: string,
): RegisterRuntimeRequest {
  return {
    name: settings.name,
    bootId,
    role: settings.role,
    slipwayVersion: SLIPWAY_VERSION,
    httpUrl,
    grpcUrl: null,
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

type LoopParts = {
  readonly keeper: StateKeeper;
  readonly router: Router;
  readonly versions: VersionManager;
  readonly windows: WindowSender;
  readonly store: ArtifactStore;
  readonly onHostSpawn: (pid: number) => void;
  readonly log: Logger;
};

function startLoops(
  control: ControlClient,
  registration: RegisterRuntimeRequest,
  parts: LoopParts,
): ControlLoops {
  const { keeper, router, versions, windows, store, onHostSpawn, log } = parts;
  return startControlLoops({
    control,
    registration,
    windows,
    onState: (state) => keeper.apply(state),
    onConfirmed: () => router.confirmContact(),
    acks: () => ({
      revision: keeper.revision,
      endpoints: router.acks(),
      versions: versions.acks(),
    }),
    runJob: (job) =>
      runJob(job, {
        store,
        openArtifact: control.openArtifact,
        onHostSpawn,
        watchdogMs: JOB_WATCHDOG_MS,
      }),
    log,
  });
}

type TimerParts = {
  readonly telemetry: Telemetry;
  readonly router: Router;
  readonly versions: VersionManager;
  readonly windows: WindowSender;
  readonly silentMs: () => number;
  readonly tidy: () => Promise<void>;
  /** Without one nobody else sends windows: they go to disk from here. */
  readonly hasControl: boolean;
  readonly log: Logger;
};

/** What must happen by the clock whether or not a request comes. */
function startTimers({
  telemetry,
  router,
  versions,
  windows,
  silentMs,
  tidy,
  hasControl,
  log,
}: TimerParts): () => void {
  const report = (error: unknown): void => log.error({ err: error }, "Housekeeping failed");
  const timers = [
    setInterval(() => {
      telemetry.roll();
      router.checkLeases(silentMs());
      versions.retireUnused((versionId) => router.isInUse(versionId));
    }, ROLL_MS),
    setInterval(() => {
      telemetry.sweep();
      tidy().catch(report);
      if (!hasControl) windows.send().catch(report);
    }, SWEEP_MS),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach((timer) => clearInterval(timer));
}
