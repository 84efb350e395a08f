import fc from "fast-check";
import { expect, it } from "vitest";
import { instantOfLocal, localOfInstant } from "#lib/client/local-time.ts";

it("goes from an instant to the clock on the wall and back, whatever the zone", () => {
  const zones = [
    "UTC",
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }),
      (zone, seconds) => {
        const local = localOfInstant(new Date(seconds * 1000).toISOString(), zone);
        const back = instantOfLocal(local, zone);
        // In autumn one wall clock time is two instants; then the first is meant.
        expect(localOfInstant(back ?? "", zone)).toBe(local);
        expect(Date.parse(back ?? "")).toBeLessThanOrEqual(seconds * 1000);
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});

it("takes the first of two equal clock times in autumn and moves on over the gap in spring", () => {
  expect(instantOfLocal("2026-10-25T01:30", "Europe/London")).toBe("2026-10-25T00:30:00.000Z");
  expect(instantOfLocal("2026-03-29T01:30", "Europe/London")).toBe("2026-03-29T01:30:00.000Z");
});

it("refuses what is no date and time", () => {
  expect(
    ["", "2026-13-01T00:00", "yesterday", "2026-11-24"].map((text) => instantOfLocal(text, "UTC")),
  ).toEqual([null, null, null, null]);
});
