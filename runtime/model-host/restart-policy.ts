/** So many ends within the window are a crash loop: a candidate then gives up its weight. */
export const CRASH_LOOP_COUNT = 3;
export const CRASH_LOOP_WINDOW_MS = 60_000;
const LONGEST_DELAY_MS = 10_000;

/** The crashes that still count at `nowMs`, with the new one. */
export function recentCrashes(crashesMs: readonly number[], nowMs: number): number[] {
  return [...crashesMs.filter((atMs) => nowMs - atMs < CRASH_LOOP_WINDOW_MS), nowMs];
}

/** How long to wait before the next start: at once after the first crash, then 100, 400, 1600 ... ms, at most 10 s. */
export function restartDelayMs(recentCount: number): number {
  if (recentCount <= 1) return 0;
  return Math.min(LONGEST_DELAY_MS, 100 * 4 ** (recentCount - 2));
}
