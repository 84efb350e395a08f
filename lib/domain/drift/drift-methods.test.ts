import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jensenShannon, kolmogorovSmirnov, largestDifference, psi, psiParts, wasserstein } from "./distances.ts";
import { minimumSample, psiNullBand } from "./null-band.ts";
import { adjustFalseDiscovery, chiSquare, kolmogorovP, poolRareCells, proportionTest } from "./tests.ts";

const SEED = 20_261_123;
// Worked out with SciPy 1.17.1 and NumPy: chi2_contingency without correction, distance.jensenshannon base 2, trapezoid over 2 000 001 points.
const BEFORE = [10, 100, 200, 300, 200, 100, 5];
const NOW = [30, 80, 150, 310, 260, 150, 40];
const EDGES = [0, 1, 2, 4, 7, 10];

describe("drift methods against values worked out independently", () => {
  it("scores an empty cell the same way every time: the add-0.5 PSI of the four-cell example", () => {
    expect(psi([50, 30, 20, 0], [40, 30, 20, 10])).toBeCloseTo(0.32011703920512197, 12);
    expect(jensenShannon([50, 30, 20, 0], [40, 30, 20, 10])).toBeCloseTo(0.23241293654355824, 12);
  });

  it("agrees on seven cells", () => {
    expect(psi(BEFORE, NOW)).toBeCloseTo(0.13779839152094758, 12);
    expect(jensenShannon(BEFORE, NOW)).toBeCloseTo(0.15428044876267535, 12);
    expect(kolmogorovSmirnov(BEFORE, NOW)).toBeCloseTo(0.10784313725490191, 12);
    expect(kolmogorovP(0.10784313725490197, 915, 1020)).toBeCloseTo(2.360704202284707e-5, 12);
    expect(wasserstein(EDGES, BEFORE, NOW)).toBeCloseTo(0.6748441350585661, 6);
    const test = chiSquare(BEFORE, NOW);
    expect(test?.statistic).toBeCloseTo(59.053533723761404, 9);
    expect(test?.degrees).toBe(6);
    expect(test?.p).toBeCloseTo(7.006247858649447e-11, 18);
    // Largest difference of shares: the third cell, 200/915 - 150/1020.
    expect(largestDifference(BEFORE, NOW)).toBeCloseTo(200 / 915 - 150 / 1020, 12);
  });

  it("agrees on two shares and on adjusted p values", () => {
    const test = proportionTest({ part: 20, whole: 1000 }, { part: 60, whole: 1000 });
    expect(test?.statistic).toBeCloseTo(4.564354645876383, 10);
    expect(test?.p).toBeCloseTo(5.01033195639047e-6, 14);
    const adjusted = adjustFalseDiscovery([0.01, 0.04, 0.03, 0.002, 0.5]);
    [0.025, 0.05, 0.05, 0.01, 0.5].forEach((expected, index) => {
      expect(adjusted[index]).toBeCloseTo(expected, 12);
    });
    expect(adjustFalseDiscovery([])).toEqual([]);
  });

  it("has the null band and the minimum sample of the design figures", () => {
    // chi2.isf(0.01, 10) = 23.209; 11 cells, floor 0.1, a baseline of 10 000: about 486 rows.
    expect(psiNullBand(11, 10_000, 486)).toBeCloseTo(23.20925115895436 * (1 / 10_000 + 1 / 486), 9);
    expect(minimumSample(11, 10_000, 0.1)).toBe(487);
    expect(minimumSample(11, 100, 0.1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("drift methods at the edges", () => {
  it("answers null for an empty side and 0 and p = 1 for a constant", () => {
    for (const score of [psi, jensenShannon, kolmogorovSmirnov, largestDifference]) {
      expect(score([0, 0], [3, 4])).toBeNull();
      expect(score([3, 4], [0, 0])).toBeNull();
      expect(score([0, 7], [0, 7])).toBe(0);
    }
    expect(chiSquare([0, 0], [1, 1])).toBeNull();
    expect(chiSquare([0, 90], [0, 5])).toEqual({ statistic: 0, degrees: 0, p: 1 });
    expect(wasserstein([0, 1], [0, 0, 0], [0, 1, 0])).toBeNull();
  });

  it("stays finite for an unseen value and for all mass in another cell", () => {
    expect(psi([100, 0], [0, 100])).toBeCloseTo(2 * (100 / 101) * Math.log(201), 10);
    expect(jensenShannon([100, 0], [0, 100])).toBe(1);
    expect(chiSquare([100, 0], [0, 100])?.p).toBeLessThan(1e-40);
  });

  it("pools cells that are too rare for the approximation", () => {
    // The lone count of 1 beside 1 000 would give an expected count of 0.5.
    expect(poolRareCells([1, 500, 500], [0, 500, 500])).toHaveLength(2);
    expect(chiSquare([1, 500, 500], [0, 500, 500])?.degrees).toBe(1);
  });

  it("is 0 for equal counts, symmetric, not negative, and blind to the order of cells", () => {
    const cells = fc.array(fc.nat({ max: 1000 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(cells, cells, fc.nat(), (left, right, turn) => {
        const length = Math.min(left.length, right.length);
        const [a, b] = [left.slice(0, length), right.slice(0, length)];
        const rotate = (list: readonly number[]) => [...list.slice(turn % length), ...list.slice(0, turn % length)];
        for (const score of [psi, jensenShannon, largestDifference]) {
          const value = score(a, b);
          if (value === null) continue;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(value)).toBe(true);
          expect(score(b, a)).toBeCloseTo(value, 9);
          expect(score(rotate(a), rotate(b))).toBeCloseTo(value, 9);
          expect(score(a, a)).toBe(0);
        }
        const parts = psiParts(a, b);
        if (parts !== null) expect(parts.every((part) => part >= 0)).toBe(true);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
