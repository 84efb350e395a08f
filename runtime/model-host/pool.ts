import { residentBytes } from "../process-identity.ts";
import { createFairQueue } from "./fair-queue.ts";
import {
  beginClosing,
  createSlots,
  expectedWaitMs,
  jobOf,
  submit,
  tick,
  type PoolState,
} from "./pool-dispatch.ts";
import type { Pool, PoolEvents, PoolOptions, PoolStats } from "./pool-types.ts";

export { HostLostError } from "./pool-types.ts";
export type { Pool, PoolEvents, PoolOptions, PoolStats, Submission, Ticket } from "./pool-types.ts";

const TICK_MS = 20;
/** Found by measuring (docs/decisions/0004-model-hosts.md). */
export const FULL_MESSAGE = 8;
/** Warm-up and jobs: nobody else's turn. */
const OWN_RUN = {
  outputs: null,
  isRetriable: true,
  owner: "",
  share: 1,
  maxQueued: Number.POSITIVE_INFINITY,
  priority: "serving",
  deadlineMs: null,
} as const;

function statsOf({ slots, queue, restarts, feeding }: PoolState): PoolStats {
  const pids = slots.flatMap((slot) => slot.pid ?? []);
  return {
    hosts: slots.length,
    readyHosts: slots.filter((slot) => slot.isReady).length,
    restarts,
    inFlight: slots.reduce((sum, slot) => sum + slot.inFlight, 0),
    queued: queue.length,
    shadowQueued: queue.shadowLength,
    residentBytes: pids.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0),
    isBatching: feeding.maxRows > 1,
    busyMs: slots.reduce((sum, slot) => sum + slot.busyMs, 0),
    pids,
  };
}

export function createPool(options: PoolOptions, events: PoolEvents): Pool {
  const state: PoolState = {
    options,
    events,
    slots: [],
    queue: createFairQueue(),
    crashesMs: [],
    restarts: 0,
    nextRestartMs: 0,
    restartTimers: new Set(),
    isFlushPlanned: false,
    isClosing: false,
    feeding: { maxRows: 1, fullMessage: FULL_MESSAGE, maxDelayUs: 0 },
    meanRunUs: 0,
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

  const take: Pool["submit"] = (submission) => {
    const nowMs = performance.now();
    const job = jobOf(state, submission, nowMs);
    submit(state, job, submission.maxQueued, nowMs);
    return job;
  };
  return {
    start() {
      for (const slot of state.slots) slot.start();
      return state.started.promise;
    },
    submit: take,
    cancel(ticket) {
      ticket.done = null;
      // At once: what nobody waits for must not keep others from waiting.
      if (state.queue.length > 0) state.queue.removeWhere((job) => job === ticket);
    },
    run: (inputs) =>
      new Promise((done) => {
        take({ ...OWN_RUN, inputs, done });
      }),
    feed(feeding) {
      Object.assign(state.feeding, feeding);
    },
    waitingOf: (owner) => state.queue.waitingOf(owner),
    expectedWaitMs: () => expectedWaitMs(state),
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
