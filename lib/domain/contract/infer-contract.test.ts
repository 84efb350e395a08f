import fc from "fast-check";
import { expect, test } from "vitest";
import { inferredContract, sampleSummary } from "#lib/contracts/artifact.ts";
import type { ModelSignature, OipDatatype } from "#lib/domain/artifact/types.ts";
import { compileContract } from "./check-input.ts";
import { checkSample, matchColumns } from "./check-sample.ts";
import { exampleRequest } from "./example-request.ts";
import { inferContract, widened } from "./infer-contract.ts";
import { addCell, finishColumn, startColumn } from "./summarise-column.ts";
import type { ContractField, SampleSummary } from "./types.ts";
import { validateContract } from "./validate-contract.ts";

const input = (name: string, datatype: OipDatatype, shape: readonly number[] = [-1, 1]) => ({
  name,
  datatype,
  shape,
  dimNames: shape.map(() => null),
});
const signatureOf = (...inputs: ReturnType<typeof input>[]): ModelSignature => ({
  inputs,
  outputs: [input("y", "FP32", [-1])],
});

function sampleOf(
  columns: Record<string, readonly (string | number)[]>,
  maxNumbers = 200_000,
): SampleSummary {
  const summaries = Object.entries(columns).map(([name, cells]) => {
    const column = startColumn(name, maxNumbers);
    for (const cell of cells) addCell(column, String(cell));
    return finishColumn(column);
  });
  return { rows: summaries[0]?.rows ?? 0, columns: summaries };
}

const times = <T>(count: number, cells: readonly T[]): T[] =>
  Array.from({ length: count }, () => cells).flat();

test("without a sample the contract refuses nulls and limits nothing", () => {
  const { contract, notes } = inferContract({
    signature: signatureOf(input("x", "FP32", [-1, 2])),
    features: { x: ["a", "b"] },
  });
  expect(
    contract.fields.map(({ field, column, nulls, range }) => [field, column, nulls, range]),
  ).toEqual([
    ["a", 0, "reject", null],
    ["b", 1, "reject", null],
  ]);
  expect(notes).toEqual(["No sample was given: nulls are refused, values have no limits yet."]);
});

test("a sample gives ranges with a margin, domains, and nulls where it has them", () => {
  const sample = sampleOf({
    income: [...times(99, [1000, 2000]), 3000, ""],
    age: times(100, [18, 60]),
    product: times(100, ["card", "overdraft"]),
    region: [...times(99, ["N", "S"]), "W", ""],
    outcome: times(100, ["yes", "no"]),
  });
  const { contract, sampleChecks, notes } = inferContract({
    signature: signatureOf(
      input("income", "FP32"),
      input("age", "INT64"),
      input("product", "BYTES"),
      input("Region", "BYTES"),
      input("new", "FP32"),
    ),
    features: null,
    sample,
  });
  expect(
    contract.fields.map(({ field, nulls, range, domain, action }) => ({
      field,
      nulls,
      range,
      domain,
      action,
    })),
  ).toEqual([
    {
      field: "income",
      nulls: "allow",
      range: { min: 800, max: 3200 },
      domain: null,
      action: "flag",
    },
    { field: "age", nulls: "reject", range: { min: 13, max: 65 }, domain: null, action: "flag" },
    {
      field: "product",
      nulls: "reject",
      range: null,
      domain: ["card", "overdraft"],
      action: "reject",
    },
    { field: "Region", nulls: "allow", range: null, domain: ["N", "S", "W"], action: "flag" },
    { field: "new", nulls: "reject", range: null, domain: null, action: "flag" },
  ]);
  expect(sampleChecks.every((check) => check.refusedRows === 0 && check.isExact)).toBe(true);
  expect(sampleChecks.map((check) => check.nullRows)).toEqual([1, 0, 0, 1]);
  expect(notes).toEqual([
    "Ranges are what 200 sample rows show, 10 % of the spread wider on each side and rounded outward.",
    "The sample has no column for new: no limits yet.",
    "Not used from the sample: outcome.",
  ]);
  expect(sampleSummary.parse(sample)).toEqual(sample);
  const inferred = { contract, sampleChecks, notes };
  expect(inferredContract.parse(inferred)).toEqual(inferred);
});

test("nulls of an integer field stay refused and the sample check says how many rows that costs", () => {
  const { contract, sampleChecks } = inferContract({
    signature: signatureOf(input("n", "INT32")),
    features: null,
    sample: sampleOf({ n: [1, 2, "", "NA", "NaN"] }),
  });
  expect(contract.fields[0]?.nulls).toBe("reject");
  expect(sampleChecks).toEqual([
    { field: "n", rows: 5, nullRows: 3, outsideRows: 0, refusedRows: 3, isExact: true },
  ]);
});

test("words such as None are texts in a text field, not nulls", () => {
  const { contract } = inferContract({
    signature: signatureOf(input("garage", "BYTES")),
    features: null,
    sample: sampleOf({ garage: times(100, ["None", "Attached"]) }),
  });
  expect(contract.fields[0]).toMatchObject({
    nulls: "reject",
    domain: ["Attached", "None"],
    action: "reject",
  });
});

test("an image takes its range from the group of columns that are as many as its values", () => {
  const columns = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`pixel_${i}`, [0, 16]]));
  const { contract, notes } = inferContract({
    signature: signatureOf(input("image", "UINT8", [-1, 1, 2, 2])),
    features: null,
    sample: sampleOf({ ...columns, digit: [3, 5] }),
  });
  expect(contract.fields[0]?.range).toEqual({ min: 0, max: 18 });
  expect(notes).toContain("Not used from the sample: digit.");
});

test("what an edited rule would refuse is counted exactly while a column has few distinct values", () => {
  const sample = sampleOf({ dti: [...times(96, [0.2]), ...times(4, [0.05])] });
  const field: ContractField = {
    field: "dti",
    input: "dti",
    column: null,
    type: "float32",
    nulls: "reject",
    imputeValue: null,
    range: { min: 0, max: 0.08 },
    domain: null,
    action: "reject",
    unit: null,
  };
  const columns = matchColumns([{ field: "dti", values: 1 }], sample);
  expect(checkSample({ fields: [field] }, sample, columns)).toEqual([
    { field: "dti", rows: 100, nullRows: 0, outsideRows: 96, refusedRows: 96, isExact: true },
  ]);
  expect(
    checkSample({ fields: [{ ...field, range: { min: 0.05, max: 0.2 } }] }, sample, columns)[0]
      ?.outsideRows,
  ).toBe(0);
  expect(
    checkSample({ fields: [{ ...field, range: null, domain: [0.2, 7] }] }, sample, columns)[0]
      ?.outsideRows,
  ).toBe(4);
});

test("counts are near when a column has many distinct values, and within 2 % when only part of it was kept", () => {
  const cells = Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 20_000) / 100);
  for (const [maxNumbers, tolerance] of [
    [200_000, 0.006],
    [2000, 0.03],
  ] as const) {
    const sample = sampleOf({ x: cells }, maxNumbers);
    const column = sample.columns[0]!;
    expect([column.min, column.max, column.numbers, column.knotsExact]).toEqual([
      0,
      199.99,
      20_000,
      false,
    ]);
    expect(column.knots.length).toBeLessThanOrEqual(256);
    for (const limit of [1, 50, 99.995, 150, 199]) {
      const field: ContractField = {
        field: "x",
        input: "x",
        column: null,
        type: "float64",
        nulls: "reject",
        imputeValue: null,
        range: { min: null, max: limit },
        domain: null,
        action: "reject",
        unit: null,
      };
      const [check] = checkSample(
        { fields: [field] },
        sample,
        matchColumns([{ field: "x", values: 1 }], sample),
      );
      const truth = cells.filter((cell) => cell > limit).length;
      expect(Math.abs(check!.outsideRows - truth)).toBeLessThan(20_000 * tolerance);
      expect(check!.isExact).toBe(false);
    }
  }
});

test("a column of many texts has no domain and bounded memory", () => {
  const sample = sampleOf({ id: Array.from({ length: 10_000 }, (_, i) => `id${i}`) });
  expect(sample.columns[0]).toMatchObject({ categories: [], hasMoreCategories: true });
  const { contract, notes } = inferContract({
    signature: signatureOf(input("id", "BYTES")),
    features: null,
    sample,
  });
  expect(contract.fields[0]?.domain).toBeNull();
  expect(notes).toContain("id has more than 100 different values: no domain.");
});

test("a widened range holds what was observed, is rounded, and keeps the sign and the type", () => {
  expect(widened(0.2, 0.9, null)).toEqual({ min: 0.13, max: 0.97 });
  expect(widened(5, 5, "int32")).toEqual({ min: 4, max: 6 });
  expect(widened(0, 250, "uint8")).toEqual({ min: 0, max: 255 });
  expect(widened(-128, 127, "int8")).toEqual({ min: -128, max: 127 });
  expect(widened(300, 400, "uint8")).toEqual({ min: 255, max: 255 });
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (a, b) => {
        const [least, greatest] = a < b ? [a, b] : [b, a];
        const { min, max } = widened(least, greatest, null);
        expect(min).toBeLessThanOrEqual(least);
        expect(max).toBeGreaterThanOrEqual(greatest);
        expect(Number.isFinite(min) && Number.isFinite(max)).toBe(true);
        if (least >= 0) expect(min).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 2000, seed: 20_261_123 },
  );
});

const datatypes: OipDatatype[] = [
  "BOOL",
  "UINT8",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
];
const cell = fc.oneof(
  fc.integer({ min: 0, max: 120 }).map(String),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String),
  fc.constantFrom("", "NaN", "a", "b", "0x10", "1,5", "Infinity", " 7 "),
);

test("whatever the sample, the inferred contract validates, compiles, has an example that stays within its own rules", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...datatypes), { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(cell, { minLength: 4, maxLength: 4 }), { maxLength: 30 }),
      (types, rows) => {
        const signature = signatureOf(
          ...types.map((datatype, index) => input(`f${index}`, datatype)),
        );
        const sample = sampleOf(
          Object.fromEntries(
            [0, 1, 2, 3].map((index) => [`f${index}`, rows.map((row) => row[index]!)]),
          ),
        );
        const { contract } = inferContract({ signature, features: null, sample });
        expect(validateContract(contract, signature)).toEqual([]);
        expect(compileContract(contract, signature).ok).toBe(true);
        const example = exampleRequest(contract, signature);
        expect(example?.inputs.map((tensor) => tensor.shape)).toEqual(types.map(() => [1, 1]));
        for (const [index, tensor] of (example?.inputs ?? []).entries()) {
          const field = contract.fields[index]!;
          const value = tensor.data[0]!;
          if (field.range !== null && typeof value === "number") {
            expect(value).toBeGreaterThanOrEqual(field.range.min ?? value);
            expect(value).toBeLessThanOrEqual(field.range.max ?? value);
          }
          if (field.domain !== null) expect(field.domain).toContain(value);
        }
      },
    ),
    { numRuns: 500, seed: 20_261_123 },
  );
});
