import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import type { Logger } from "pino";
import type { RegisterRuntimeRequest } from "#lib/contracts/runtime-protocol.ts";
import { watchRollbackRequests } from "./admin/rollback-requests.ts";
import { createBatchWorker, type BatchWorker } from "./batch/batch-worker.ts";
import { workEvaluations } from "./evaluation/evaluation-worker.ts";
import { workLoadTests } from "./load-test/load-test-worker.ts";
import type { ControlClient } from "./control/control-client.ts";
import { startControlLoops, type ControlLoops } from "./control/control-loops.ts";
import { openLine } from "./control/open-line.ts";
import { createWindowSender, type WindowSender } from "./control/window-sender.ts";
import type { RuntimeSettings } from "./env.ts";
import { openDevice } from "./edge/open-device.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { SLIPWAY_VERSION } from "./inference/describe.ts";
import { createBodyBudget } from "./http/read-body.ts";
import { createRequestHandler } from "./http/request-handler.ts";
import { openHttpServer, type HttpServer } from "./http/server.ts";
import { joinSiblings, type Joined } from "./fleet/join-siblings.ts";
import { openGrpcServer, type GrpcServer } from "./grpc/server.ts";
import { createAdmission, type Admission } from "./inference/admission.ts";
import { createCatalogue } from "./inference/catalogue.ts";
import { createPinPolicy, type PinPolicy } from "./inference/pin-policy.ts";
import { createInference, type Inference } from "./inference/infer.ts";
import { runJob } from "./jobs/run-job.ts";
import { createMetrics } from "./metrics/prometheus.ts";
import { createSignals, type Signals } from "./metrics/signals.ts";
import { createRequestCounters, type RequestCounters } from "./metrics/request-counters.ts";
import { createRouter, type Router } from "./router/router.ts";
import { createStateKeeper, readOrPutAside, type StateKeeper } from "./state-keeper.ts";
import { replaceFile } from "./storage/durable-file.ts";
import { createStreams, type Streams } from "./streams/streams.ts";
import { openDisk, type Disk } from "./storage/open-disk.ts";
import { readDesiredState } from "./storage/state-file.ts";
import { createTracing } from "./tracing.ts";
import { createTelemetry, type Telemetry } from "./telemetry/telemetry.ts";
import type { OpenArtifact } from "./versions/artifact-store.ts";
import { reportEnvironment } from "./environment/report.ts";
import type { Surroundings } from "./versions/load-version.ts";
import { createVersionManager, type VersionManager } from "./versions/version-manager.ts";

const JOB_WATCHDOG_MS = 60_000;

/** A running runtime. */
export type Serving = {
  readonly httpUrl: string;
  /** `grpc://host:port`; null when gRPC is off. */
  readonly grpcUrl: string | null;
  readonly bootId: string;
  /** Stops accepting, drains, sends or keeps the last windows, ends the hosts. */
  stop(): Promise<void>;
};

const isoNow = (): string => new Date().toISOString();

const nowhere = (): Promise<never> => Promise.reject(new Error("There is no control plane to download from."));

/** Everything that answers requests; none of it knows of the control plane. */
type Core = {
  readonly telemetry: Telemetry;
  readonly counters: RequestCounters;
  readonly versions: VersionManager;
  readonly router: Router;
  readonly keeper: StateKeeper;
  readonly pins: PinPolicy;
  readonly admission: Admission;
  readonly surroundings: Surroundings;
};

function createCore(
  settings: RuntimeSettings,
  disk: Disk,
  openArtifact: OpenArtifact,
  acksChanged: () => void,
  surroundings: Surroundings,
  onStreams: Streams["want"],
  countingMs: () => number,
  log: Logger,
): Core {
  const { predictionsKept, keysPerRelease, modelHosts, mayBatch } = settings;
  const telemetry = createTelemetry({ predictionsKept, keysPerRelease, now: countingMs });
  const counters = createRequestCounters();
  const versions = createVersionManager({
    store: disk.store,
    openArtifact,
    hostCount: modelHosts,
    surroundings,
    mayQuarantine: (versionId) => !router.servesMain(versionId),
    mayBatch,
    onHostSpawn: disk.hosts.add,
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
    burnt: disk.burnt,
    saveBurnt: disk.burntWriter.save,
    log,
    now: isoNow,
    onChange: acksChanged,
  });
  const file = disk.at("desired.json");
  const pins = createPinPolicy(settings.allowPinned, Date.now);
  const keeper = createStateKeeper({
    file,
    seal: disk.seal,
    router,
    versions,
    store: disk.store,
    telemetry,
    pins,
    onChange: acksChanged,
    onStreams,
  });
  const admission = createAdmission(settings, router.endpoints);
  return { telemetry, counters, versions, router, keeper, pins, admission, surroundings };
}

/** The public ports. */
type Ports = {
  readonly http: HttpServer;
  readonly grpc: GrpcServer | null;
  readonly inference: Inference;
};

async function openPorts(
  settings: RuntimeSettings,
  core: Core,
  joined: Joined,
  isStopping: () => boolean,
  log: Logger,
): Promise<Ports> {
  const { router, telemetry, counters, keeper, pins, admission } = core;
  const { nonFiniteOutputs, maxBodyBytes, maxBufferedBytes, host } = settings;
  const catalogue = createCatalogue({ router, isStopping, isStateKnown: () => keeper.isKnown });
  const tracing = createTracing();
  const inference = createInference({
    router,
    telemetry,
    counters,
    admission,
    nonFiniteOutputs,
    log,
  });
  const handler = createRequestHandler({
    router,
    catalogue,
    admission,
    telemetry,
    counters,
    inference,
    budget: createBodyBudget(maxBodyBytes, maxBufferedBytes),
    pins,
    tracing,
    ...joined,
    log,
  });
  const http = await openHttpServer(host, settings.httpPort, maxBodyBytes, handler);
  if (settings.grpcPort === "off") return { http, grpc: null, inference };
  const listen = {
    host,
    port: settings.grpcPort,
    mayMove: settings.isGrpcPortOpen,
    maxMessageBytes: maxBodyBytes,
  };
  const grpc = await openGrpcServer(listen, { catalogue, inference, counters, pins, tracing, log });
  if (listen.port !== 0 && grpc.port !== listen.port)
    log.warn(
      { wanted: listen.port, port: grpc.port },
      "The gRPC port was taken; the next one is used",
    );
  return { http, grpc, inference };
}

function startLoops(
  settings: RuntimeSettings,
  bootId: string,
  httpUrl: string,
  ownUrl: string,
  grpcUrl: string | null,
  control: ControlClient,
  disk: Disk,
  core: Core,
  windows: WindowSender,
  batch: BatchWorker | null,
  streams: Streams | null,
  log: Logger,
): ControlLoops {
  const { keeper, router, versions, surroundings } = core;
  const registration: RegisterRuntimeRequest = {
    name: settings.name,
    bootId,
    role: settings.role,
    slipwayVersion: SLIPWAY_VERSION,
    httpUrl,
    grpcUrl,
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
    environment: surroundings.environment,
  };
  const jobs = {
    store: disk.store,
    openArtifact: control.openArtifact,
    onHostSpawn: disk.hosts.add,
    watchdogMs: JOB_WATCHDOG_MS,
  };
  return startControlLoops({
    control,
    registration,
    windows,
    // A runtime for batch work answers no requests: it follows the state only to hear of work.
    onState: settings.role === "batch" ? () => Promise.resolve() : keeper.apply,
    onConfirmed: router.confirmContact,
    acks: () => ({
      revision: keeper.revision,
      endpoints: router.acks(),
      versions: versions.acks(),
    }),
    runJob: (job, signal) => runJob(job, jobs, signal),
    workBatch:
      batch === null
        ? null
        : async (signal) => {
            await batch.work(signal);
            await workEvaluations({ ...jobs, line: control.evaluations, bootId, log }, signal);
          },
    workLoadTests:
      settings.role === "serve"
        ? (signal) =>
            workLoadTests(
              { line: control.loadTests, router, bootId, runtimeName: settings.name, ownUrl, log },
              signal,
            )
        : null,
    streamReports: streams === null ? null : streams.reports,
    log,
  });
}

const batchWorkerFor = (
  control: ControlClient,
  bootId: string,
  { store, hosts }: Disk,
  log: Logger,
): BatchWorker =>
  createBatchWorker({
    line: control.batch,
    bootId,
    store,
    openArtifact: control.openArtifact,
    onHostSpawn: hosts.add,
    log,
  });

const addressOf = (host: string, port: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Where this process itself reaches what it serves. */
function ownUrlOf({ host, port }: HttpServer): string {
  if (host === "0.0.0.0") return addressOf("127.0.0.1", port);
  return addressOf(host === "::" ? "::1" : host, port);
}

function urlOf(settings: RuntimeSettings, { host, port }: HttpServer): string {
  return settings.publicUrl ?? addressOf(host, port);
}

/** Starts the serving role: from disk at once, then as the control plane says. */
export async function serve(settings: RuntimeSettings, log: Logger): Promise<Serving> {
  const bootId = randomUUID();
  const disk = await openDisk(settings, log);
  const { control, silentMs, hasAnswered } = openLine(settings);
  let loops: ControlLoops | null = null;
  let isStopping = false;
  const surroundings: Surroundings = {
    environment: reportEnvironment(),
    executionProvider: settings.executionProvider,
  };
  let streams: Streams | null = null;
  const edge = disk.counts === null ? null : await openDevice(settings, { ...disk, counts: disk.counts }, surroundings, log);
  const acksChanged = (): void => {
    loops?.acksChanged();
    edge?.changed();
  };
  const core = createCore(
    settings,
    disk,
    edge?.openArtifact ?? control?.openArtifact ?? nowhere,
    acksChanged,
    surroundings,
    (wanted) => streams?.want(wanted),
    edge?.countingMs ?? Date.now,
    log,
  );
  const { telemetry, counters, versions, router, keeper } = core;
  const { spool } = disk;
  const windows = createWindowSender({
    bootId,
    telemetry,
    spool,
    control,
    now: isoNow,
    signals: () => signals.read(),
    log,
    onMustRegister: () => loops?.mustRegister(),
  });
  const signals: Signals = createSignals({
    router,
    counters,
    concurrencyLimitOf: (state) => core.admission.limitsOf(state).maxConcurrency,
    windowsLost: () => spool.lostWindows + windows.refusedWindows,
  });
  const silentSeconds = (): number | null => (hasAnswered() ? silentMs() / 1000 : null);
  const ownMetrics = createMetrics({
    counters,
    router,
    versions,
    spool,
    windows,
    signals,
    silentSeconds,
  });
  const joined = joinSiblings(telemetry, ownMetrics);
  const { http, grpc, inference } = await openPorts(settings, core, joined, () => isStopping, log);
  const httpUrl = urlOf(settings, http);
  const grpcUrl = grpc === null ? null : `grpc://${new URL(httpUrl).hostname}:${grpc.port}`;
  await replaceFile(
    disk.at("runtime.json"),
    JSON.stringify({ pid: process.pid, bootId, httpUrl, grpcUrl, startedAt: isoNow() }),
  );

  if (settings.role === "stream")
    streams = createStreams({
      brokers: settings.kafkaBrokers,
      runtimeName: settings.name,
      bootId,
      inference,
      router,
      log,
    });
  const readSaved = (file: string) => readDesiredState(file, disk.seal);
  // A device follows its slots, which say more than the last state that was made of them.
  const saved = edge === null ? await readOrPutAside(disk.at("desired.json"), readSaved, null, log) : null;
  if (saved !== null) {
    const { revision, endpoints } = saved.state;
    log.info({ revision, endpoints: endpoints.length }, "Serving the state found on disk");
    for (const { modelName, versionName } of saved.closed)
      log.error(
        { modelName, versionName },
        "The credentials of this version's server were sealed with another token; it waits for the control plane",
      );
    await keeper.resume(saved);
  }
  const stopWatching = await watchRollbackRequests(settings.directory, router.rollBack, log);
  const batch =
    control === null || !settings.takesBatch ? null : batchWorkerFor(control, bootId, disk, log);
  if (control !== null)
    loops = startLoops(
      settings,
      bootId,
      httpUrl,
      ownUrlOf(http),
      grpcUrl,
      control,
      disk,
      core,
      windows,
      batch,
      streams,
      log,
    );
  const stopHousekeeping = startHousekeeping({
    telemetry,
    router,
    versions,
    windows,
    signals,
    silentMs,
    tidyHosts: disk.hosts.tidy,
    hasControl: control !== null,
    log,
  });
  await edge?.begin({ apply: keeper.apply, acks: versions.acks });
  log.info({ httpUrl, grpcUrl, bootId, control: settings.controlUrl }, "Runtime is serving");

  return {
    httpUrl,
    grpcUrl,
    bootId,
    async stop() {
      isStopping = true;
      log.info("Stopping: no new connections");
      await streams?.stop();
      await Promise.all([http.close(settings.drainMs), grpc?.close(settings.drainMs)]);
      stopHousekeeping();
      signals.stop();
      stopWatching();
      await edge?.stop();
      await loops?.stop();
      await batch?.close();
      await windows.flush();
      await versions.close();
      await disk.burntWriter.settled();
      await disk.unlock();
      log.info("Stopped");
    },
  };
}
