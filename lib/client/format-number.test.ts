import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatLimitTimes,
  formatMeasured,
  formatMs,
  formatNumber,
  formatRatio,
  formatShare,
  formatSigned,
  formatTimes,
  formatWeight,
} from "#lib/client/format-number.ts";

describe("numbers on the screen", () => {
  it("uses a real minus sign and never a minus zero", () => {
    expect(formatNumber(-4.3, 1)).toBe("−4.3");
    expect(formatNumber(-0.04, 1)).toBe("0.0");
  });

  it("groups thousands", () => {
    expect(formatNumber(65_779)).toBe("65,779");
  });

  it("prints a plus only where something is above zero", () => {
    expect([4.3, -0.07, 0, 0.0001].map((value) => formatSigned(value, 2))).toEqual([
      "+4.30",
      "−0.07",
      "0.00",
      "0.00",
    ]);
  });

  it("prints weights in percent without needless zeros", () => {
    expect([2500, 50, 10_000, 1, 0].map(formatWeight)).toEqual([
      "25\u00a0%",
      "0.5\u00a0%",
      "100\u00a0%",
      "0.01\u00a0%",
      "0\u00a0%",
    ]);
  });

  it("gives small shares more digits", () => {
    expect([0.0024, 0.183, 0, 1].map(formatShare)).toEqual([
      "0.24\u00a0%",
      "18.3\u00a0%",
      "0.0\u00a0%",
      "100.0\u00a0%",
    ]);
  });

  it("keeps three significant digits in a ratio and drops zeros only from limits", () => {
    expect([0.5, 1.418, 12.34, 150].map(formatRatio)).toEqual(["0.50", "1.42", "12.3", "150"]);
    expect(formatTimes(1.5)).toBe("1.50×");
    expect([1.5, 2, 1.25, 10].map(formatLimitTimes)).toEqual(["1.5×", "2×", "1.25×", "10×"]);
  });

  it("keeps hundreds whole when a limit loses its zeros", () => {
    expect(formatLimitTimes(100)).toBe("100×");
  });

  it("measures roll backs in milliseconds below 100 ms and in hundredths of a second above", () => {
    expect([84, 1420, 100].map(formatMeasured)).toEqual([
      "84\u00a0ms",
      "1.42\u00a0s",
      "0.10\u00a0s",
    ]);
  });

  it("writes latency, sizes and counts with units", () => {
    expect(formatMs(4.3)).toBe("4.30\u00a0ms");
    expect(formatMs(120.34)).toBe("120.3\u00a0ms");
    expect(formatBytes(48_200_000)).toBe("48.2\u00a0MB");
    expect(formatBytes(900)).toBe("900\u00a0B");
    expect([
      formatCount(1, "request"),
      formatCount(2100, "request"),
      formatCount(2, "entry", "entries"),
    ]).toEqual(["1 request", "2,100 requests", "2 entries"]);
  });
});
