import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deviationBound, drawSample } from "./sample.ts";

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

describe("a random sample", () => {
  it("is the one that sha256sum gives", () => {
    // printf '2026-11-23/Q4:0' | sha256sum and so on, first 16 hex digits modulo 214; worked out with Python's hashlib.
    const expected = [0, 1, 2, 3].map((index) => Number(BigInt(`0x${createHash("sha256").update(`2026-11-23/Q4:${String(index)}`).digest("hex").slice(0, 16)}`) % 214n));
    expect(drawSample(214, 4, "2026-11-23/Q4", sha256)).toEqual([...new Set(expected)]);
  });
  it("has as many different items as asked for, never one outside, and is the same every time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 60 }), fc.string(), (size, count, seed) => {
        const drawn = drawSample(size, count, seed, sha256);
        expect(drawn).toHaveLength(Math.min(size, count));
        expect(new Set(drawn).size).toBe(drawn.length);
        for (const item of drawn) expect(item >= 0 && item < size).toBe(true);
        expect(drawSample(size, count, seed, sha256)).toEqual(drawn);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe("the bound on deviations", () => {
  it("is what exact hypergeometric sums give", () => {
    // Exact sums of binomial coefficients: P(at most 1 of 25) is 0.0502 at 36 of 214, 0.0444 at 37; P(0 of 10) is 0.0479 at 25 of 100, more at 24.
    expect(deviationBound(214, 25, 1)).toBe(36);
    expect(deviationBound(100, 10, 0)).toBe(24);
    expect(deviationBound(10, 10, 3)).toBe(3);
  });
});
