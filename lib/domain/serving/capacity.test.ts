import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, simulateScaling, type Load, type Scaling } from "./capacity.ts";

const STRETCH = 300;
const scaling = (change: Partial<Scaling> = {}): Scaling => ({ minReplicas: 1, maxReplicas: 10, targetUtilisation: 0.5, scaleDownAfterSeconds: 300, ...change });
/** A stretch that keeps this many replicas exactly busy. */
const load = (index: number, demand: number, requests = 100): Load => ({ index, requests, busyUs: demand * STRETCH * 1e6 });

describe("the simulation", () => {
  it("gives each stretch what the one before called for", () => {
    // Demand 0.4 wants 1 replica, 1.5 wants 3, 0.4 wants 1. So 1, 1, 3 replicas run; the second stretch has too few.
    const run = simulateScaling([load(0, 0.4), load(1, 1.5, 300), load(2, 0.4)], STRETCH, scaling());
    expect(run).toMatchObject({ requests: 500, peakReplicas: 3, saturatedShare: 0.6 });
    expect(run?.replicaHours).toBeCloseTo((1 + 1 + 3) / 12, 9);
    expect(run?.hours).toBeCloseTo(0.25, 9);
    // One fewer would have been too few in the first (0 left) and the second, not in the third.
    expect(run?.fragileShare).toBeCloseTo(2 / 3, 9);
  });

  it("keeps replicas for as long as scaling down is put off, and never leaves its bounds", () => {
    const bursts = [load(0, 2.4), load(1, 0.1), load(2, 0.1), load(3, 0.1)];
    expect(simulateScaling(bursts, STRETCH, scaling({ scaleDownAfterSeconds: 600 }))?.replicaHours).toBeCloseTo((1 + 5 + 5 + 1) / 12, 9);
    expect(simulateScaling(bursts, STRETCH, scaling({ maxReplicas: 2 }))?.peakReplicas).toBe(2);
    expect(simulateScaling(bursts, STRETCH, scaling({ minReplicas: 4 }))?.saturatedShare).toBe(0);
  });

  it("counts stretches without traffic, which still have the fewest replicas", () => {
    const run = simulateScaling([load(10, 0.1), load(21, 0.1)], STRETCH, scaling({ minReplicas: 2 }));
    expect([run?.hours, run?.replicaHours, run?.fragileShare]).toEqual([1, 2, 0]);
    expect(simulateScaling([], STRETCH, scaling())).toBeNull();
  });

  it("with more at the least never saturates more, for any load", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ demand: fc.double({ min: 0, max: 12, noNaN: true }), requests: fc.integer({ min: 0, max: 1000 }) }), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (given, minReplicas) => {
        const loads = given.map(({ demand, requests }, index) => load(index, demand, requests));
        const run = (least: number) => simulateScaling(loads, STRETCH, scaling({ minReplicas: least }));
        const [few, more] = [run(minReplicas), run(minReplicas + 1)];
        expect(more?.saturatedShare ?? 0).toBeLessThanOrEqual(few?.saturatedShare ?? 0);
        expect(more?.fragileShare ?? 0).toBeLessThanOrEqual(few?.fragileShare ?? 0);
        expect(more?.replicaHours ?? 0).toBeGreaterThanOrEqual(few?.replicaHours ?? 0);
        expect(more?.peakReplicas ?? 0).toBeLessThanOrEqual(10);
      }),
      { seed: 20261130, numRuns: 300 },
    );
  });
});

describe("the cost", () => {
  it("is that of a month which goes on like what was seen", () => {
    // 73 hours with 146 replica-hours and 100 000 requests: ten times that a month.
    const cost = costOf({ hours: 73, requests: 100_000, replicaHours: 146 }, { currency: "EUR", perReplicaHour: 0.1, perMonth: 54, perThousandRequests: 0.02 });
    // 1460 * 0.10 + 54 + 1000 * 0.02 = 220; a million requests, so 0.22 a thousand.
    expect(cost.perMonth).toBeCloseTo(220, 9);
    expect(cost.perThousandPredictions).toBeCloseTo(0.22, 9);
    expect(costOf({ hours: 1, requests: 0, replicaHours: 1 }, { currency: "EUR", perReplicaHour: 1, perMonth: 0, perThousandRequests: 0 }).perThousandPredictions).toBeNull();
  });
});
