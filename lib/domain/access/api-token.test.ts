import { randomBytes } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RANDOM_BYTES, crc32, isApiToken, makeApiToken } from "./api-token.ts";

test("the checksum is the CRC-32 everybody has", () => {
  expect(crc32("123456789")).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii" }), (text) => crc32(text) === zlibCrc32(text)),
    { seed: 7, numRuns: 300 },
  );
});

test("a made token is recognised; any one character changed, it is not", () => {
  const token = makeApiToken(randomBytes(RANDOM_BYTES));
  expect(token).toMatch(/^slp_[0-9A-Za-z]{36}$/);
  expect(isApiToken(token)).toBe(true);
  for (let index = 4; index < token.length; index += 1) {
    const other = token[index] === "A" ? "B" : "A";
    expect(isApiToken(token.slice(0, index) + other + token.slice(index + 1))).toBe(false);
  }
});

test("other texts are no tokens", () => {
  for (const text of ["", "slp_", "slp_short", `slq_${"a".repeat(36)}`, `slp_${"a".repeat(37)}`, ` slp_${"a".repeat(36)}`]) {
    expect(isApiToken(text)).toBe(false);
  }
});

test("every character is as likely as every other", () => {
  const counts = new Map<string, number>();
  const tokens = 3000;
  for (let index = 0; index < tokens; index += 1) {
    for (const character of makeApiToken(randomBytes(RANDOM_BYTES)).slice(4, 34)) {
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
  }
  const expected = (tokens * 30) / 62;
  expect(counts.size).toBe(62);
  // Six standard deviations: once in a hundred million runs by chance.
  for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected));
});

test("too little randomness is refused instead of making a weaker token", () => {
  expect(() => makeApiToken(new Uint8Array(29))).toThrow(RangeError);
  expect(() => makeApiToken(new Uint8Array(200).fill(255))).toThrow(RangeError);
});
