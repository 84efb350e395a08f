import { describe, expect, it } from "vitest";
import { chiSquareQuantile, chiSquareTail, kolmogorovTail, normalTwoSidedTail } from "./tail-probabilities.ts";

// Expected values: SciPy 1.17.1, scipy.stats.chi2.sf, chi2.isf, norm.sf, special.kolmogorov.
describe("tail probabilities", () => {
  it.each([
    [3.841458820694124, 1, 0.05],
    [18.307038053275146, 10, 0.05],
    [0.5, 10, 0.999993388289439],
    [100, 10, 5.4497019829205215e-17],
    [250, 256, 0.59395831726375],
  ])("agrees with SciPy: chi-square %f at %i degrees", (x, degrees, expected) => {
    expect(chiSquareTail(x, degrees)).toBeCloseTo(expected, 12);
    if (expected > 0) expect(chiSquareTail(x, degrees) / expected).toBeCloseTo(1, 8);
  });

  it("inverts the chi-square tail", () => {
    expect(chiSquareQuantile(0.01, 10)).toBeCloseTo(23.209251158954356, 8);
    expect(chiSquareQuantile(0.01, 1)).toBeCloseTo(6.6348966010212145, 8);
    expect(chiSquareQuantile(0.01, 0)).toBe(0);
  });

  it("agrees with SciPy on the normal and the Kolmogorov tails", () => {
    expect(normalTwoSidedTail(1.959963984540054)).toBeCloseTo(0.05, 12);
    expect(kolmogorovTail(0.5)).toBeCloseTo(0.9639452436648751, 12);
    expect(kolmogorovTail(1)).toBeCloseTo(0.26999967167735456, 12);
    expect(kolmogorovTail(1.5)).toBeCloseTo(0.022217962616525127, 12);
    expect(kolmogorovTail(0)).toBe(1);
  });
});
