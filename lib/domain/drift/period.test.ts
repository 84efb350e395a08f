import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { period } from "./period.fixture.ts";
import { binnedBy, coverageOf, EMPTY_PERIOD, mergePeriods } from "./period.ts";

const SEED = 20_261_123;
describe("adding stretches of time up", () => {
  it("gives the same counts in any order and by any detour", () => {
    fc.assert(
      fc.property(fc.array(period, { minLength: 2, maxLength: 6 }), fc.nat(), (parts, at) => {
        const whole = mergePeriods(parts);
        const cut = 1 + (at % (parts.length - 1));
        expect(mergePeriods([mergePeriods(parts.slice(0, cut)), mergePeriods(parts.slice(cut))])).toEqual(whole);
        expect(mergePeriods([...parts].reverse())).toEqual(whole);
        expect(mergePeriods([...parts, EMPTY_PERIOD])).toEqual(whole);
        expect(whole.requests).toBe(parts.reduce((sum, part) => sum + part.requests, 0));
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("never adds counts of different bins", () => {
    const [one, two] = fc.sample(period, { seed: SEED, numRuns: 2 });
    if (one?.binned[0] === undefined || two?.binned[0] === undefined) throw new Error("No sample.");
    const mixed = mergePeriods([
      { ...one, binned: [{ ...one.binned[0], binsHash: "old", rows: 7 }] },
      { ...two, binned: [{ ...two.binned[0], binsHash: "new", rows: 9 }] },
    ]);
    expect(binnedBy(mixed, "old")?.rows).toBe(7);
    expect(binnedBy(mixed, "new")?.rows).toBe(9);
    expect(binnedBy(mixed, "other")).toBeNull();
  });

  it("tells coverage by rows that were served but not counted", () => {
    expect(coverageOf(EMPTY_PERIOD)).toBeNull();
    const binned = { binsHash: "h", rows: 99, rowsSkipped: 1, oodRows: 0, features: [], outputs: [], labelsByScore: [] };
    expect(coverageOf({ ...EMPTY_PERIOD, binned: [binned] })).toBe(0.99);
  });
});
