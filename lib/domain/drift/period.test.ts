import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_HISTOGRAM } from "#lib/domain/statistics/histogram.ts";
import { binnedBy, coverageOf, EMPTY_PERIOD, mergePeriods, type PeriodCounts } from "./period.ts";

const SEED = 20_261_123;
const count = fc.nat({ max: 1000 });
const feature = (name: string) =>
  fc.record({
    name: fc.constant(name),
    cells: fc.array(count, { minLength: 3, maxLength: 3 }),
    under: count,
    over: count,
    unseen: count,
    nulls: count,
    nan: count,
    moments: fc.constant(null),
  });

/** Whole-number counts only, so that sums are equal to the last bit in any order. */
const period: fc.Arbitrary<PeriodCounts> = fc.record({
  requests: count,
  errors: count,
  refused: count,
  labelsReceived: count,
  labelsWrong: count,
  predictions: fc.dictionary(fc.constantFrom("a", "b", "c"), count),
  latencyUs: fc
    .uniqueArray(fc.tuple(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 9 })), { selector: ([bin]) => bin, maxLength: 5 })
    .map((bins) => ({
      ...EMPTY_HISTOGRAM,
      bins: bins.sort(([a], [b]) => a - b),
      count: bins.reduce((sum, [, n]) => sum + n, 0),
      min: bins.length === 0 ? null : 1,
      max: bins.length === 0 ? null : 2,
    })),
  queueUs: fc.constant(EMPTY_HISTOGRAM),
  inferenceUs: fc.constant(EMPTY_HISTOGRAM),
  reasons: fc.array(fc.record({ reason: fc.constantFrom("timeout", "schema"), status: fc.constantFrom(400, 504), count }), { maxLength: 3 }),
  values: fc.record({ received: count, sum: fc.integer({ min: -99, max: 99 }), sumSquares: count }),
  labelPairs: fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom("a", "b"), count), { maxLength: 4 }),
  labelErrors: fc.record({ n: count, sum: fc.integer({ min: -9, max: 9 }), sumAbsolute: count, sumSquares: count }),
  binned: fc
    .tuple(fc.constantFrom("one", "two"), count, count, feature("f"), feature("g"))
    .map(([binsHash, rows, oodRows, f, g]) => [
      { binsHash, rows, rowsSkipped: 0, oodRows, features: [f, g], outputs: [], labelsByScore: [["yes", [1, 2, 0, 0, 0]] as const] },
    ]),
});

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
