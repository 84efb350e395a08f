import type { HostOptions } from "./host.ts";
import type { ReadyMessage } from "./messages.ts";
import type { Feeding, InferOutcome } from "./slot.ts";
import type { WireTensor } from "./tensor-bytes.ts";

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
  /** Mirrored copies that wait. */
  readonly shadowQueued: number;
  readonly residentBytes: number;
  readonly isBatching: boolean;
  /** Milliseconds that hosts spent with work in hand, all added. */
  readonly busyMs: number;
  readonly pids: readonly number[];
};

/** The host ended before its model was loaded; no answer came from it. */
export class HostLostError extends Error {
  override readonly name = "HostLostError";
}

type Done = (outcome: InferOutcome) => void;

/** One inference for the hosts of a version. */
export type Submission = {
  readonly inputs: readonly WireTensor[];
  /** Positions in the signature's outputs; null = all. */
  readonly outputs: readonly number[] | null;
  /** May be run again, once, when its host is lost. */
  readonly isRetriable: boolean;
  /** Whose turn it takes among endpoints that share the hosts, and the share. */
  readonly owner: string;
  readonly share: number;
  /** Requests of this owner that may wait; one more is refused with 429. */
  readonly maxQueued: number;
  /**
   * `shadow`: a mirrored copy that nobody waits for. It runs only when no serving request wants the host, at most 256 wait, the newest
   * is refused with 429 when they do, and it is never run again.
   */
  readonly priority: "serving" | "shadow";
  /** On the clock of `performance.now()`; null = the version's own limit alone. */
  readonly deadlineMs: number | null;
  /** Called once, unless the submission is cancelled. */
  readonly done: Done;
};

/** What `cancel` takes back. */
export type Ticket = { done: Done | null };

/** The model hosts of one version: spreads requests, restarts what dies, answers what cannot be answered. */
export type Pool = {
  /** Resolves when every host has loaded the model; rejects with the reason when one cannot. */
  start(): Promise<ReadyMessage>;
  submit(submission: Submission): Ticket;
  /** The caller left: `done` is not called any more, and what has not begun is not begun. */
  cancel(ticket: Ticket): void;
  /** One inference as a promise; for warm-up and jobs. */
  run(inputs: readonly WireTensor[]): Promise<InferOutcome>;
  /** How hosts are fed: whether rows of waiting requests may run as one batch. One by one until that was found safe and worth while. */
  feed(feeding: Feeding): void;
  /** Serving requests that wait here, of one owner. */
  waitingOf(owner: string): number;
  /** How long a request that has to wait now will wait, in milliseconds, from the mean run so far. */
  expectedWaitMs(): number;
  stats(): PoolStats;
  /** Kills every host at once. */
  kill(): void;
  /** Ends the hosts cooperatively and resolves when the last one is gone. */
  close(): Promise<void>;
};
