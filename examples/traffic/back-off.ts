/** How long to stay silent after failures in a row: doubles up to a limit, forgotten at the first success. */
export type BackOff = {
  isPaused(nowMs: number): boolean;
  /** Starts a pause unless one runs. */
  failed(nowMs: number): void;
  succeeded(): void;
};

export function createBackOff(firstMs: number, limitMs: number): BackOff {
  let pauseMs = firstMs;
  let untilMs = 0;
  return {
    isPaused: (nowMs) => nowMs < untilMs,
    failed(nowMs) {
      if (nowMs < untilMs) return;
      untilMs = nowMs + pauseMs;
      pauseMs = Math.min(limitMs, pauseMs * 2);
    },
    succeeded() {
      pauseMs = firstMs;
      untilMs = 0;
    },
  };
}
