import { setTimeout as delay } from "node:timers/promises";

/** When a part is ended: first what uses others, last what others use. */
export type StopStage = "users" | "services" | "database" | "lock";
const STAGES: readonly StopStage[] = ["users", "services", "database", "lock"];

/** Time for all stages together; what is left then is killed. Five seconds are promised. */
const STOP_LIMIT_MS = 4_300;

export type Stoppable = {
  stop: () => Promise<void>;
  /** At once and without a word; used when the time is over. */
  kill: () => void;
};

/** Everything that was started and must be ended, whatever state start-up is in. */
export type Lifecycle = {
  /** Aborted as soon as stopping begins: nothing new is started after that. */
  signal: AbortSignal;
  /** Returns the function that takes the part off the list again. */
  add: (stage: StopStage, part: Stoppable) => () => void;
  /** Ends everything; a second call waits for the first. */
  stop: () => Promise<void>;
};

export function createLifecycle(): Lifecycle {
  const controller = new AbortController();
  const parts = new Map<StopStage, Set<Stoppable>>(STAGES.map((stage) => [stage, new Set()]));
  let stopped: Promise<void> | null = null;

  const stopAll = async (): Promise<void> => {
    const deadline = performance.now() + STOP_LIMIT_MS;
    for (const stage of STAGES) {
      const members = [...(parts.get(stage) ?? [])];
      const ended = Promise.allSettled(members.map((part) => part.stop()));
      // The lock is given back even when the time is over.
      const left = stage === "lock" ? 500 : Math.max(0, deadline - performance.now());
      await Promise.race([ended, delay(left)]);
      for (const part of members) part.kill();
    }
  };

  return {
    signal: controller.signal,
    add: (stage, part) => {
      const members = parts.get(stage);
      members?.add(part);
      return () => members?.delete(part);
    },
    stop: () => {
      controller.abort();
      stopped ??= stopAll();
      return stopped;
    },
  };
}
