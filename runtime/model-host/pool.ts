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
  readonly isBatching: boolean;
  readonly pids: readonly number[];
};

/** The host ended before its model was loaded; no answer came from it. */
export class HostLostError extends Error {
  override readonly name = "HostLostError";
}

type Done = (outcome: InferOutcome) => void;

/** The model hosts of one version: spreads requests, restarts what dies, answers what cannot be answered. */
export type Pool = {
  /** Resolves when every host has loaded the model; rejects with the reason when one cannot. */
  start(): Promise<ReadyMessage>;
  submit(
    inputs: readonly WireTensor[],
    outputs: readonly number[] | null,
    isRetriable: boolean,
    done: Done,
  ): void;
  /** One inference as a promise; for warm-up and jobs. */
  run(inputs: readonly WireTensor[]): Promise<InferOutcome>;
  /** Whether requests that wait for one host may run as one batch. Off until it was found safe and worth while for this model. */
  setBatching(isOn: boolean): void;
  stats(): PoolStats;
  /** Kills every host at once. */
  kill(): void;
  /** Ends the hosts cooperatively and resolves when the last one is gone. */
  close(): Promise<void>;
};

type PoolState = {
  readonly options: PoolOptions;
  readonly events: PoolEvents;
  slots: readonly Slot[];
  /** Oldest first. */
  queue: PoolJob[];
  crashesMs: number[];
  restarts: number;
  nextRestartMs: number;
  readonly restartTimers: Set<NodeJS.Timeout>;
  isFlushPlanned: boolean;
  isClosing: boolean;
  mayBatch: boolean;
  ticks: number;
  readonly started: PromiseWithResolvers<ReadyMessage>;
  readonly closed: PromiseWithResolvers<void>;
};

const lost = (problem: string): InferOutcome => ({
  ok: false,
  error: new InferenceError(503, "host_lost", problem),
});
const unloading = (): InferOutcome => lost("The version is being unloaded.");
const timedOut = (timeoutMs: number): InferOutcome => ({
  ok: false,
  error: new InferenceError(503, "timeout", `The model did not answer within ${timeoutMs} ms.`),
});
const overloaded = (): InferOutcome => ({
  ok: false,
  error: new InferenceError(429, "overloaded", "Too many requests wait for this model."),
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

/** Sends at the end of this turn of the event loop, so that all requests of the turn share one message. */
function planFlush(state: PoolState): void {
  if (state.isFlushPlanned) return;
  state.isFlushPlanned = true;
  setImmediate(() => {
    state.isFlushPlanned = false;
    for (const slot of state.slots) slot.flush();
  });
}

function leastBusy({ slots }: PoolState): Slot | null {
  let best: Slot | null = null;
  for (const slot of slots) {
    const hasRoom = slot.isReady && slot.inFlight < HOST_DEPTH;
    if (hasRoom && (best === null || slot.inFlight < best.inFlight)) best = slot;
  }
  return best;
}

function drainQueue(state: PoolState): void {
  let taken = 0;
  for (; taken < state.queue.length; taken += 1) {
    const slot = leastBusy(state);
    const job = state.queue[taken];
    if (slot === null || job === undefined) break;
    slot.push(job, performance.now());
    planFlush(state);
  }
  if (taken > 0) state.queue = state.queue.slice(taken);
}

function restartLater(state: PoolState, slot: Slot): void {
  const delayMs = restartDelayMs(state.crashesMs.length);
  state.nextRestartMs = performance.now() + delayMs;
  const timer = setTimeout(() => {
    state.restartTimers.delete(timer);
    if (!state.isClosing) slot.start();
  }, delayMs);
  state.restartTimers.add(timer);
}

/** Gives jobs of a host that is gone to another run where that is allowed, and answers the others. */
function reassign(state: PoolState, exit: HostExit, jobs: readonly PoolJob[], nowMs: number): void {
  const mayRetry = !state.isClosing && state.options.restarts;
  const again: PoolJob[] = [];
  for (const job of jobs) {
    if (mayRetry && job.isRetriable && !job.wasRetried && nowMs < job.deadlineMs) {
      job.wasRetried = true;
      again.push(job);
    } else answer(job, lost(exit.problem));
  }
  state.queue = [...again, ...state.queue];
}

function onGone(state: PoolState, slot: Slot, exit: HostExit, jobs: readonly PoolJob[]): void {
  const { events, options } = state;
  const nowMs = performance.now();
  state.started.reject(new HostLostError(exit.problem));
  reassign(state, exit, jobs, nowMs);
  if (state.isClosing) {
    if (state.slots.every((other) => !other.isRunning)) state.closed.resolve();
    return;
  }
  state.crashesMs = recentCrashes(state.crashesMs, nowMs);
  events.onCrash(exit.problem);
  if (!options.restarts) return;
  state.restarts += 1;
  restartLater(state, slot);
  if (state.crashesMs.length >= CRASH_LOOP_COUNT) events.onCrashLoop(exit.problem);
  drainQueue(state);
}

function createSlots(state: PoolState): Slot[] {
  return Array.from({ length: state.options.hosts }, () => {
    const slot: Slot = createSlot(
      state.options.host,
      {
        onReady(ready) {
          if (state.slots.every((other) => other.isReady)) state.started.resolve(ready);
          drainQueue(state);
        },
        onLoadFailed: (problem) => state.started.reject(new Error(problem)),
        onResult(job, result) {
          answer(job, outcomeOf(result));
          if (state.queue.length > 0) drainQueue(state);
        },
        onGone: (exit, jobs) => onGone(state, slot, exit, jobs),
      },
      () => state.mayBatch,
    );
    return slot;
  });
}

/** Deadlines, hanging hosts, memory: what no event tells. */
function tick(state: PoolState): void {
  const { timeoutMs, memoryLimitBytes } = state.options;
  const nowMs = performance.now();
  for (const slot of state.slots) {
    for (const job of slot.expire(nowMs, timeoutMs)) answer(job, timedOut(timeoutMs));
  }
  const expired = state.queue.filter((job) => nowMs >= job.deadlineMs);
  if (expired.length > 0) {
    state.queue = state.queue.filter((job) => nowMs < job.deadlineMs);
    for (const job of expired) answer(job, timedOut(timeoutMs));
  }
  if (state.queue.length > 0) drainQueue(state);
  state.ticks += 1;
  if (memoryLimitBytes !== null && state.ticks % MEMORY_TICKS === 0) {
    for (const slot of state.slots) slot.checkMemory(memoryLimitBytes);
  }
}

/** Why a request that no host can take now need not wait; null when it may wait. */
function refusal(state: PoolState, isRetriable: boolean, nowMs: number): InferOutcome | null {
  const { options, slots, queue, nextRestartMs } = state;
  if (state.isClosing) return unloading();
  const isHostSoon = options.restarts && isRetriable && nextRestartMs - nowMs <= WORTH_WAITING_MS;
  if (!isHostSoon && !slots.some((slot) => slot.isReady))
    return lost("The model host is restarting.");
  return queue.length >= options.queueLimit ? overloaded() : null;
}

function submit(state: PoolState, job: PoolJob, nowMs: number): void {
  const slot = state.queue.length === 0 ? leastBusy(state) : null;
  if (slot !== null) {
    slot.push(job, nowMs);
    planFlush(state);
    return;
  }
  const refused = refusal(state, job.isRetriable, nowMs);
  if (refused === null) state.queue.push(job);
  else answer(job, refused);
}

function statsOf({ slots, queue, restarts, mayBatch }: PoolState): PoolStats {
  const pids = slots.flatMap((slot) => slot.pid ?? []);
  return {
    hosts: slots.length,
    readyHosts: slots.filter((slot) => slot.isReady).length,
    restarts,
    inFlight: slots.reduce((sum, slot) => sum + slot.inFlight, 0),
    queued: queue.length,
    residentBytes: pids.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0),
    isBatching: mayBatch,
    pids,
  };
}

function beginClosing(state: PoolState): void {
  state.isClosing = true;
  for (const timer of state.restartTimers) clearTimeout(timer);
  const waiting = state.queue;
  state.queue = [];
  for (const job of waiting) answer(job, unloading());
  for (const slot of state.slots) slot.close();
  if (state.slots.every((slot) => !slot.isRunning)) state.closed.resolve();
}

export function createPool(options: PoolOptions, events: PoolEvents): Pool {
  const state: PoolState = {
    options,
    events,
    slots: [],
    queue: [],
    crashesMs: [],
    restarts: 0,
    nextRestartMs: 0,
    restartTimers: new Set(),
    isFlushPlanned: false,
    isClosing: false,
    mayBatch: false,
    ticks: 0,
    started: Promise.withResolvers(),
    closed: Promise.withResolvers(),
  };
  state.slots = createSlots(state);
  // Whoever does not wait for the start learns of a failed one from the crash it is.
  state.started.promise.catch(() => undefined);
  const ticker = setInterval(() => tick(state), TICK_MS);
  ticker.unref();
  void state.closed.promise.then(() => clearInterval(ticker));

  const take: Pool["submit"] = (inputs, outputs, isRetriable, done) => {
    const nowMs = performance.now();
    const deadlineMs = nowMs + options.timeoutMs;
    submit(
      state,
      { inputs, outputs, isRetriable, deadlineMs, done, wasRetried: false, sentMs: 0 },
      nowMs,
    );
  };
  return {
    start() {
      for (const slot of state.slots) slot.start();
      return state.started.promise;
    },
    submit: take,
    run: (inputs) => new Promise((resolve) => take(inputs, null, true, resolve)),
    setBatching(isOn) {
      state.mayBatch = isOn;
    },
    stats: () => statsOf(state),
    kill() {
      for (const slot of state.slots) slot.kill();
    },
    close() {
      if (!state.isClosing) beginClosing(state);
      return state.closed.promise;
    },
  };
}
