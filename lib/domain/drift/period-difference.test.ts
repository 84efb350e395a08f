import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeMoments } from "./bins.ts";
import { periodDifference } from "./period-difference.ts";
import { period } from "./period.fixture.ts";
import { EMPTY_PERIOD, mergePeriods } from "./period.ts";

const SEED = 20_261_130;

describe("what came to a cumulative count", () => {
  it("gives the newer state when it is added to the older one, and nothing between equal ones", () => {
    fc.assert(
      fc.property(period, period, (before, more) => {
        const earlier = mergePeriods([before, EMPTY_PERIOD]);
        const now = mergePeriods([before, more]);
        expect(mergePeriods([earlier, periodDifference(now, earlier)])).toEqual(now);
        expect(mergePeriods([now, periodDifference(now, now)])).toEqual(now);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("takes mean and spread apart again", () => {
    const [a, b] = [{ n: 10, mean: 3, m2: 20 }, { n: 30, mean: 7, m2: 90 }];
    const counts = (moments: typeof a | null) => ({ name: "f", cells: [], under: 0, over: 0, unseen: 0, nulls: 0, nan: 0, moments });
    const of = (moments: typeof a | null) => ({
      ...EMPTY_PERIOD,
      binned: [{ binsHash: "h", rows: moments?.n ?? 0, rowsSkipped: 0, oodRows: 0, features: [counts(moments)], outputs: [], labelsByScore: [] }],
    });
    const left = periodDifference(of(mergeMoments(a, b)), of(a)).binned[0]?.features[0]?.moments;
    expect(left?.n).toBe(30);
    expect(left?.mean).toBeCloseTo(7, 9);
    expect(left?.m2).toBeCloseTo(90, 9);
    // Below five values a window says nothing of them: then all that it says later is new.
    expect(periodDifference(of(b), of(null)).binned[0]?.features[0]?.moments).toEqual(b);
  });
});
