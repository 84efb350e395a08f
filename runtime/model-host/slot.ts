import type { InferenceError } from "../oip/inference-error.ts";
import { startHost, type Host, type HostExit, type HostOptions } from "./host.ts";
import { encodeRunFrame, type ReadyMessage, type RunRequest, type RunResult } from "./messages.ts";
import { residentBytes } from "../process-identity.ts";
import type { WireTensor } from "./tensor-bytes.ts";

/** How a host is to be fed; found at warm-up (`versions/batching.ts`). */
export type Feeding = {
  /** Requests whose rows may run as one batch; 1 = one by one. */
  maxRows: number;
  /**
   * So many requests leave at once, without waiting for the host: it then works on them while this process reads the next ones.
   * Without it front and host would take turns (docs/decisions/0004-model-hosts.md).
   */
  fullMessage: number;
  /** How long an idle host may be kept waiting for more rows; 0 = never. */
  maxDelayUs: number;
  /** Rising. With so many requests nothing waits for more, and more are cut into the largest of these. Absent or empty: `maxRows`. */
  preferredRows?: readonly number[];
};

export type InferOutcome =
  | { readonly ok: true; readonly outputs: readonly WireTensor[]; readonly runUs: number }
  | { readonly ok: false; readonly error: InferenceError };

/** One inference on its way. `done` is called once and set to null. */
export type PoolJob = {
  readonly inputs: readonly WireTensor[];
  readonly outputs: readonly number[] | null;
  /** Who shares the hosts with whom: the endpoint, and its share against others. */
  readonly owner: string;
  readonly share: number;
  /** A mirrored copy: runs only when nothing else wants the host. */
  readonly isShadow: boolean;
  /** On the clock of `performance.now()`. */
  readonly submittedMs: number;
  /** May wait for a host that restarts and be run again, once, when its host is lost: inference changes nothing. */
  readonly isRetriable: boolean;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  done: ((outcome: InferOutcome) => void) | null;
  wasRetried: boolean;
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
  /** Requests in the host or on their way to it that are mirrored copies. */
  readonly shadowInFlight: number;
  /** Milliseconds this place spent with work in hand, since the start. */
  readonly busyMs: number;
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

/** The size that waiting requests are cut into: the largest preferred one that they fill, else the largest allowed. */
export function rowsOfBatch(
  { maxRows, preferredRows }: Readonly<Feeding>,
  waiting: number,
): number {
  return preferredRows?.findLast((rows) => rows <= waiting) ?? maxRows;
}

/** `feeding` is read at each frame. */
export function createSlot(
  options: HostOptions,
  events: SlotEvents,
  feeding: Readonly<Feeding>,
): Slot {
  let host: Host | null = null;
  let isReady = false;
  let nextId = 0;
  let lastSignMs = 0;
  let inFlight = new Map<number, PoolJob>();
  let outbox: RunRequest[] = [];
  let unanswered = 0;
  let shadowInFlight = 0;
  let busyMs = 0;
  let busySinceMs = 0;
  let delayed: NodeJS.Timeout | null = null;

  const send = (): void => {
    if (delayed !== null) clearTimeout(delayed);
    delayed = null;
    const frame = encodeRunFrame(outbox, rowsOfBatch(feeding, outbox.length));
    unanswered += outbox.length;
    outbox = [];
    host?.send(frame);
  };
  const sendSoon = (): void => {
    delayed ??= setTimeout(() => {
      delayed = null;
      if (outbox.length > 0) send();
    }, feeding.maxDelayUs / 1000);
  };
  const forget = (id: number, job: PoolJob): void => {
    inFlight.delete(id);
    if (job.isShadow) shadowInFlight -= 1;
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
      forget(result.id, job);
      events.onResult(job, result);
    },
    onResultsEnd() {
      if (outbox.length > 0) send();
      else if (unanswered === 0) busyMs += performance.now() - busySinceMs;
    },
    onExit(exit: HostExit) {
      const jobs = [...inFlight.values()];
      host = null;
      isReady = false;
      inFlight = new Map();
      outbox = [];
      unanswered = 0;
      shadowInFlight = 0;
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
    get shadowInFlight() {
      return shadowInFlight;
    },
    get busyMs() {
      return unanswered === 0 ? busyMs : busyMs + performance.now() - busySinceMs;
    },
    get pid() {
      return host?.pid ?? null;
    },
    start() {
      host ??= startHost(options, hostEvents);
    },
    push(job, nowMs) {
      nextId = (nextId + 1) >>> 0;
      if (unanswered === 0 && outbox.length === 0) lastSignMs = nowMs;
      if (unanswered === 0 && outbox.length === 0) busySinceMs = nowMs;
      if (job.isShadow) shadowInFlight += 1;
      inFlight.set(nextId, job);
      outbox.push({ id: nextId, outputs: job.outputs, inputs: job.inputs });
      if (outbox.length >= feeding.fullMessage) send();
    },
    flush() {
      if (outbox.length === 0 || unanswered > 0) return;
      // A delay is only ever asked for by name; without it an idle host gets what is there at once.
      if (feeding.maxDelayUs > 0 && outbox.length < (feeding.preferredRows?.[0] ?? feeding.maxRows)) sendSoon();
      else send();
    },
    expire(nowMs, timeoutMs) {
      const expired: PoolJob[] = [];
      for (const [id, job] of inFlight) {
        // Deadlines are each caller's own: they need not be in order.
        if (nowMs < job.deadlineMs) continue;
        forget(id, job);
        expired.push(job);
      }
      // Also when every caller has given up by now: the host itself has not.
      const hasWork = unanswered > 0 || outbox.length > 0;
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
