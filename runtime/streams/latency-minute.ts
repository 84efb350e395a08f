import { createHistogram, mergeAll, quantileUs, record, toSparse, type Histogram } from "#lib/domain/statistics/histogram.ts";

const HALF_MS = 30_000;

/** Latencies and rate of the last half to whole minute. */
export type LatencyMinute = {
  add(latencyMs: number): void;
  read(): { readonly recordsPerSecond: number; readonly latencyMs: { readonly p50: number; readonly p99: number } | null };
};

export function createLatencyMinute(now: () => number): LatencyMinute {
  let older: Histogram = createHistogram();
  let newer: Histogram = createHistogram();
  let olderMs = 0;
  let beganMs = now();
  let count = 0;
  let olderCount = 0;
  const turn = (): void => {
    const age = now() - beganMs;
    if (age < HALF_MS) return;
    older = age < 2 * HALF_MS ? newer : createHistogram();
    olderCount = age < 2 * HALF_MS ? count : 0;
    olderMs = Math.min(age, HALF_MS);
    newer = createHistogram();
    count = 0;
    beganMs = now();
  };
  return {
    add(latencyMs) {
      turn();
      record(newer, Math.max(0, latencyMs) * 1000);
      count += 1;
    },
    read() {
      turn();
      const seconds = (olderMs + now() - beganMs) / 1000;
      const all = mergeAll([toSparse(older), toSparse(newer)]);
      const [p50, p99] = [quantileUs(all, 0.5), quantileUs(all, 0.99)];
      return {
        recordsPerSecond: seconds <= 0 ? 0 : (count + olderCount) / seconds,
        latencyMs: p50 === null || p99 === null ? null : { p50: p50 / 1000, p99: p99 / 1000 },
      };
    },
  };
}
