import fc from "fast-check";
import { EMPTY_HISTOGRAM } from "#lib/domain/statistics/histogram.ts";
import type { PeriodCounts } from "./period.ts";

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
export const period: fc.Arbitrary<PeriodCounts> = fc.record({
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
