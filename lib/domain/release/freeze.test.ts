import { describe, expect, it } from "vitest";
import { freezeAt, type FreezeWindow } from "./freeze.ts";

const at = (text: string) => Date.parse(text);
const untilOf = (windows: readonly FreezeWindow[], now: string) => {
  const freeze = freezeAt(windows, at(now));
  return freeze === null ? null : `${freeze.name} ${new Date(freeze.untilMs).toISOString()}`;
};

const yearEnd: FreezeWindow = {
  kind: "once",
  name: "Year end",
  from: "2026-12-20T00:00:00Z",
  until: "2027-01-03T00:00:00Z",
};
/** 2026-11-27 is a Friday. */
const weekend: FreezeWindow = {
  kind: "weekly",
  name: "Weekend",
  fromDay: 5,
  fromTime: "16:00",
  untilDay: 1,
  untilTime: "08:30",
};

describe("a change freeze", () => {
  it.each([
    ["2026-12-19T23:59:59Z", null],
    ["2026-12-20T00:00:00Z", "Year end 2027-01-03T00:00:00.000Z"],
    ["2027-01-02T23:59:59Z", "Year end 2027-01-03T00:00:00.000Z"],
    ["2027-01-03T00:00:00Z", null],
  ])("that is once holds at %s: %s", (now, expected) => {
    expect(untilOf([yearEnd], now)).toBe(expected);
  });

  it.each([
    ["2026-11-27T15:59:59Z", null],
    ["2026-11-27T16:00:00Z", "Weekend 2026-11-30T08:30:00.000Z"],
    ["2026-11-29T12:00:00Z", "Weekend 2026-11-30T08:30:00.000Z"],
    ["2026-11-30T08:29:59Z", "Weekend 2026-11-30T08:30:00.000Z"],
    ["2026-11-30T08:30:00Z", null],
    ["2026-12-02T12:00:00Z", null],
  ])("that is weekly goes over Sunday and holds at %s: %s", (now, expected) => {
    expect(untilOf([weekend], now)).toBe(expected);
  });

  it("of several is the one that ends last", () => {
    expect(untilOf([weekend, yearEnd], "2026-12-26T12:00:00Z")).toBe(
      "Year end 2027-01-03T00:00:00.000Z",
    );
    expect(freezeAt([], 0)).toBeNull();
  });
});
