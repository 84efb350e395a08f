import fc from "fast-check";
import { expect, it } from "vitest";
import { csvCell, shortest } from "./write-rows.ts";
import { tensorsOfRows } from "./row-tensors.ts";
import { tensor } from "../testing/desired.ts";

it("writes 32-bit floats as decimals that read back to the same bits, short where they can be", () => {
  expect([0.1, 0.3, 16777.217, 1e-20, -2.5].map((value) => shortest(Math.fround(value)))).toEqual([0.1, 0.3, 16777.217, 1e-20, -2.5]);
  fc.assert(
    fc.property(fc.float({ noNaN: true }), (value) => {
      expect(Math.fround(shortest(value))).toBe(value);
      expect(Number(String(shortest(value)))).toBe(shortest(value) + 0);
    }),
    { seed: 20261129, numRuns: 5000 },
  );
});

it("quotes what CSV must quote", () => {
  expect([null, "plain", 'a "b"', "x,y", "two\nlines", true, 7n].map(csvCell)).toEqual(["", "plain", '"a ""b"""', '"x,y"', '"two\nlines"', "true", "7"]);
});

it("reads cells as the type of their field, with the null words of tables", () => {
  const column = (datatype: "FP32" | "INT64" | "BOOL" | "BYTES", cells: unknown[]) => {
    const type = { FP32: "float32", INT64: "int64", BOOL: "bool", BYTES: "string" } as const;
    const plan = [{ tensor: tensor("x", datatype, ["N", 1]), type: type[datatype], valuesPerRow: 1, columns: [0], isList: false }];
    const [read] = tensorsOfRows(plan, ["x"], cells.map((cell) => [cell]));
    return [...(read?.data ?? [])];
  };
  expect(column("FP32", ["1.5", "NaN", "", "-3e2", 7])).toEqual([1.5, NaN, NaN, -300, 7]);
  expect(column("INT64", ["9007199254740993", "-1"])).toEqual([9007199254740993n, -1n]);
  expect(column("BOOL", ["true", "0", "FALSE", "1"])).toEqual([1, 0, 0, 1]);
  expect(column("BYTES", ["007", "", "NaN"])).toEqual(["007", "", "NaN"]);
  expect(() => column("FP32", ["lots"])).toThrow('Column x holds "lots", which is not a number.');
  expect(() => column("FP32", [" "])).toThrow("which is not a number");
  expect(() => column("INT64", ["1.5"])).toThrow("which is not a whole number");
});

it("reads tables of numbers as it reads any cell, whichever way it takes", () => {
  const cell = fc.oneof(
    { weight: 8, arbitrary: fc.double().map(String) },
    { weight: 4, arbitrary: fc.integer().map(String) },
    fc.constantFrom("", "NaN", "NA", "null", " 1", "1 ", "1e39", "1e400", "-0", "0x10", "Infinity", "+5", ".5", "lots"),
  );
  for (const datatype of ["FP32", "FP64"] as const) {
    const field = { tensor: tensor("x", datatype, ["N", 1]), type: datatype === "FP32" ? ("float32" as const) : ("float64" as const), valuesPerRow: 1, columns: [0], isList: false };
    const read = (cells: readonly string[]): unknown => {
      try {
        return [...(tensorsOfRows([field], ["x"], cells.map((one) => [one]))[0]?.data ?? [])];
      } catch (error) {
        return (error as Error).message;
      }
    };
    /** A null that is no text keeps the batch off the short way. */
    const readSlowly = (cells: readonly string[]): unknown => {
      try {
        return [...(tensorsOfRows([field], ["x"], [[null], ...cells.map((one) => [one])])[0]?.data ?? [])].slice(1);
      } catch (error) {
        return (error as Error).message;
      }
    };
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 12 }), (cells) => {
        expect(read(cells)).toEqual(readSlowly(cells));
      }),
      { seed: 20261130, numRuns: 2000 },
    );
  }
});
