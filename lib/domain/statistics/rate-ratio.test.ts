import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logEClassShift, logEPredictionShift } from "./class-shares.ts";
import { logMeanExp } from "./log-space.ts";
import {
  ALTERNATIVES,
  candidateShareOfEvents,
  expectedEvents,
  logEHarm,
  logESafe,
  logLikelihoodRatio,
  mostLikelyRatio,
  ratioBand,
  type EventStratum,
} from "./rate-ratio.ts";
import { logEAboveRate } from "./reference-rate.ts";
import { logESplit } from "./split-ratio.ts";

const stratum = (candidateShareBp: number, candidate: number, stable: number): EventStratum => ({
  candidateShareBp,
  candidate,
  stable,
});
const anyStrata = fc.array(
  fc.record({
    candidateShareBp: fc.integer({ min: 1, max: 9_999 }),
    candidate: fc.nat(400),
    stable: fc.nat(400),
  }),
  { maxLength: 4 },
);
const anyRatio = fc.double({ min: 0.05, max: 20, noNaN: true });

describe("the likelihood ratio", () => {
  it("is that of the binomial split of events", () => {
    const [q, q0] = [candidateShareOfEvents(3, 1_000), candidateShareOfEvents(1.5, 1_000)];
    expect(q).toBeCloseTo(0.3 / 1.2, 15);
    const direct = 7 * Math.log(q / q0) + 20 * Math.log((1 - q) / (1 - q0));
    expect(logLikelihoodRatio([stratum(1_000, 7, 20)], 3, 1.5)).toBeCloseTo(direct, 12);
  });

  it("adds up over strata and over windows of equal share", () => {
    const parts = [stratum(1_000, 2, 5), stratum(1_000, 3, 4), stratum(2_500, 6, 10)];
    const joined = [stratum(1_000, 5, 9), stratum(2_500, 6, 10)];
    expect(logLikelihoodRatio(parts, 2, 1)).toBeCloseTo(logLikelihoodRatio(joined, 2, 1), 12);
  });

  it("carries no evidence where only one arm serves", () => {
    expect(logLikelihoodRatio([stratum(0, 5, 5), stratum(10_000, 5, 5)], 3, 1)).toBe(0);
  });

  it("has expectation one under its null, exactly", () => {
    // Sum over all splits of d events of P(split) * E(split), for both families.
    for (const [family, ratio] of [
      [logEHarm, 2],
      [logESafe, 2],
      [logEHarm, 1],
      [logESafe, 0.5],
    ] as const) {
      const q = candidateShareOfEvents(ratio, 2_500);
      const d = 12;
      let binomial = (1 - q) ** d;
      let expectation = 0;
      for (let c = 0; c <= d; c += 1) {
        expectation += binomial * Math.exp(family([stratum(2_500, c, d - c)], ratio));
        binomial *= ((d - c) / (c + 1)) * (q / (1 - q));
      }
      expect(expectation).toBeCloseTo(1, 10);
    }
  });
});

describe("evidence", () => {
  it("of harm falls and of safety rises with the null ratio, so bands are intervals", () => {
    fc.assert(
      fc.property(anyStrata, anyRatio, anyRatio, (strata, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        return (
          logEHarm(strata, low) >= logEHarm(strata, high) - 1e-9 &&
          logESafe(strata, low) <= logESafe(strata, high) + 1e-9
        );
      }),
    );
  });

  it("is none without events", () => {
    expect([logEHarm([], 2), logESafe([], 2)]).toEqual([0, 0]);
  });

  it("of enormous counts stays finite", () => {
    const huge = [stratum(1_000, 5e8, 1e9)];
    expect(Number.isFinite(logEHarm(huge, 2))).toBe(true);
    // The true ratio is 4.5; the grid's finest alternative, 1.25, keeps the band about 11 % wide on each side for ever.
    expect(ratioBand(huge, { limitRatio: 2, alpha: 0.01, beta: 0.05 }).lower).toBeGreaterThan(4);
  });
});

describe("the band", () => {
  it("and the verdict are one: past the limit exactly on harm, inside exactly on safety", () => {
    fc.assert(
      fc.property(
        anyStrata,
        fc.double({ min: 1.05, max: 8, noNaN: true }),
        (strata, limitRatio) => {
          const band = ratioBand(strata, { limitRatio, alpha: 0.01, beta: 0.05 });
          const harm = logEHarm(strata, limitRatio) >= Math.log(100);
          const safe = logESafe(strata, limitRatio) >= Math.log(20);
          expect(band.lower >= limitRatio).toBe(harm);
          expect(band.upper !== null && band.upper <= limitRatio).toBe(safe);
          if (band.upper !== null) expect(band.lower).toBeLessThanOrEqual(band.upper);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("ends where the evidence reaches its limit", () => {
    const strata = [stratum(1_000, 30, 60), stratum(2_500, 40, 40)];
    const band = ratioBand(strata, { limitRatio: 2, alpha: 0.01, beta: 0.05 });
    expect(logEHarm(strata, band.lower)).toBeCloseTo(Math.log(100), 6);
    expect(logESafe(strata, band.upper ?? 0)).toBeCloseTo(Math.log(20), 6);
    expect(band.lower).toBeLessThan(mostLikelyRatio(strata) ?? 0);
  });

  it("is open where nothing was seen", () => {
    expect(ratioBand([], { limitRatio: 2, alpha: 0.01, beta: 0.05 })).toEqual({
      lower: 0,
      upper: null,
    });
    expect(
      ratioBand([stratum(1_000, 0, 3)], { limitRatio: 2, alpha: 0.01, beta: 0.05 }).lower,
    ).toBe(0);
  });
});

describe("the likeliest ratio", () => {
  it("is the ratio of rates for one share", () => {
    expect(mostLikelyRatio([stratum(1_000, 20, 60)])).toBeCloseTo(3, 9);
  });

  it("has no number without failures in stable, and is zero without failures in the candidate", () => {
    expect([
      mostLikelyRatio([stratum(1_000, 4, 0)]),
      mostLikelyRatio([stratum(1_000, 0, 4)]),
    ]).toEqual([null, 0]);
  });
});

it("plans with the published number of events", () => {
  expect(Math.round(expectedEvents(2, 1, 500, 0.01))).toBe(371);
  expect(Math.round(expectedEvents(5, 1, 500, 0.01))).toBe(42);
  expect(Math.round(expectedEvents(2, 1, 5_000, 0.01))).toBe(113);
});

describe("shifted predictions", () => {
  it("use the two-sided grid around equality at margin 0", () => {
    const strata = [stratum(2_500, 60, 100)];
    const grid = [...ALTERNATIVES, ...ALTERNATIVES.map((step) => 1 / step)];
    const direct = logMeanExp(grid.map((step) => logLikelihoodRatio(strata, step, 1)));
    expect(logEClassShift(strata, 0)).toBeCloseTo(direct, 12);
  });

  it("are evidence in both directions, and none within the margin", () => {
    const even = [stratum(5_000, 1_000, 1_000)];
    expect(logEPredictionShift([even, even], 0)).toBeLessThan(0);
    expect(logEPredictionShift([[stratum(5_000, 1_400, 1_000)], even], 0)).toBeGreaterThan(10);
    expect(logEPredictionShift([[stratum(5_000, 1_000, 1_400)], even], 0)).toBeGreaterThan(10);
    expect(logEPredictionShift([[stratum(5_000, 1_400, 1_000)], even], 0.5)).toBeLessThan(0);
    expect(logEPredictionShift([], 0)).toBe(0);
  });
});

describe("the split of traffic", () => {
  it("is the Dirichlet-multinomial evidence, recomputed key by key", () => {
    // Predictive form: each key's likelihood under the running posterior, over the configured share.
    const draws = [0, 0, 1, 0, 1, 1, 0, 0, 1, 0] as const;
    const prior = [90, 10];
    const seen = [0, 0];
    let sum = 0;
    for (const arm of draws) {
      const total = 100 + (seen[0] ?? 0) + (seen[1] ?? 0);
      sum +=
        Math.log(((prior[arm] ?? 0) + (seen[arm] ?? 0)) / total) - Math.log(arm === 0 ? 0.9 : 0.1);
      seen[arm] = (seen[arm] ?? 0) + 1;
    }
    expect(logESplit([6, 4], [9_000, 1_000])).toBeCloseTo(sum, 10);
  });

  it("alarms on a wrong split and not on the planned one", () => {
    expect(logESplit([9_000, 1_000], [9_000, 1_000])).toBeLessThan(0);
    expect(logESplit([8_500, 1_500], [9_000, 1_000])).toBeGreaterThan(Math.log(1_000));
  });

  it("is broken beyond doubt when an arm without share has keys", () => {
    expect(logESplit([10, 1], [10_000, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(logESplit([10, 0], [10_000, 0])).toBe(0);
  });
});

describe("a rate against a frozen limit", () => {
  it("is proven above only well past it", () => {
    expect(logEAboveRate(10, 1_000, 0.01)).toBeLessThan(Math.log(100));
    expect(logEAboveRate(60, 1_000, 0.01)).toBeGreaterThan(Math.log(100));
    expect(logEAboveRate(0, 0, 0.01)).toBe(0);
  });
});
