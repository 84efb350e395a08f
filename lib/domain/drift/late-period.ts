/** Windows are kept at least this long, for their minute to be added up again. */
export const WINDOWS_KEPT_SECONDS = 86_400;
/** Between asking whether parts are gone and writing, some of them may go: that far before their time they are counted as gone. */
const MARGIN_SECONDS = 900;
const MINUTE_MS = 60_000;

/**
 * Whether the other parts of this window's minute may be gone at `nowMs`. Such a window must be added to what is stored: adding the minute up again
 * would give the late part alone.
 */
export function isLatePeriod(windowStartMs: number, nowMs: number): boolean {
  const minuteStartMs = Math.floor(windowStartMs / MINUTE_MS) * MINUTE_MS;
  return minuteStartMs < nowMs - (WINDOWS_KEPT_SECONDS - MARGIN_SECONDS) * 1000;
}
