import { setTimeout as delay } from "node:timers/promises";

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5000;

/** Delay before try number `attempt` (from 0): doubles up to 5 s, spread over half to one and a half times, so that many runtimes do not come at once. */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10)) * (0.5 + random);
}

/** Waits; ends early, without an error, when the signal is given. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** A flag that a loop can wait for: set any number of times, seen once. */
export type Wake = {
  set(): void;
  /** Resolves when set, or after `ms`, or when the signal is given; clears the flag. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

export function createWake(): Wake {
  let isSet = false;
  let abortWait = new AbortController();
  return {
    set() {
      isSet = true;
      abortWait.abort();
    },
    async wait(ms, signal) {
      if (!isSet) {
        abortWait = new AbortController();
        await pause(ms, AbortSignal.any([signal, abortWait.signal]));
      }
      isSet = false;
    },
  };
}
