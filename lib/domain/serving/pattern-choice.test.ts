import fc from "fast-check";
import { expect, it } from "vitest";
import { advisePattern, PATTERN_FACTS, SERVING_PATTERNS, type ServingNeeds } from "./pattern-choice.ts";

const needs = (change: Partial<ServingNeeds>): ServingNeeds => ({ answerWithinMs: 200, perDay: 100_000, arrival: "requests", connectivity: "always", ...change });

it("recommends what the reference cases call for", () => {
  expect(advisePattern(needs({})).recommended).toBe("online");
  expect(advisePattern(needs({ arrival: "files", answerWithinMs: 8 * 3_600_000 })).recommended).toBe("batch");
  expect(advisePattern(needs({ arrival: "events", answerWithinMs: 1000 })).recommended).toBe("streaming");
  expect(advisePattern(needs({ connectivity: "sometimes", answerWithinMs: 50 })).recommended).toBe("edge");
  expect(advisePattern(needs({ answerWithinMs: 2 })).recommended).toBe("edge");
  // Files that may not wait for a job go as requests.
  expect(advisePattern(needs({ arrival: "files", answerWithinMs: 60_000 })).recommended).toBe("online");
});

it("says that nothing fits where nothing does", () => {
  const advice = advisePattern(needs({ arrival: "files", connectivity: "sometimes" }));
  expect(advice.recommended).toBeNull();
  expect(advice.because).toMatch(/^No pattern meets all of this/);
});

it("gives every pattern a reason, and never recommends one with an obstacle", () => {
  fc.assert(
    fc.property(
      fc.record({
        answerWithinMs: fc.integer({ min: 1, max: 86_400_000 }),
        perDay: fc.integer({ min: 1, max: 1_000_000_000 }),
        arrival: fc.constantFrom("requests" as const, "events" as const, "files" as const),
        connectivity: fc.constantFrom("always" as const, "sometimes" as const),
      }),
      (given) => {
        const advice = advisePattern(given);
        expect(advice.fits.map(({ pattern }) => pattern).sort()).toEqual([...SERVING_PATTERNS].sort());
        for (const { reasons } of advice.fits) expect(reasons.length).toBeGreaterThan(0);
        const chosen = advice.fits.find(({ pattern }) => pattern === advice.recommended);
        expect(chosen?.fits ?? true).toBe(true);
        expect(advice.recommended === null).toBe(advice.fits.every(({ fits }) => !fits));
      },
    ),
    { seed: 20261129, numRuns: 500 },
  );
});

it("has facts for every pattern, with its way back", () => {
  expect(PATTERN_FACTS.map(({ pattern }) => pattern)).toEqual([...SERVING_PATTERNS]);
  for (const { rollback } of PATTERN_FACTS) expect(rollback.length).toBeGreaterThan(10);
});
