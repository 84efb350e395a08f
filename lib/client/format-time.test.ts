import { describe, expect, it } from "vitest";
import {
  formatClock,
  formatDuration,
  formatInstant,
  formatLongDay,
  formatUtc,
  formatZonePlace,
  secondsBetween,
} from "#lib/client/format-time.ts";

const now = "2026-11-23T14:11:30.000Z";

describe("times on the screen", () => {
  it("prints the reader's zone beside every time", () => {
    expect(formatInstant("2026-11-23T14:02:11.000Z", "Europe/London", now)).toBe(
      "14:02:11\u00a0GMT",
    );
    expect(formatInstant("2026-11-23T14:02:11.000Z", "UTC", now)).toBe("14:02:11\u00a0UTC");
  });

  it("names the day when it is not the reader's today", () => {
    expect(formatInstant("2026-11-20T16:20:00.000Z", "Europe/London", now, false)).toBe(
      "20\u00a0Nov 16:20\u00a0GMT",
    );
  });

  it("names the year when it is another", () => {
    expect(formatInstant("2025-11-20T16:20:00.000Z", "UTC", now, false)).toBe(
      "20\u00a0Nov\u00a02025 16:20\u00a0UTC",
    );
  });

  it("takes the reader's day, not UTC's, to decide what today is", () => {
    expect(
      formatInstant("2026-11-23T23:30:00.000Z", "Asia/Tokyo", "2026-11-24T01:00:00.000Z", false),
    ).toMatch(/^08:30/);
  });

  it("follows daylight saving time", () => {
    expect(
      formatInstant("2026-07-01T12:00:00.000Z", "Europe/London", "2026-07-01T12:00:00.000Z", false),
    ).toBe("13:00\u00a0BST");
  });

  it("prints UTC for hover and copy", () => {
    expect(formatUtc("2026-11-23T14:02:11.345Z")).toBe("2026-11-23 14:02:11 UTC");
  });

  it("prints midnight as 00, never 24", () => {
    expect(formatClock("2026-11-23T00:00:00.000Z", "UTC")).toBe("00:00:00");
  });

  it("rounds lengths of time down and uses two units at most", () => {
    expect([0.6, 59.9, 240, 210, 4980, 86_400 * 3 + 5].map(formatDuration)).toEqual([
      "0\u00a0s",
      "59\u00a0s",
      "4\u00a0min",
      "3\u00a0min 30\u00a0s",
      "1\u00a0h 23\u00a0min",
      "3\u00a0days",
    ]);
  });

  it("knows the day and the place in words", () => {
    expect(formatLongDay(now, "Europe/London")).toBe("Monday 23 November 2026");
    expect(formatZonePlace("America/New_York")).toBe("New York");
  });

  it("never counts backwards", () => {
    expect(secondsBetween(now, "2026-11-23T14:11:00.000Z")).toBe(0);
  });
});
