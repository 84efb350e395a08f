import type { Logger } from "pino";
import type {
  DesiredState,
  RegisterRuntimeRequest,
  RuntimeAcks,
} from "#lib/contracts/runtime-protocol.ts";
import type { JobOutcome, Job } from "../jobs/run-job.ts";
import type { Streams } from "../streams/streams.ts";
import { ControlError, type ControlClient } from "./control-client.ts";
import { createWake, pause, retryDelayMs, type Wake } from "./retry.ts";
import type { WindowSender } from "./window-sender.ts";

const STATE_WAIT_SECONDS = 25;
const HEARTBEAT_MS = 5000;
const WINDOWS_MS = 1000;
/** Between looks for a job when nobody has said that one waits. */
const JOB_LOOK_MS = 30_000;
const BATCH_LOOK_MS = 5_000;
const STREAM_REPORT_MS = 1000;

export type LoopOptions = {
  readonly control: ControlClient;
  readonly registration: RegisterRuntimeRequest;
  readonly windows: WindowSender;
  readonly onState: (state: DesiredState) => Promise<void>;
  /** The control plane answered a poll: what is applied is what it wants. */
  readonly onConfirmed: () => void;
  /** Everything that acks say, now; `seq` is added here. */
  readonly acks: () => Omit<RuntimeAcks, "bootId" | "seq">;
  /** The signal says that the runtime stops: the job's result is wanted no more. */
  readonly runJob: (job: Job, signal: AbortSignal) => Promise<JobOutcome>;
  /** Works off parts of batch jobs, then evaluations, until there is none; null where this runtime takes none. */
  readonly workBatch: ((signal: AbortSignal) => Promise<void>) | null;
  /** Carries out load tests of what it serves until there is none; null where this runtime serves nothing. */
  readonly workLoadTests: ((signal: AbortSignal) => Promise<void>) | null;
  /** What streams this runtime has and how they are; null where it runs none. */
  readonly streamReports: (() => ReturnType<Streams["reports"]>) | null;
  readonly log: Logger;
};

export type ControlLoops = {
  /** Something that acks speak of has changed: send them now. */
  acksChanged(): void;
  /** The control plane does not know this start: say again who we are. */
  mustRegister(): void;
  stop(): Promise<void>;
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs `work` for ever; after a failure it waits, longer each time, and tries again. */
async function keepTrying(
  name: string,
  options: LoopOptions,
  signal: AbortSignal,
  registered: Wake,
  work: () => Promise<void>,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await work();
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ControlError && error.mustRegister) registered.set();
      // Once, not at every try: an evening without control plane is one line a loop.
      if (failures === 0)
        options.log.warn(
          { loop: name, problem: textOf(error) },
          "The control plane cannot be reached; trying on",
        );
      await pause(retryDelayMs(failures, Math.random()), signal);
      failures += 1;
    }
  }
}

async function workJobs(options: LoopOptions, jobs: Wake, signal: AbortSignal): Promise<void> {
  const { control, registration, log } = options;
  await jobs.wait(JOB_LOOK_MS, signal);
  while (!signal.aborted) {
    const { job } = await control.leaseJob(registration.bootId);
    if (job === null) return;
    log.info({ jobId: job.jobId, kind: job.kind, versionId: job.version.versionId }, "Job begun");
    const startMs = performance.now();
    const outcome = await options.runJob(job, signal);
    log.info({ jobId: job.jobId, outcome: outcome.outcome, problem: outcome.problem }, "Job ended");
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await control.reportJob(job.jobId, { bootId: registration.bootId, ...outcome });
        break;
      } catch (error) {
        // After the lease the job is somebody else's.
        const isOver = performance.now() - startMs > job.leaseSeconds * 1000;
        if (isOver || (error instanceof ControlError && error.isRefused)) {
          log.error(
            { jobId: job.jobId, problem: textOf(error) },
            "The result of a job was not taken",
          );
          break;
        }
        await pause(retryDelayMs(attempt, Math.random()), signal);
      }
    }
  }
}

async function lookForLoadTests(work: LoopOptions["workLoadTests"], due: Wake, signal: AbortSignal): Promise<void> {
  await due.wait(JOB_LOOK_MS, signal);
  if (!signal.aborted) await work?.(signal);
}

/** A lease that ran out elsewhere is told to nobody, so this looks by itself too. */
async function workBatches(work: LoopOptions["workBatch"], batch: Wake, signal: AbortSignal): Promise<void> {
  await batch.wait(BATCH_LOOK_MS, signal);
  if (!signal.aborted) await work?.(signal);
}

/** Starts everything that speaks with the control plane. Nothing here is needed to answer a request. */
export function startControlLoops(options: LoopOptions): ControlLoops {
  const { control, registration, windows } = options;
  const { bootId } = registration;
  const stopping = new AbortController();
  const { signal } = stopping;
  const [register, acksDue, jobsDue, batchDue, loadTestsDue] = [createWake(), createWake(), createWake(), createWake(), createWake()];
  const firstTime = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => firstTime.resolve(), { once: true });
  let revision = 0;
  let ackSeq = 0;

  const sendAcks = async (): Promise<void> => {
    ackSeq += 1;
    await control.sendAcks({ bootId, seq: ackSeq, ...options.acks() });
  };
  const follow = async (): Promise<void> => {
    // The first poll asks from 0: it is answered at once and so confirms what was read from disk.
    const state = await control.awaitState(bootId, revision, STATE_WAIT_SECONDS, signal);
    if (state !== null) {
      await options.onState(state);
      revision = state.revision;
      if (state.jobsWaiting) jobsDue.set();
      if (state.batchWaiting) batchDue.set();
      if (state.loadTestWaiting === true) loadTestsDue.set();
    }
    options.onConfirmed();
  };
  const keepRegistered = async (): Promise<void> => {
    await control.register(registration);
    options.log.info({ bootId }, "Registered with the control plane");
    firstTime.resolve();
    acksDue.set();
    // Nothing but a call for it makes us register again; the pause keeps a confused control plane from being flooded.
    await pause(1000, signal);
    await register.wait(2 ** 31 - 1, signal);
  };
  const loop = (name: string, work: () => Promise<void>): Promise<void> =>
    keepTrying(name, options, signal, register, work);
  const onceRegistered = (name: string, work: () => Promise<void>): Promise<void> =>
    firstTime.promise.then(() => loop(name, work));
  const loops = [
    loop("register", keepRegistered),
    // Not after registering: what cannot be sent must get to disk.
    loop("windows", async () => {
      await pause(WINDOWS_MS, signal);
      if (!signal.aborted) await windows.send();
    }),
    onceRegistered("state", follow),
    onceRegistered("acks", async () => {
      await acksDue.wait(HEARTBEAT_MS, signal);
      if (!signal.aborted) await sendAcks();
    }),
    onceRegistered("jobs", () => workJobs(options, jobsDue, signal)),
    ...(options.workLoadTests === null ? [] : [onceRegistered("load tests", () => lookForLoadTests(options.workLoadTests, loadTestsDue, signal))]),
    ...(options.workBatch === null ? [] : [onceRegistered("batch", () => workBatches(options.workBatch, batchDue, signal))]),
  ];
  const { streamReports } = options;
  if (streamReports !== null)
    loops.push(
      onceRegistered("streams", async () => {
        await pause(STREAM_REPORT_MS, signal);
        if (signal.aborted) return;
        for (const { streamId, report } of streamReports()) await control.reportStream(streamId, report);
      }),
    );
  return {
    acksChanged: () => acksDue.set(),
    mustRegister: () => register.set(),
    async stop() {
      stopping.abort();
      control.hurry();
      await Promise.all(loops);
    },
  };
}
