import type { InferenceError } from "../oip/inference-error.ts";
import { startHost, type Host, type HostExit, type HostOptions } from "./host.ts";
import { encodeRunFrame, type ReadyMessage, type RunRequest, type RunResult } from "./messages.ts";
import { residentBytes } from "../process-identity.ts";
import type { WireTensor } from "./tensor-bytes.ts";

/**
 * So many requests leave at once, without waiting for the host: it then works on them while this process reads the next ones.
 * Without it front and host would take turns (docs/decisions/0004-model-hosts.md).
 */
const FULL_MESSAGE = 8;

export type InferOutcome =
  | { readonly ok: true; readonly outputs: readonly WireTensor[]; readonly runUs: number }
  | { readonly ok: false; readonly error: InferenceError };

/** One inference on its way. `done` is called once and set to null. */
export type PoolJob = {
  readonly inputs: readonly WireTensor[];
  readonly outputs: readonly number[] | null;
  /** May wait for a host that restarts and be run again, once, when its host is lost: inference changes nothing. */
  readonly isRetriable: boolean;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  done: ((outcome: InferOutcome) => void) | null;
  wasRetried: boolean;
  sentMs: number;
};

export type SlotEvents = {
  onReady(ready: ReadyMessage): void;
  onLoadFailed(problem: string): void;
  onResult(job: PoolJob, result: RunResult): void;
  /** The host is gone; these jobs were in it, oldest first. */
  onGone(exit: HostExit, jobs: readonly PoolJob[]): void;
};

/** A place for one model host: the process, what is in flight in it, and what leaves with the next write. */
export type Slot = {
  readonly isReady: boolean;
  readonly isRunning: boolean;
  readonly inFlight: number;
  readonly pid: number | null;
  start(): void;
  /** Takes a job for the host. Only while `isReady`. */
  push(job: PoolJob, nowMs: number): void;
  /**
   * Sends what was pushed, unless the host is at work: then it waits for the host's next answer and leaves with all that has come by then.
   * So an idle host gets a request at once, and a busy one gets them by the handful, which is what makes a message cheap.
   */
  flush(): void;
  /** Jobs past their deadline, taken out; kills the host when it has been silent for `timeoutMs` with work in hand. */
  expire(nowMs: number, timeoutMs: number): PoolJob[];
  checkMemory(limitBytes: number): void;
  close(): void;
  kill(): void;
};

/** `mayBatch` is asked at each frame: whether the host may run its requests as one. */
export function createSlot(
  options: HostOptions,
  events: SlotEvents,
  mayBatch: () => boolean,
): Slot {
  let host: Host | null = null;
  let isReady = false;
  let nextId = 0;
  let lastSignMs = 0;
  let inFlight = new Map<number, PoolJob>();
  let outbox: RunRequest[] = [];
  let unanswered = 0;

  const send = (): void => {
    const frame = encodeRunFrame(outbox, mayBatch());
    unanswered += outbox.length;
    outbox = [];
    host?.send(frame);
  };
  const hostEvents = {
    onReady(ready: ReadyMessage) {
      isReady = true;
      events.onReady(ready);
    },
    onLoadFailed: events.onLoadFailed,
    onResult(result: RunResult) {
      lastSignMs = performance.now();
      unanswered -= 1;
      const job = inFlight.get(result.id);
      // A job that expired is gone from the map; its late result means only that the host lives.
      if (job === undefined) return;
      inFlight.delete(result.id);
      events.onResult(job, result);
    },
    onResultsEnd() {
      if (outbox.length > 0) send();
    },
    onExit(exit: HostExit) {
      const jobs = [...inFlight.values()];
      host = null;
      isReady = false;
      inFlight = new Map();
      outbox = [];
      unanswered = 0;
      events.onGone(exit, jobs);
    },
  };
  return {
    get isReady() {
      return isReady;
    },
    get isRunning() {
      return host !== null;
    },
    get inFlight() {
      return inFlight.size;
    },
    get pid() {
      return host?.pid ?? null;
    },
    start() {
      host ??= startHost(options, hostEvents);
    },
    push(job, nowMs) {
      nextId = (nextId + 1) >>> 0;
      if (inFlight.size === 0) lastSignMs = nowMs;
      job.sentMs = nowMs;
      inFlight.set(nextId, job);
      outbox.push({ id: nextId, outputs: job.outputs, inputs: job.inputs });
      if (outbox.length >= FULL_MESSAGE) send();
    },
    flush() {
      if (outbox.length > 0 && unanswered === 0) send();
    },
    expire(nowMs, timeoutMs) {
      const expired: PoolJob[] = [];
      for (const [id, job] of inFlight) {
        if (nowMs < job.deadlineMs) break;
        inFlight.delete(id);
        expired.push(job);
      }
      const hasWork = inFlight.size > 0 || expired.length > 0;
      if (hasWork && nowMs - lastSignMs >= timeoutMs) host?.kill("timeout");
      return expired;
    },
    checkMemory(limitBytes) {
      const bytes = host?.pid === null || host === null ? null : residentBytes(host.pid);
      if (bytes !== null && bytes > limitBytes) host?.kill("memory");
    },
    close() {
      isReady = false;
      host?.close();
    },
    kill() {
      isReady = false;
      host?.kill("not_needed");
    },
  };
}
