import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { float16BitsOf, float16Value } from "./float16.ts";

describe("binary16", () => {
  it("reads back every one of its 65 536 values", () => {
    for (let bits = 0; bits < 65_536; bits += 1) {
      const value = float16Value(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(float16Value(float16BitsOf(value)))).toBe(true);
      else expect(float16BitsOf(value)).toBe(bits);
    }
  });

  it("knows the landmarks of the standard", () => {
    expect(float16Value(0x3c00)).toBe(1);
    expect(float16Value(0xc000)).toBe(-2);
    expect(float16Value(0x7bff)).toBe(65_504);
    expect(float16Value(0x0001)).toBe(2 ** -24);
    expect(float16BitsOf(65_519.9)).toBe(0x7bff);
    expect(float16BitsOf(65_520)).toBe(0x7c00);
    expect(float16BitsOf(-0)).toBe(0x8000);
    expect(float16BitsOf(2 ** -25)).toBe(0);
    expect(float16BitsOf(2 ** -25 * 1.0001)).toBe(1);
    expect(float16BitsOf(0.1)).toBe(0x2e66);
  });

  it("rounds any number to one of its two neighbours, the nearer one, an even mantissa when both are as near", () => {
    fc.assert(
      fc.property(fc.double({ min: -65_504, max: 65_504, noNaN: true }), (value) => {
        const bits = float16BitsOf(value);
        const distance = Math.abs(float16Value(bits) - value);
        for (const other of [bits - 1, bits + 1]) {
          if (other < 0 || (other & 0x7c00) === 0x7c00 || (other & 0x8000) !== (bits & 0x8000)) continue;
          const otherDistance = Math.abs(float16Value(other) - value);
          expect(distance).toBeLessThanOrEqual(otherDistance);
          if (distance === otherDistance) expect(bits & 1).toBe(0);
        }
      }),
      { seed: 20261123, numRuns: 2000 },
    );
  });
});
