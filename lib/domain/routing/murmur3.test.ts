import { expect, it } from "vitest";
import { murmur3, murmur3OfText } from "./murmur3.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

it.each([
  ["", 0, 0],
  ["", 1, 0x514e28b7],
  ["", 0xffffffff, 0x81f16f39],
  ["test", 0, 0xba6bd213],
  ["test", 0x9747b28c, 0x704b81dc],
  ["Hello, world!", 0, 0xc0363e43],
  ["Hello, world!", 0x9747b28c, 0x24884cba],
  ["The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723],
])("hashes %j with seed %i as the reference implementation does", (text, seed, expected) => {
  expect(murmur3OfText(text, seed)).toBe(expected);
});

it.each(["Zürich", "漢字", "𝄞 clef", "e\u0301", "x".repeat(5_000), "é".repeat(3_000)])(
  "hashes the UTF-8 bytes of %j",
  (text) => {
    expect(murmur3OfText(text)).toBe(murmur3(bytes(text)));
  },
);

it("reads lone surrogates as U+FFFD, as every UTF-8 encoder does", () => {
  for (const text of ["\ud800", "a\udc00b", "\ud800\ud800", "\udfff"]) {
    expect(murmur3OfText(text)).toBe(murmur3(bytes(text)));
  }
});
