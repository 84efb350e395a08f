import { expect, it } from "vitest";
import { inParts } from "./record-parts.ts";

const record = (bytes: number) => ({ value: Buffer.alloc(bytes) });

it("keeps records in order, and no part above what a broker takes at once", () => {
  const records = Array.from({ length: 64 }, (_, index) => record(17 * 1024 + index));
  const parts = inParts(records);
  expect(parts.flat()).toEqual(records);
  for (const part of parts) expect(part.reduce((sum, { value }) => sum + value.byteLength, 0)).toBeLessThanOrEqual(512 * 1024);
  expect(parts.length).toBe(3);
});

it("counts keys and headers, gives a heavy record a part of its own, and makes no part of nothing", () => {
  const heavy = record(600 * 1024);
  expect(inParts([record(10), heavy, record(10)]).map((part) => part.length)).toEqual([1, 1, 1]);
  const headed = { key: Buffer.alloc(300), value: Buffer.alloc(300), headers: new Map([[Buffer.alloc(100), Buffer.alloc(300)]]) };
  expect(inParts([headed, headed], 2_000).map((part) => part.length)).toEqual([1, 1]);
  expect(inParts([headed, headed], 2_200).map((part) => part.length)).toEqual([2]);
  expect(inParts([])).toEqual([]);
});
