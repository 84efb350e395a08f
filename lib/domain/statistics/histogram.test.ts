import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  binOf,
  BIN_COUNT,
  countAbove,
  createHistogram,
  EMPTY_HISTOGRAM,
  GAMMA,
  LAST_BIN,
  merge,
  mergeAll,
  quantileUs,
  record,
  RELATIVE_ERROR,
  reset,
  toSparse,
  upperEdgeUs,
} from "./histogram.ts";

const of = (values: readonly number[]) => {
  const histogram = createHistogram();
  for (const value of values) record(histogram, value);
  return toSparse(histogram);
};
const durations = fc.array(fc.double({ min: 1, max: 1e9, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});

describe("bins", () => {
  it("are those of an exponential histogram of scale 5", () => {
    expect(GAMMA).toBeCloseTo(1.0218971486541166, 15);
    expect(RELATIVE_ERROR).toBeCloseTo(0.01083, 5);
    expect([BIN_COUNT, LAST_BIN]).toEqual([958, 957]);
    expect([1, 2, 4, 1024, 1_000_000].map(binOf)).toEqual([0, 32, 64, 320, 638]);
  });

  it("hold their upper edge and nothing above", () => {
    for (let bin = 1; bin <= LAST_BIN; bin += 1) {
      expect(binOf(upperEdgeUs(bin))).toBe(bin);
      expect(binOf(upperEdgeUs(bin) * 1.0001)).toBe(bin + 1);
    }
  });
});

describe("quantiles", () => {
  it("are within 1.083 % of the sample quantile of the same rank", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
        const found = quantileUs(of(values), q) ?? Number.NaN;
        return Math.abs(found - exact) <= exact * (RELATIVE_ERROR + 1e-9);
      }),
    );
  });

  it("of nothing are unknown; outside of the range they are the ends that were seen", () => {
    expect(quantileUs(EMPTY_HISTOGRAM, 0.5)).toBeNull();
    const outside = of([0.25, 0.5, 2e9]);
    expect([quantileUs(outside, 0), quantileUs(outside, 1)]).toEqual([0.25, 2e9]);
    expect([outside.underflow, outside.overflow, outside.count]).toEqual([2, 1, 3]);
  });

  it("ignore what is not a duration", () => {
    expect(of([Number.NaN, -1, 5]).count).toBe(1);
  });
});

describe("merging", () => {
  it("equals recording everything into one, in any order", () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const { sum, ...joined } = merge(of(a), of(b));
        const { sum: whole, ...expected } = of([...a, ...b]);
        expect(joined).toEqual(expected);
        expect(merge(of(b), of(a)).bins).toEqual(joined.bins);
        const { sum: _, ...all } = mergeAll([of(a), EMPTY_HISTOGRAM, of(b)]);
        expect(all).toEqual(joined);
        expect(Math.abs(sum - whole)).toBeLessThanOrEqual(whole * 1e-9);
      }),
    );
  });

  it("has the empty histogram as its neutral element", () => {
    expect(merge(EMPTY_HISTOGRAM, of([3, 4]))).toEqual(of([3, 4]));
  });
});

it("counts what lies above a bin's edge exactly", () => {
  fc.assert(
    fc.property(durations, fc.integer({ min: 0, max: LAST_BIN }), (values, bin) => {
      const edge = upperEdgeUs(bin);
      return countAbove(of(values), edge) === values.filter((value) => binOf(value) > bin).length;
    }),
  );
});

it("is empty again after a reset and keeps its memory", () => {
  const histogram = createHistogram();
  const { bins } = histogram;
  record(histogram, 100);
  reset(histogram);
  expect(toSparse(histogram)).toEqual(EMPTY_HISTOGRAM);
  expect(histogram.bins).toBe(bins);
});
