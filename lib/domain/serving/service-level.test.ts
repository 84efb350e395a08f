import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetOf, burnLimit, burnRate, burnStretches, burnWindows, daysLeft, eventsOf, readBurns, type Objectives, type ServiceCounts } from "./service-level.ts";

const OBJECTIVES: Objectives = { availability: 0.999, latencyMs: 250, latencyShare: 0.99 };
const counts = (requests: number, errors: number, slow = 0): ServiceCounts => ({ requests, errors, answered: requests - errors, slow });

describe("an error budget", () => {
  it("is what the objective allows of the events that came", () => {
    // 1 000 000 requests at 99.9 %: 1000 may fail; 250 did, so three quarters are left.
    const budget = budgetOf("availability", 0.999, { bad: 250, total: 1_000_000 });
    expect(budget.allowedBad).toBeCloseTo(1000, 6);
    expect(budget.left).toBeCloseTo(0.75, 9);
    expect(budget.attained).toBeCloseTo(0.99975, 9);
  });

  it("can be overspent, and is unknown without events", () => {
    expect(budgetOf("availability", 0.99, { bad: 30, total: 1000 }).left).toBeCloseTo(-2, 9);
    expect(budgetOf("availability", 0.99, { bad: 0, total: 0 })).toMatchObject({ left: null, attained: null, allowedBad: 0 });
  });

  it("counts failures against requests, and slow answers against answers", () => {
    expect(eventsOf(OBJECTIVES, counts(1000, 10, 5)).map(({ objective, events }) => [objective, events])).toEqual([
      ["availability", { bad: 10, total: 1000 }],
      ["latency", { bad: 5, total: 990 }],
    ]);
    expect(eventsOf({ ...OBJECTIVES, latencyMs: null, latencyShare: null }, counts(10, 0))).toHaveLength(1);
  });
});

describe("burn rates", () => {
  it("are 1 when the budget lasts exactly its window", () => {
    expect(burnRate({ bad: 1, total: 1000 }, 0.999)).toBeCloseTo(1, 9);
    expect(burnRate({ bad: 144, total: 10_000 }, 0.999)).toBeCloseTo(14.4, 9);
    expect(burnRate({ bad: 0, total: 0 }, 0.999)).toBeNull();
  });

  it("have the limits that spend 2, 5 and 10 % of 28 days in 1 h, 6 h and 3 days", () => {
    // 28 days are 672 hours: 0.02 * 672 / 1, 0.05 * 672 / 6, 0.1 * 672 / 72.
    expect(burnWindows.map(burnLimit).map((limit) => Number(limit.toFixed(6)))).toEqual([13.44, 5.6, 0.933333]);
    for (const { longSeconds, shortSeconds } of burnWindows) expect(longSeconds / shortSeconds).toBe(12);
    expect(burnStretches).toEqual([300, 1800, 3600, 21_600, 259_200]);
  });

  it("fire only when both windows are past the limit", () => {
    const over = (long: ServiceCounts, short: ServiceCounts) =>
      readBurns(OBJECTIVES, new Map([[3600, long], [300, short]])).find(({ window, objective }) => window.key === "hour" && objective === "availability");
    // 2 % of errors burn 20 times as fast as 0.1 % allows; the limit is 13.44.
    expect(over(counts(1000, 20), counts(100, 2))?.ratio).toBeCloseTo(20 / 13.44, 9);
    // It is over: the last five minutes are clean.
    expect(over(counts(1000, 20), counts(100, 0))?.ratio).toBe(0);
    // It has just begun: five minutes of it are little in an hour.
    expect(over(counts(10_000, 20), counts(100, 20))?.ratio).toBeCloseTo(2 / 13.44, 9);
    expect(over(counts(1000, 20), counts(0, 0))?.ratio).toBeNull();
  });

  it("never read a ratio above either rate's own, for any counts", () => {
    const some = fc.record({ requests: fc.integer({ min: 0, max: 1e6 }), share: fc.double({ min: 0, max: 1, noNaN: true }), slow: fc.double({ min: 0, max: 1, noNaN: true }) });
    const toCounts = ({ requests, share, slow }: { requests: number; share: number; slow: number }) => {
      const errors = Math.floor(requests * share);
      return counts(requests, errors, Math.floor((requests - errors) * slow));
    };
    fc.assert(
      fc.property(fc.array(some, { minLength: 5, maxLength: 5 }), (given) => {
        const readings = readBurns(OBJECTIVES, new Map(burnStretches.map((seconds, index) => [seconds, toCounts(given[index] ?? { requests: 0, share: 0, slow: 0 })])));
        expect(readings).toHaveLength(6);
        for (const { ratio, long, short, limit } of readings) {
          expect(ratio === null).toBe(long === null || short === null);
          if (ratio === null || long === null || short === null) continue;
          expect(ratio * limit).toBeLessThanOrEqual(long * (1 + 1e-12));
          expect(ratio * limit).toBeLessThanOrEqual(short * (1 + 1e-12));
          expect(ratio).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 20261130, numRuns: 500 },
    );
  });

  it("say how long the rest lasts", () => {
    // Half of 28 days' budget at twice the speed: 7 days.
    expect(daysLeft(0.5, 2)).toBeCloseTo(7, 9);
    expect(daysLeft(0.5, 1)).toBeNull();
    expect(daysLeft(-0.2, 3)).toBe(0);
    expect(daysLeft(null, 3)).toBeNull();
  });
});
