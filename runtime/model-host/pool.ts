import { InferenceError } from "../oip/inference-error.ts";
import { residentBytes } from "../process-identity.ts";
import type { HostExit, HostOptions } from "./host.ts";
import type { ReadyMessage, RunResult } from "./messages.ts";
import { CRASH_LOOP_COUNT, recentCrashes, restartDelayMs } from "./restart-policy.ts";
import { createSlot, type InferOutcome, type PoolJob, type Slot } from "./slot.ts";
import type { WireTensor } from "./tensor-bytes.ts";

/** Requests handed to one host before the next one must wait in the front process. */
const HOST_DEPTH = 64;
const TICK_MS = 20;
const MEMORY_TICKS = 25;
/** A retriable request does not wait for a host whose restart is further away than this. */
const WORTH_WAITING_MS = 1000;

export type PoolOptions = {
  readonly host: HostOptions;
  readonly hosts: number;
  readonly timeoutMs: number;
  readonly memoryLimitBytes: number | null;
  /** Requests waiting for a host beyond which new ones are refused with 429. */
  readonly queueLimit: number;
  /** False: a host that ends stays ended, and so does everything sent to it (profile runs). */
  readonly restarts: boolean;
};

/** The host ended before its model was loaded; no answer came from it. */
export class HostLostError extends Error {
  override readonly name = "HostLostError";
}

export type PoolEvents = {
  /** A host ended by itself or had to be killed. */
  onCrash(problem: string): void;
  onCrashLoop(problem: string): void;
};

export type PoolStats = {
  readonly hosts: number;
  readonly readyHosts: number;
  readonly restarts: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly residentBytes: number;
  readonly pids: readonly number[];
};

/** The model hosts of one version: spreads requests, restarts what dies, answers what cannot be answered. */
export type Pool = {
  /** Resolves when every host has loaded the model; rejects with the reason when one cannot. */
  start(): Promise<ReadyMessage>;
  submit(inputs: readonly WireTensor[], outputs: readonly number[] | null, isRetriable: boolean, done: (outcome: InferOutcome) => void): void;
  /** One inference as a promise; for warm-up and jobs. */
  run(inputs: readonly WireTensor[]): Promise<InferOutcome>;
  stats(): PoolStats;
  /** Kills every host at once. */
  kill(): void;
  /** Ends the hosts cooperatively and resolves when the last one is gone. */
  close(): Promise<void>;
};

const lost = (problem: string): InferOutcome => ({ ok: false, error: new InferenceError(503, "host_lost", problem) });
const timedOut = (timeoutMs: number): InferOutcome => ({
  ok: false,
  error: new InferenceError(503, "timeout", `The model did not answer within ${timeoutMs} ms.`),
});

function outcomeOf(result: RunResult): InferOutcome {
  if (result.ok) return { ok: true, outputs: result.outputs, runUs: result.runUs };
  const error = result.isInputFault
    ? new InferenceError(400, "bad_request", result.problem)
    : new InferenceError(500, "model_error", `The model failed: ${result.problem}`);
  return { ok: false, error };
}

function answer(job: PoolJob, outcome: InferOutcome): void {
  const { done } = job;
  job.done = null;
  done?.(outcome);
}

export function createPool(options: PoolOptions, events: PoolEvents): Pool {
  const { timeoutMs } = options;
  let queue: PoolJob[] = [];
  let crashesMs: number[] = [];
  let restarts = 0;
  let isClosing = false;
  let nextRestartMs = 0;
  let isFlushPlanned = false;
  let ticks = 0;
  let settleStart: { resolve(ready: ReadyMessage): void; reject(error: Error): void } | null = null;
  let settleClose: (() => void) | null = null;
  const restartTimers = new Set<NodeJS.Timeout>();

  const flushAll = (): void => {
    isFlushPlanned = false;
    for (const slot of slots) slot.flush();
  };
  const planFlush = (): void => {
    if (isFlushPlanned) return;
    isFlushPlanned = true;
    setImmediate(flushAll);
  };
  const leastBusy = (): Slot | null => {
    let best: Slot | null = null;
    for (const slot of slots) {
      if (slot.isReady && slot.inFlight < HOST_DEPTH && (best === null || slot.inFlight < best.inFlight)) best = slot;
    }
    return best;
  };
  const drainQueue = (): void => {
    let taken = 0;
    for (; taken < queue.length; taken += 1) {
      const slot = leastBusy();
      const job = queue[taken];
      if (slot === null || job === undefined) break;
      slot.push(job, performance.now());
      planFlush();
    }
    if (taken > 0) queue = queue.slice(taken);
  };

  const restartLater = (slot: Slot, delayMs: number): void => {
    nextRestartMs = performance.now() + delayMs;
    const timer = setTimeout(() => {
      restartTimers.delete(timer);
      if (!isClosing) slot.start();
    }, delayMs);
    restartTimers.add(timer);
  };
  const onGone = (slot: Slot, exit: HostExit, jobs: readonly PoolJob[]): void => {
    if (settleStart !== null) {
      settleStart.reject(new HostLostError(exit.problem));
      settleStart = null;
    }
    const nowMs = performance.now();
    const again = isClosing || !options.restarts ? [] : jobs.filter((job) => job.isRetriable && !job.wasRetried && nowMs < job.deadlineMs);
    for (const job of again) job.wasRetried = true;
    for (const job of jobs) if (!again.includes(job)) answer(job, lost(exit.problem));
    queue = [...again, ...queue];
    if (isClosing) {
      if (slots.every((other) => !other.isRunning)) settleClose?.();
      return;
    }
    crashesMs = recentCrashes(crashesMs, nowMs);
    events.onCrash(exit.problem);
    if (!options.restarts) return;
    restarts += 1;
    restartLater(slot, restartDelayMs(crashesMs.length));
    if (crashesMs.length >= CRASH_LOOP_COUNT) events.onCrashLoop(exit.problem);
    drainQueue();
  };
  const onReady = (ready: ReadyMessage): void => {
    if (slots.every((slot) => slot.isReady)) {
      settleStart?.resolve(ready);
      settleStart = null;
    }
    drainQueue();
  };

  const slots: Slot[] = Array.from({ length: options.hosts }, () => {
    const slot: Slot = createSlot(options.host, {
      onReady,
      onLoadFailed(problem) {
        settleStart?.reject(new Error(problem));
        settleStart = null;
      },
      onResult(job, result) {
        answer(job, outcomeOf(result));
        if (queue.length > 0) drainQueue();
      },
      onGone: (exit, jobs) => onGone(slot, exit, jobs),
    });
    return slot;
  });

  const tick = (): void => {
    const nowMs = performance.now();
    for (const slot of slots) for (const job of slot.expire(nowMs, timeoutMs)) answer(job, timedOut(timeoutMs));
    if (queue.length > 0) {
      const expired = queue.filter((job) => nowMs >= job.deadlineMs);
      if (expired.length > 0) queue = queue.filter((job) => nowMs < job.deadlineMs);
      for (const job of expired) answer(job, timedOut(timeoutMs));
      drainQueue();
    }
    ticks += 1;
    if (options.memoryLimitBytes !== null && ticks % MEMORY_TICKS === 0) {
      for (const slot of slots) slot.checkMemory(options.memoryLimitBytes);
    }
  };
  const ticker = setInterval(tick, TICK_MS);
  ticker.unref();

  const submit: Pool["submit"] = (inputs, outputs, isRetriable, done) => {
    const nowMs = performance.now();
    const job: PoolJob = { inputs, outputs, isRetriable, deadlineMs: nowMs + timeoutMs, done, wasRetried: false, sentMs: 0 };
    const slot = queue.length === 0 ? leastBusy() : null;
    if (slot !== null) {
      slot.push(job, nowMs);
      planFlush();
      return;
    }
    if (isClosing) return answer(job, lost("The version is being unloaded."));
    if (!slots.some((other) => other.isReady) && (!isRetriable || !options.restarts || nextRestartMs - nowMs > WORTH_WAITING_MS)) {
      return answer(job, lost("The model host is restarting."));
    }
    if (queue.length >= options.queueLimit) {
      return answer(job, { ok: false, error: new InferenceError(429, "overloaded", "Too many requests wait for this model.") });
    }
    queue.push(job);
  };

  return {
    start: () =>
      new Promise((resolve, reject) => {
        settleStart = { resolve, reject };
        for (const slot of slots) slot.start();
      }),
    submit,
    run: (inputs) => new Promise((resolve) => submit(inputs, null, true, resolve)),
    stats() {
      const pids = slots.flatMap((slot) => slot.pid ?? []);
      return {
        hosts: slots.length,
        readyHosts: slots.filter((slot) => slot.isReady).length,
        restarts,
        inFlight: slots.reduce((sum, slot) => sum + slot.inFlight, 0),
        queued: queue.length,
        residentBytes: pids.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0),
        pids,
      };
    },
    kill() {
      for (const slot of slots) slot.kill();
    },
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        for (const timer of restartTimers) clearTimeout(timer);
        const waiting = queue;
        queue = [];
        for (const job of waiting) answer(job, lost("The version is being unloaded."));
        const finish = (): void => {
          clearInterval(ticker);
          resolve();
        };
        settleClose = finish;
        for (const slot of slots) slot.close();
        if (slots.every((slot) => !slot.isRunning)) finish();
      }),
  };
}
