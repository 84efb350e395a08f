import fc from "fast-check";
import { expect, it } from "vitest";
import { runtimeDemand } from "./runtime-demand.ts";

const scaling = { targetUtilisation: 0.6, minRuntimes: 1, maxRuntimes: null };
const busy = (...shares: number[]) => shares.map((utilisation) => ({ requestsPerSecond: 100, utilisation }));

it("asks for as many runtimes as bring the load to its target", () => {
  expect(runtimeDemand(busy(0.9), scaling)).toMatchObject({ verdict: "too_few", recommended: 2, wanted: 2 });
  expect(runtimeDemand(busy(0.6, 0.6), scaling)).toMatchObject({ verdict: "enough", recommended: 2, wanted: 2 });
  expect(runtimeDemand(busy(0.1, 0.1, 0.1), scaling)).toMatchObject({ verdict: "more_than_needed", recommended: 1, wanted: 1 });
});

it("keeps to the stored bounds and says when they hold the load back", () => {
  expect(runtimeDemand(busy(1, 1), { ...scaling, maxRuntimes: 3 })).toMatchObject({ verdict: "above_maximum", recommended: 4, wanted: 3 });
  expect(runtimeDemand(busy(0.1), { ...scaling, minRuntimes: 2 })).toMatchObject({ verdict: "too_few", recommended: 1, wanted: 2 });
});

it("judges nothing without traffic or without a report", () => {
  expect(runtimeDemand([{ requestsPerSecond: 0, utilisation: 0 }], scaling)).toMatchObject({ verdict: "no_traffic", recommended: null, wanted: 1 });
  expect(runtimeDemand([], scaling)).toMatchObject({ verdict: "no_report", recommended: null, utilisation: null });
});

it("would be at or below the target with what it recommends, and above it with one less", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (shares, targetUtilisation) => {
      const { recommended } = runtimeDemand(busy(...shares), { ...scaling, targetUtilisation });
      const sum = shares.reduce((total, share) => total + share, 0);
      expect(recommended).not.toBeNull();
      expect(sum / (recommended ?? 1)).toBeLessThanOrEqual(targetUtilisation * (1 + 1e-8));
      if ((recommended ?? 1) > 1) expect(sum / ((recommended ?? 1) - 1)).toBeGreaterThan(targetUtilisation);
    }),
    { seed: 20261130, numRuns: 500 },
  );
});
