import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64, fromHex, toBase64, toHex } from "./bytes.ts";

test("base64 agrees with the platform's own encoder for every length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64");
      expect(toBase64(bytes)).toBe(text);
      expect(fromBase64(text)).toEqual(bytes);
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
});

test.each([
  "QQ",
  "QQ=",
  "QR==",
  "QUF=",
  "QQ==QQ==",
  "Q Q=",
  "QQ==\n",
  "QQ-_",
  "====",
  "=QQQ",
  "Q===",
])("base64 %j is refused: one value has one spelling", (text) => {
  expect(fromBase64(text)).toBeNull();
});

test("hex is lower case and whole", () => {
  expect(toHex(new Uint8Array([0, 15, 255]))).toBe("000fff");
  expect(fromHex("000fff")).toEqual(new Uint8Array([0, 15, 255]));
  expect(fromHex("0")).toBeNull();
  expect(fromHex("0F")).toBeNull();
});
