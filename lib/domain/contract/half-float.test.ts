import { expect, test } from "vitest";
import { halfToNumber, numberToHalf } from "./half-float.ts";

test("every half goes to a number and back, and between two neighbours the nearer one wins, the even one at a tie", () => {
  for (let bits = 0; bits < 0x7c00; bits += 1) {
    const value = halfToNumber(bits);
    const next = bits === 0x7bff ? 65_536 : halfToNumber(bits + 1);
    const middle = (value + next) / 2;
    const found = [value, middle, middle - (next - value) / 1e6, middle + (next - value) / 1e6].map(
      numberToHalf,
    );
    const even = bits % 2 === 0 ? bits : bits + 1;
    if (found.join() !== [bits, even, bits, bits + 1].join())
      expect(found).toEqual([bits, even, bits, bits + 1]);
    if (numberToHalf(-value) !== (bits | 0x8000)) expect(numberToHalf(-value)).toBe(bits | 0x8000);
  }
  expect([1, 0.5, -2, 65_504, Number.POSITIVE_INFINITY, 1e9].map(numberToHalf)).toEqual([
    0x3c00, 0x3800, 0xc000, 0x7bff, 0x7c00, 0x7c00,
  ]);
  expect(halfToNumber(numberToHalf(Number.NaN))).toBeNaN();
});
