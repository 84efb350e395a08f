import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  logScale,
  niceTicks,
  ratioDomain,
  ratioTicks,
  runs,
  spread,
  thin,
  timeTicks,
} from "./scales.ts";

const seed = 20261123;
const ratio = fc.double({ min: 0.001, max: 1000, noNaN: true });

describe("the ratio axis", () => {
  it("always shows 1, the limits and the estimate between its ends when they are in reach", () => {
    fc.assert(
      fc.property(
        fc.record({ estimate: fc.option(ratio), low: fc.option(ratio), high: fc.option(ratio) }),
        fc.double({ min: 1.05, max: 20, noNaN: true }),
        (band, upper) => {
          const [low, high] = ratioDomain(band, { upper, lower: 1 / upper });
          expect(low).toBeLessThan(1);
          expect(high).toBeGreaterThan(upper);
          expect(low).toBeLessThan(1 / upper);
          expect(ratioTicks([low, high])).toContain(1);
          expect(ratioTicks([low, high]).length).toBeGreaterThanOrEqual(3);
          expect(ratioTicks([low, high]).length).toBeLessThanOrEqual(9);
        },
      ),
      { seed },
    );
  });

  it("puts half and double at equal distances from 1", () => {
    const y = logScale([0.25, 4], [100, 0]);
    expect(y(1)).toBeCloseTo(50);
    expect(y(1) - y(2)).toBeCloseTo(y(0.5) - y(1));
  });

  it("does not let a wide open band shrink the limit to nothing", () => {
    const [, high] = ratioDomain(
      { estimate: 1.2, low: 0.01, high: 400 },
      { upper: 2, lower: null },
    );
    expect(high).toBe(12);
  });
});

describe("the time axis", () => {
  it("uses round steps and no more ticks than asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 1000, max: 10 ** 9 }),
        (from, span) => {
          const { at, stepSeconds } = timeTicks([from, from + span], 7);
          expect(at.length).toBeLessThanOrEqual(8);
          expect(
            at.every((t) => t % (stepSeconds * 1000) === 0 && t >= from && t <= from + span),
          ).toBe(true);
        },
      ),
      { seed },
    );
  });
});

describe("linear ticks", () => {
  it("cover the data with two to seven round values", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (low, span) => {
          const { ticks } = niceTicks(low, low + span);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(7);
          expect(ticks[0]).toBeLessThanOrEqual(low + 1e-6 * Math.max(1, low));
          expect(ticks.at(-1)).toBeGreaterThanOrEqual((low + span) * (1 - 1e-9));
        },
      ),
      { seed },
    );
  });

  it("print with the digits that tell them apart", () => {
    expect(niceTicks(0, 0.6)).toEqual({ ticks: [0, 0.2, 0.4, 0.6000000000000001], digits: 1 });
    expect(niceTicks(100, 140).digits).toBe(0);
  });
});

describe("series", () => {
  it("keep their ends when thinned", () => {
    const items = Array.from({ length: 1000 }, (_, index) => index);
    const kept = thin(items, 120);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([120, 0, 999]);
  });

  it("break where a value is missing", () => {
    expect(runs([1, 2, null, 3], (value) => value !== null)).toEqual([[1, 2], [3]]);
  });

  it("labels keep their order and their distance", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 200, noNaN: true }), { minLength: 1, maxLength: 4 }),
        (positions) => {
          const placed = spread(positions, 30, [0, 200]);
          const sorted = [...placed].sort((a, b) => a - b);
          for (let i = 1; i < sorted.length; i += 1)
            expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(30 - 1e-9);
        },
      ),
      { seed },
    );
  });
});
