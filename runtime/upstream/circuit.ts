/** Stops asking a server that does not answer, and tries again by one request after a pause that doubles. */
export type Circuit = {
  /** Null: ask. Else milliseconds until it is worth asking again. */
  closedForMs(nowMs: number): number | null;
  succeeded(): void;
  failed(nowMs: number): void;
};

const FAILURES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export function createCircuit(): Circuit {
  let failures = 0;
  let openUntilMs = 0;
  let isTrying = false;
  return {
    closedForMs(nowMs) {
      if (failures < FAILURES) return null;
      if (nowMs < openUntilMs) return openUntilMs - nowMs;
      // One request finds out; the others wait for what becomes of it.
      if (isTrying) return FIRST_PAUSE_MS;
      isTrying = true;
      return null;
    },
    succeeded() {
      failures = 0;
      isTrying = false;
    },
    failed(nowMs) {
      failures += 1;
      isTrying = false;
      if (failures < FAILURES) return;
      openUntilMs = nowMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - FAILURES, 10));
    },
  };
}
