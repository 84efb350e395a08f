import { describe, expect, it } from "vitest";
import {
  bernoulliConfidenceSequence,
  betaBinomialLogMixture,
  cleanUnitsToProve,
  isProvenBelow,
  twoSidedOptimalRho,
} from "./bernoulli.ts";
import { lnBeta, lnGamma } from "./log-space.ts";

describe("the gamma function", () => {
  it.each([
    [0.5, 0.5723649429247001],
    [1, 0],
    [2, 0],
    [3.7, 1.4280723266653883],
    [10, 12.801827480081469],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
  ])("of %d is right in its logarithm", (x, expected) => {
    expect(lnGamma(x)).toBeCloseTo(expected, expected > 1e6 ? 6 : 12);
  });

  it("gives the beta function", () => {
    expect(lnBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 14);
  });
});

describe("published vectors of confseq", () => {
  it("two-sided optimal rho", () => {
    expect(twoSidedOptimalRho(100, 0.05)).toBeCloseTo(12.60056, 5);
  });

  it("beta-binomial two-sided log mixture", () => {
    const shape = { vOpt: 100, alphaOpt: 0.05, g: 0.2, h: 0.8 };
    expect(betaBinomialLogMixture(10, 100, shape)).toBeCloseTo(-0.6941012, 6);
  });

  it.each([
    [700, 1000, 100, 0.651629, 0.745949],
    [5, 50, 50, 0.013021, 0.269264],
    [1, 50, 50, 0, 0.13489],
    [100, 200, 1, 0.328923, 0.671076],
  ])("Bernoulli confidence sequence of %i in %i, tOpt %i", (bad, units, tOpt, lower, upper) => {
    const found = bernoulliConfidenceSequence(bad, units, 0.05, tOpt);
    expect(Math.abs(found.lower - lower)).toBeLessThan(2e-6);
    expect(Math.abs(found.upper - upper)).toBeLessThan(2e-6);
  });
});

describe("the absolute ceiling", () => {
  it.each([
    [0.1, 66],
    [0.05, 109],
    [0.02, 220],
    [0.01, 389],
    [0.005, 709],
    [0.001, 3159],
  ])("of %d is proven by %i clean units", (ceiling, units) => {
    expect(cleanUnitsToProve(ceiling, 0.05, 300)).toBe(units);
    expect(isProvenBelow(ceiling, 0, units, 0.05, 300)).toBe(true);
    expect(isProvenBelow(ceiling, 0, units - 1, 0.05, 300)).toBe(false);
  });

  it("agrees with the upper end of the confidence sequence", () => {
    for (const [bad, units] of [
      [0, 500],
      [1, 500],
      [3, 900],
      [4, 900],
      [40, 400],
    ] as const) {
      const { upper } = bernoulliConfidenceSequence(bad, units, 0.025, 300);
      expect(isProvenBelow(0.01, bad, units, 0.025, 300)).toBe(upper <= 0.01);
    }
  });

  it("is never proven by nothing, nor by a rate at the ceiling", () => {
    expect(isProvenBelow(0.01, 0, 0, 0.05, 300)).toBe(false);
    expect(isProvenBelow(0.01, 100, 10_000, 0.05, 300)).toBe(false);
    expect(bernoulliConfidenceSequence(0, 0, 0.05, 300)).toEqual({ lower: 0, upper: 1 });
  });
});
