import { describe, expect, it } from "vitest";
import { isLatePeriod, WINDOWS_KEPT_SECONDS } from "./late-period.ts";

const NOW_MS = Date.parse("2026-11-23T12:00:30.000Z");

describe("windows whose other parts may be gone", () => {
  it("are those of minutes that began nearly as long ago as windows are kept", () => {
    expect(isLatePeriod(NOW_MS, NOW_MS)).toBe(false);
    expect(isLatePeriod(NOW_MS - (WINDOWS_KEPT_SECONDS - 3600) * 1000, NOW_MS)).toBe(false);
    expect(isLatePeriod(NOW_MS - (WINDOWS_KEPT_SECONDS - 600) * 1000, NOW_MS)).toBe(true);
    expect(isLatePeriod(NOW_MS - WINDOWS_KEPT_SECONDS * 1000, NOW_MS)).toBe(true);
  });

  it("are told by the minute, so that all windows of one minute are told the same", () => {
    const limit = NOW_MS - (WINDOWS_KEPT_SECONDS - 900) * 1000;
    const minute = Math.floor(limit / 60_000) * 60_000;
    expect([0, 10_000, 50_000].map((ms) => isLatePeriod(minute + ms, NOW_MS))).toEqual([true, true, true]);
    expect(isLatePeriod(minute + 60_000, NOW_MS)).toBe(false);
  });
});
