import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDifferences, EMPTY_DIFFERENCE, stabilityIndex, wilson95 } from "./difference.ts";
import { afterBatchAct, BATCH_ACTS, BATCH_STATES, isBatchEnd, isWithinFailureLimit } from "./job-state.ts";
import { planPartitions, planSlice } from "./partition-plan.ts";
import { progressOf } from "./progress.ts";
import { scanRecords } from "./record-cuts.ts";

const SEED = { seed: 20261129, numRuns: 200 };

function scan(text: string, format: "csv" | "jsonl", chunk: number) {
  const scanner = scanRecords(format);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) scanner.push(bytes.subarray(at, at + chunk));
  return scanner.finish();
}

const cell = fc.oneof(fc.integer().map(String), fc.constantFrom("", "a", '"x,y"', '"two\nlines"', '"say ""so"""'));

describe("finding the rows of a file", () => {
  it("counts each record once, however the bytes arrive and whatever its quotes hold", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 17 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        (records, chunk, lineEnd, endsWithBreak) => {
          const lines = records.map(([a, b]) => `${a},${b}`);
          const text = ["a,b", ...lines].join(lineEnd) + (endsWithBreak ? lineEnd : "");
          const found = scan(text, "csv", chunk);
          expect(found.rows).toBe(records.length);
          expect(found.headerBytes).toBe(3 + lineEnd.length);
          expect(found.end).toBe(Buffer.byteLength(text));
        },
      ),
      SEED,
    );
  });

  it("cuts only where a record begins, and thins the cuts out when there are many", () => {
    const lines = Array.from({ length: 1_200_000 }, (_, row) => String(row));
    const text = `n\n${lines.join("\n")}\n`;
    const found = scan(text, "csv", 65_536);
    expect(found.rows).toBe(1_200_000);
    expect(found.cuts.length).toBeLessThanOrEqual(2049);
    for (const [row, offset] of found.cuts.slice(0, 50)) expect(text.slice(offset, text.indexOf("\n", offset))).toBe(String(row));
    const [last = [0, 0] as const] = found.cuts.slice(-1);
    expect(text.slice(last[1], text.indexOf("\n", last[1]))).toBe(String(last[0]));
  });

  it("takes empty lines for no rows", () => {
    expect(scan('{"a":1}\n\n\r\n{"a":2}\n', "jsonl", 3).rows).toBe(2);
    expect(scan("a\n1\n\n2", "csv", 100).rows).toBe(2);
  });

  it("refuses a record that never ends", () => {
    const scanner = scanRecords("csv");
    scanner.push(Buffer.from('a\n"'));
    expect(() => {
      for (let sent = 0; sent < 40; sent += 1) scanner.push(Buffer.alloc(65_536, 0x61));
    }).toThrow("longer than 1048576 bytes");
  });
});

describe("partitions", () => {
  it("cover every row once, in order, and meet byte to byte", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 250, max: 6000 }), (rows, each) => {
        const found = scan(`n\n${"7\n".repeat(rows)}`, "csv", 4096);
        const parts = planPartitions(found, each);
        expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(rows);
        parts.forEach((part, index) => {
          expect(part.index).toBe(index);
          expect(part.rows).toBeLessThanOrEqual(Math.max(each, 250));
          expect(part.firstRow).toBe(index === 0 ? 0 : (parts[index - 1]?.firstRow ?? 0) + (parts[index - 1]?.rows ?? 0));
          expect(part.byteStart).toBe(index === 0 ? 2 : parts[index - 1]?.byteEnd);
        });
        expect(parts.at(-1)?.byteEnd).toBe(found.end);
      }),
      { ...SEED, numRuns: 60 },
    );
  });

  it("of a slice lie spread over the file, never twice the same", () => {
    const found = scan(`n\n${"7\n".repeat(100_000)}`, "csv", 65_536);
    const slice = planSlice(found, 2000);
    expect(slice).toHaveLength(8);
    expect(slice[0]?.firstRow).toBeLessThan(15_000);
    expect(slice.at(-1)?.firstRow).toBeGreaterThan(85_000);
    expect(new Set(slice.map(({ firstRow }) => firstRow)).size).toBe(8);
    expect(planSlice(found, 10_000_000)).toHaveLength(found.cuts.length);
  });
});

describe("a job's states", () => {
  it("no act leads out of an end", () => {
    for (const state of BATCH_STATES.filter(isBatchEnd)) for (const act of BATCH_ACTS) expect(afterBatchAct(state, act)).toBeNull();
    expect(afterBatchAct("running", "pause")).toBe("paused");
    expect(afterBatchAct("paused", "resume")).toBe("running");
    expect(afterBatchAct("assembling", "cancel")).toBe("cancelled");
    expect(afterBatchAct("running", "resume")).toBeNull();
  });

  it("tells rate and time left from the present stretch of work alone", () => {
    const since = { atMs: 10_000, rowsDone: 400 };
    expect(progressOf({ rowsTotal: 1000, rowsDone: 600, since, nowMs: 12_000 })).toEqual({ share: 0.6, rowsPerSecond: 100, secondsLeft: 4 });
    expect(progressOf({ rowsTotal: 1000, rowsDone: 400, since, nowMs: 12_000 }).secondsLeft).toBeNull();
    expect(progressOf({ rowsTotal: 1000, rowsDone: 600, since: null, nowMs: 12_000 }).rowsPerSecond).toBeNull();
  });

  it("allows exactly the share of failed rows that was set", () => {
    expect(isWithinFailureLimit({ answered: 95, failed: 5 }, 500)).toBe(true);
    expect(isWithinFailureLimit({ answered: 94, failed: 6 }, 500)).toBe(false);
    expect(isWithinFailureLimit({ answered: 10, failed: 0 }, 0)).toBe(true);
  });
});

describe("differences between versions", () => {
  it("have Wilson's interval as worked out by hand", () => {
    // 10 of 100: centre (0.1 + 0.019207) / 1.038415, half width 1.96 / 1.038415 * sqrt(0.0009 + 0.000096).
    const interval = wilson95(10, 100);
    expect(interval.low).toBeCloseTo(0.05522, 4);
    expect(interval.high).toBeCloseTo(0.17437, 4);
    expect(wilson95(0, 50)).toMatchObject({ share: 0, low: 0 });
    expect(wilson95(0, 50).high).toBeCloseTo(0.07135, 4);
  });

  it("add up in any order", () => {
    const one = { ...EMPTY_DIFFERENCE, rows: 3, moves: { "a → b": 1 }, outputs: { p: { values: 2, sumAbsolute: 1, maxAbsolute: 0.5 } } };
    const two = { ...EMPTY_DIFFERENCE, rows: 4, moves: { "a → b": 2, "b → a": 1 }, outputs: { p: { values: 1, sumAbsolute: 2, maxAbsolute: 2 } } };
    expect(addDifferences(one, two)).toEqual(addDifferences(two, one));
    expect(addDifferences(one, two)).toMatchObject({ rows: 7, moves: { "a → b": 3, "b → a": 1 }, outputs: { p: { values: 3, sumAbsolute: 3, maxAbsolute: 2 } } });
  });

  it("are 0 for equal shares and known for a shift", () => {
    expect(stabilityIndex({ a: 100, b: 100 }, { a: 300, b: 300 })).toBeCloseTo(0, 10);
    // (0.8 - 0.5) ln(0.8/0.5) + (0.2 - 0.5) ln(0.2/0.5) = 0.4159, with large counts so that the half counts do not matter.
    expect(stabilityIndex({ a: 5e8, b: 5e8 }, { a: 8e8, b: 2e8 })).toBeCloseTo(0.41589, 4);
    expect(stabilityIndex({}, { a: 1 })).toBeNull();
  });
});
