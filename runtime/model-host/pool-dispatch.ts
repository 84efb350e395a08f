import { InferenceError } from "../oip/inference-error.ts";
import { SHADOW_LIMIT, type FairQueue } from "./fair-queue.ts";
import type { HostExit } from "./host.ts";
import type { ReadyMessage, RunResult } from "./messages.ts";
import { HostLostError, type PoolEvents, type PoolOptions, type Submission } from "./pool-types.ts";
import { CRASH_LOOP_COUNT, recentCrashes, restartDelayMs } from "./restart-policy.ts";
import { createSlot, type Feeding, type InferOutcome, type PoolJob, type Slot } from "./slot.ts";

/**
 * Requests handed to one host before the next one must wait in the front process: as much as the host does in this time, so that
 * it is never idle, and a slow model's queue stays here, where endpoints take turns and callers can leave.
 */
const HANDED_US = 10_000;
const LEAST_DEPTH = 2;
const MOST_DEPTH = 64;
/** Mirrored copies in one host at once. */
const SHADOW_DEPTH = 4;
const MEMORY_TICKS = 25;
/** A retriable request does not wait for a host whose restart is further away than this. */
const WORTH_WAITING_MS = 1000;
/** Weight of the newest run in the mean. */
const NEWEST = 0.05;
/** Everything that changes in a pool. Only the functions of this file and `pool.ts` touch it. */
export type PoolState = {
  readonly options: PoolOptions;
  readonly events: PoolEvents;
  slots: readonly Slot[];
  readonly queue: FairQueue;
  crashesMs: number[];
  restarts: number;
  nextRestartMs: number;
  readonly restartTimers: Set<NodeJS.Timeout>;
  isFlushPlanned: boolean;
  isClosing: boolean;
  readonly feeding: Feeding;
  /** Moving mean of a request's time in the model; 0 = none yet. */
  meanRunUs: number;
  ticks: number;
  readonly started: PromiseWithResolvers<ReadyMessage>;
  readonly closed: PromiseWithResolvers<void>;
};

const lost = (problem: string): InferOutcome => ({
  ok: false,
  error: new InferenceError(503, "host_lost", problem),
});
const unloading = (): InferOutcome => lost("The version is being unloaded.");
const timedOut = (job: PoolJob, timeoutMs: number): InferOutcome => {
  const isOwn = job.deadlineMs < job.submittedMs + timeoutMs;
  return {
    ok: false,
    error: isOwn
      ? new InferenceError(
          504,
          "deadline",
          "The deadline of the request passed before its answer was there.",
        )
      : new InferenceError(503, "timeout", `The model did not answer within ${timeoutMs} ms.`),
  };
};
const MOST_RETRY_SECONDS = 60;

/** How long a request that has to wait now will wait, in milliseconds, from the mean run so far. */
export function expectedWaitMs({ queue, slots, meanRunUs }: PoolState): number {
  const ahead = queue.length + slots.reduce((sum, slot) => sum + slot.inFlight, 0);
  const readyHosts = slots.filter((slot) => slot.isReady).length;
  return (ahead * meanRunUs) / 1000 / Math.max(1, readyHosts);
}

function overloaded(state: PoolState): InferOutcome {
  const seconds = Math.ceil(expectedWaitMs(state) / 1000);
  const retryAfter = Math.min(MOST_RETRY_SECONDS, Math.max(1, seconds));
  return {
    ok: false,
    error: new InferenceError(
      429,
      "overloaded",
      "Too many requests wait for this model.",
      retryAfter,
    ),
  };
}

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

function depthOf({ meanRunUs, feeding }: PoolState): number {
  const byTime = meanRunUs === 0 ? MOST_DEPTH : Math.ceil(HANDED_US / meanRunUs);
  const depth = Math.min(MOST_DEPTH, Math.max(LEAST_DEPTH, byTime));
  return feeding.maxRows > 1 ? Math.max(depth, 2 * feeding.maxRows) : depth;
}

function leastBusy(state: PoolState): Slot | null {
  const depth = depthOf(state);
  let best: Slot | null = null;
  for (const slot of state.slots) {
    const hasRoom = slot.isReady && slot.inFlight < depth;
    if (hasRoom && (best === null || slot.inFlight < best.inFlight)) best = slot;
  }
  return best;
}

/** Hands waiting requests to hosts that have room. */
function drainQueue(state: PoolState): void {
  const { queue } = state;
  while (queue.length + queue.shadowLength > 0) {
    const slot = leastBusy(state);
    if (slot === null) return;
    const mayShadow = slot.inFlight < SHADOW_DEPTH;
    const job = queue.take(mayShadow);
    if (job === null) return;
    // Cancelled while it waited.
    if (job.done === null) continue;
    slot.push(job, performance.now());
    planFlush(state);
  }
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
    if (job.done === null) continue;
    if (mayRetry && job.isRetriable && !job.wasRetried && nowMs < job.deadlineMs) {
      job.wasRetried = true;
      again.push(job);
    } else answer(job, lost(exit.problem));
  }
  state.queue.putBack(again);
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

export function createSlots(state: PoolState): Slot[] {
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
          if (result.ok) {
            const { meanRunUs } = state;
            state.meanRunUs =
              meanRunUs === 0 ? result.runUs : meanRunUs + NEWEST * (result.runUs - meanRunUs);
          }
          answer(job, outcomeOf(result));
          if (state.queue.length + state.queue.shadowLength > 0) drainQueue(state);
        },
        onGone: (exit, jobs) => onGone(state, slot, exit, jobs),
      },
      state.feeding,
    );
    return slot;
  });
}

/** Deadlines, hanging hosts, memory: what no event tells. */
export function tick(state: PoolState): void {
  const { timeoutMs, memoryLimitBytes } = state.options;
  const nowMs = performance.now();
  for (const slot of state.slots) {
    for (const job of slot.expire(nowMs, timeoutMs)) answer(job, timedOut(job, timeoutMs));
  }
  if (state.queue.length + state.queue.shadowLength > 0) {
    const gone = state.queue.removeWhere((job) => job.done === null || nowMs >= job.deadlineMs);
    for (const job of gone) answer(job, timedOut(job, timeoutMs));
    drainQueue(state);
  }
  state.ticks += 1;
  if (memoryLimitBytes !== null && state.ticks % MEMORY_TICKS === 0) {
    for (const slot of state.slots) slot.checkMemory(memoryLimitBytes);
  }
}

/** Why a request that no host can take now need not wait; null when it may wait. */
function refusal(
  state: PoolState,
  job: PoolJob,
  maxQueued: number,
  nowMs: number,
): InferOutcome | null {
  const { options, slots, queue, nextRestartMs } = state;
  if (state.isClosing) return unloading();
  const isHostSoon =
    options.restarts && job.isRetriable && nextRestartMs - nowMs <= WORTH_WAITING_MS;
  if (!isHostSoon && !slots.some((slot) => slot.isReady))
    return lost("The model host is restarting.");
  const isFull = job.isShadow
    ? queue.shadowLength >= SHADOW_LIMIT
    : queue.length >= options.queueLimit || queue.waitingOf(job.owner) >= maxQueued;
  return isFull ? overloaded(state) : null;
}

export function submit(state: PoolState, job: PoolJob, maxQueued: number, nowMs: number): void {
  if (nowMs >= job.deadlineMs) return answer(job, timedOut(job, state.options.timeoutMs));
  const slot = state.queue.length === 0 && !job.isShadow ? leastBusy(state) : null;
  if (slot !== null) {
    slot.push(job, nowMs);
    planFlush(state);
    return;
  }
  const refused = refusal(state, job, maxQueued, nowMs);
  if (refused !== null) return answer(job, refused);
  state.queue.push(job);
  if (job.isShadow) drainQueue(state);
}

export function jobOf({ options }: PoolState, submission: Submission, nowMs: number): PoolJob {
  const latestMs = nowMs + options.timeoutMs;
  return {
    inputs: submission.inputs,
    outputs: submission.outputs,
    owner: submission.owner,
    share: submission.share,
    isShadow: submission.priority === "shadow",
    isRetriable: submission.isRetriable && submission.priority === "serving",
    submittedMs: nowMs,
    deadlineMs:
      submission.deadlineMs === null ? latestMs : Math.min(latestMs, submission.deadlineMs),
    done: submission.done,
    wasRetried: false,
  };
}

export function beginClosing(state: PoolState): void {
  state.isClosing = true;
  for (const timer of state.restartTimers) clearTimeout(timer);
  for (const job of state.queue.removeWhere(() => true)) answer(job, unloading());
  for (const slot of state.slots) slot.close();
  if (state.slots.every((slot) => !slot.isRunning)) state.closed.resolve();
}
