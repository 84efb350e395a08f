import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelSignature, OipDatatype } from "#lib/domain/artifact/types.ts";
import { compileContract, type InputCheck } from "./check-input.ts";
import { contractSlots, fieldTypeOf } from "./contract-slots.ts";
import { numberToHalf } from "./half-float.ts";
import { checkNaively } from "./naive-check.fixture.ts";
import type {
  CheckedTensor,
  ContractCheck,
  ContractField,
  InputContract,
  TensorData,
} from "./types.ts";

const input = (
  name: string,
  datatype: OipDatatype,
  shape: readonly number[],
  dimNames = shape.map(() => null as string | null),
) => ({ name, datatype, shape, dimNames });
const signatureOf = (...inputs: ReturnType<typeof input>[]): ModelSignature => ({
  inputs,
  outputs: [input("y", "FP32", [-1])],
});
const rule = (
  field: Partial<ContractField> & Pick<ContractField, "field" | "type">,
): ContractField => ({
  input: field.field,
  column: null,
  nulls: "reject",
  imputeValue: null,
  range: null,
  domain: null,
  action: "reject",
  unit: null,
  ...field,
});

function compiled(signature: ModelSignature, ...fields: ContractField[]): InputCheck {
  const result = compileContract({ fields }, signature);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.check;
}

const columnOf = (
  name: string,
  datatype: OipDatatype,
  data: TensorData,
  nulls?: Uint8Array,
): CheckedTensor => ({
  name,
  datatype,
  shape: [data.length, 1],
  data,
  ...(nulls ? { nulls } : {}),
});
const messages = (result: ContractCheck): string[] =>
  result.ok ? [] : result.refusals.map((refusal) => `${refusal.rule}: ${refusal.message}`);

test("a clean request passes and always answers the same object", () => {
  const check = compiled(
    signatureOf(input("age", "FP32", [-1, 1])),
    rule({ field: "age", type: "float32", range: { min: 18, max: 120 } }),
  );
  const first = check([columnOf("age", "FP32", Float32Array.of(18, 50, 120))]);
  expect(first).toEqual({ ok: true, flags: [], imputed: [] });
  expect(check([columnOf("age", "FP32", Float32Array.of(33))])).toBe(first);
});

test("each refused value names field, row, rule and what is allowed", () => {
  const check = compiled(
    signatureOf(
      input("age", "INT64", [-1, 1]),
      input("share", "FP32", [-1, 1]),
      input("product", "BYTES", [-1, 1]),
    ),
    rule({ field: "age", type: "int64", range: { min: 18, max: null } }),
    rule({ field: "share", type: "float32", range: { min: 0, max: 0.8 } }),
    rule({ field: "product", type: "string", domain: ["card", "overdraft"] }),
  );
  const result = check([
    columnOf("product", "BYTES", ["card", "", "pay_in_3"]),
    columnOf("age", "INT64", BigInt64Array.of(18n, 17n, -5n)),
    columnOf("share", "FP32", Float32Array.of(0.8, Number.NaN, 0.9)),
  ]);
  expect(messages(result)).toEqual([
    "range: age, row 1: 17 is below 18.",
    "range: age, row 2: -5 is below 18.",
    "null: share, row 1: it is null, and nulls are refused.",
    "range: share, row 2: 0.9 is outside 0 to 0.8.",
    "null: product, row 1: it is null, and nulls are refused.",
    'domain: product, row 2: "pay_in_3" is not one of the 2 values allowed.',
  ]);
  expect(result.ok || result.refusedCount).toBe(6);
});

test("flags and imputations are counted by field and rule, and the data is repaired in place", () => {
  const check = compiled(
    signatureOf(
      input("age", "INT32", [-1, 1]),
      input("share", "FP64", [-1, 1]),
      input("home", "BYTES", [-1, 1]),
    ),
    rule({
      field: "age",
      type: "int32",
      nulls: "impute",
      imputeValue: 40,
      range: { min: 18, max: 120 },
      action: "flag",
    }),
    rule({
      field: "share",
      type: "float64",
      nulls: "flag",
      range: { min: 0, max: 1 },
      action: "impute",
      imputeValue: 0.5,
    }),
    rule({
      field: "home",
      type: "string",
      nulls: "impute",
      imputeValue: "rent",
      domain: ["rent", "own"],
      action: "flag",
    }),
  );
  const age = Int32Array.of(20, 0, 300, 400);
  const share = Float64Array.of(0.1, Number.NaN, 2, Number.POSITIVE_INFINITY);
  const home = ["own", "", "boat", ""];
  const result = check([
    columnOf("age", "INT32", age, Uint8Array.of(0, 1, 0, 0)),
    columnOf("share", "FP64", share),
    columnOf("home", "BYTES", home),
  ]);
  expect(result).toEqual({
    ok: true,
    flags: [
      { field: "age", rule: "range", count: 2 },
      { field: "share", rule: "null", count: 1 },
      { field: "home", rule: "domain", count: 1 },
    ],
    imputed: [
      { field: "age", rule: "null", count: 1 },
      { field: "share", rule: "range", count: 2 },
      { field: "home", rule: "null", count: 2 },
    ],
  });
  expect([...age, ...share, ...home]).toEqual([
    20,
    40,
    300,
    400,
    0.1,
    Number.NaN,
    0.5,
    0.5,
    "own",
    "rent",
    "boat",
    "rent",
  ]);
});

test("named columns of one tensor have their own rules, and rows are counted by the first axis", () => {
  const check = compiled(
    signatureOf(input("x", "FP32", [-1, 2])),
    rule({ field: "a", input: "x", column: 0, type: "float32", range: { min: 0, max: 1 } }),
    rule({ field: "b", input: "x", column: 1, type: "float32", nulls: "allow" }),
  );
  const tensor = {
    name: "x",
    datatype: "FP32",
    shape: [3, 2],
    data: Float32Array.of(0, Number.NaN, 1, 99, 2, 0),
  };
  expect(messages(check([tensor]))).toEqual(["range: a, row 2: 2 is outside 0 to 1."]);
});

test("an image shares one rule over all its values", () => {
  const check = compiled(
    signatureOf(input("image", "UINT8", [-1, 2, 2])),
    rule({ field: "image", type: "uint8", range: { min: 0, max: 16 } }),
  );
  const data = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 17);
  expect(messages(check([{ name: "image", datatype: "UINT8", shape: [2, 2, 2], data }]))).toEqual([
    "range: image, row 1: 17 is outside 0 to 16.",
  ]);
});

test("a range in decimal fractions holds for FP32 and FP16 as people mean it", () => {
  const f32 = compiled(
    signatureOf(input("p", "FP32", [-1])),
    rule({ field: "p", type: "float32", range: { min: 0.1, max: 0.8 } }),
  );
  expect(
    f32([{ name: "p", datatype: "FP32", shape: [2], data: Float32Array.of(0.1, 0.8) }]).ok,
  ).toBe(true);
  const f16 = compiled(
    signatureOf(input("p", "FP16", [-1])),
    rule({ field: "p", type: "float16", range: { min: 0.1, max: 0.8 } }),
  );
  expect(
    f16([
      {
        name: "p",
        datatype: "FP16",
        shape: [2],
        data: Uint16Array.of(numberToHalf(0.1), numberToHalf(0.8)),
      },
    ]).ok,
  ).toBe(true);
  expect(
    f16([{ name: "p", datatype: "FP16", shape: [1], data: Uint16Array.of(numberToHalf(0.81)) }]).ok,
  ).toBe(false);
});

test("infinity is outside every range, also an open one, and 64-bit integers compare beyond 2^53", () => {
  const open = compiled(
    signatureOf(input("p", "FP32", [-1])),
    rule({ field: "p", type: "float32", range: { min: 0, max: null } }),
  );
  expect(
    messages(
      open([
        {
          name: "p",
          datatype: "FP32",
          shape: [1],
          data: Float32Array.of(Number.POSITIVE_INFINITY),
        },
      ]),
    ),
  ).toEqual(["range: p, row 0: Infinity is not a finite number."]);
  const wide = compiled(
    signatureOf(input("n", "UINT64", [-1])),
    rule({ field: "n", type: "uint64", range: { min: 0, max: Number.MAX_SAFE_INTEGER } }),
  );
  expect(
    wide([{ name: "n", datatype: "UINT64", shape: [1], data: BigUint64Array.of(2n ** 53n - 1n) }])
      .ok,
  ).toBe(true);
  expect(
    wide([{ name: "n", datatype: "UINT64", shape: [1], data: BigUint64Array.of(2n ** 53n) }]).ok,
  ).toBe(false);
  expect(
    wide([{ name: "n", datatype: "UINT64", shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) }])
      .ok,
  ).toBe(false);
});

test("tensors that do not fit the signature are refused before any value is looked at", () => {
  const signature = signatureOf(
    input("x", "FP32", [-1, 2], ["N", null]),
    input("z", "FP32", [-1], ["N"]),
  );
  const check = compiled(
    signature,
    rule({ field: "x", type: "float32", nulls: "allow" }),
    rule({ field: "z", type: "float32", nulls: "allow" }),
  );
  const x = { name: "x", datatype: "FP32", shape: [1, 2], data: Float32Array.of(1, 2) };
  const z = { name: "z", datatype: "FP32", shape: [1], data: Float32Array.of(1) };
  expect(check([x, z]).ok).toBe(true);
  expect(check([z, x]).ok).toBe(true);
  const cases: [CheckedTensor[], string][] = [
    [[x], "missing_input: The input z is missing."],
    [[x, z, { ...x, name: "w" }], "unknown_input: The model has no input w."],
    [[x, x, z], "repeated_input: The input x came twice."],
    [[{ ...x, datatype: "FP64" }, z], "datatype: The input x must be FP32, not FP64."],
    [[{ ...x, data: Float64Array.of(1, 2) }, z], "datatype: The input x must be FP32, not FP32."],
    [[{ ...x, shape: [2] }, z], "shape: The input x has 1 dimensions; the model takes 2: [N, 2]."],
    [[{ ...x, shape: [1, 3] }, z], "shape: The input x has shape [1, 3]; the model takes [N, 2]."],
    [
      [{ ...x, shape: [-1, 2] }, z],
      "shape: The input x has shape [-1, 2]; the model takes [N, 2].",
    ],
    [
      [{ ...x, shape: [0.5, 2] }, z],
      "shape: The input x has shape [0.5, 2]; the model takes [N, 2].",
    ],
    [
      [{ ...x, shape: [2 ** 53, 2] }, z],
      "shape: The input x has shape [9007199254740992, 2]; the model takes [N, 2].",
    ],
    [
      [
        { ...x, shape: [2, 2] },
        { ...z, shape: [2], data: Float32Array.of(1, 2) },
      ],
      "length: The input x has 2 values; its shape needs 4.",
    ],
    [
      [x, { ...z, shape: [2], data: Float32Array.of(1, 2) }],
      "shape: The input z has N = 2, another input has 1.",
    ],
  ];
  for (const [tensors, message] of cases) expect(messages(check(tensors))).toEqual([message]);
});

test("no more than 20 refusals are told, all are counted", () => {
  const check = compiled(
    signatureOf(input("x", "FP32", [-1, 1])),
    rule({ field: "x", type: "float32" }),
  );
  const result = check([columnOf("x", "FP32", new Float32Array(1000).fill(Number.NaN))]);
  expect(result.ok ? [] : [result.refusals.length, result.refusedCount]).toEqual([20, 1000]);
});

test("a contract that does not fit is not compiled", () => {
  const result = compileContract({ fields: [] }, signatureOf(input("x", "FP32", [-1, 1])));
  expect(result).toEqual({
    ok: false,
    problems: [{ pointer: "/fields", message: "The input x has no field." }],
  });
});

const datatypes: OipDatatype[] = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
];
const words = ["", "a", "b", "c", "\u00e4"];

function dataOf(datatype: OipDatatype, numbers: readonly number[]): TensorData {
  switch (datatype) {
    case "BYTES":
      return numbers.map(
        (number) =>
          words[Number.isFinite(number) ? Math.abs(Math.trunc(number)) % words.length : 0]!,
      );
    case "BOOL":
      return Uint8Array.from(numbers, (number) => (number > 0 ? 1 : 0));
    case "FP16":
      return Uint16Array.from(numbers, numberToHalf);
    case "FP32":
      return Float32Array.from(numbers);
    case "FP64":
      return Float64Array.from(numbers);
    case "INT64":
      return BigInt64Array.from(numbers, (number) =>
        BigInt(Number.isFinite(number) ? Math.trunc(number) : 2 ** 60),
      );
    case "UINT64":
      return BigUint64Array.from(numbers, (number) =>
        BigInt(Number.isFinite(number) ? Math.abs(Math.trunc(number)) : 2 ** 63),
      );
    case "INT8":
      return Int8Array.from(numbers);
    case "INT16":
      return Int16Array.from(numbers);
    case "INT32":
      return Int32Array.from(numbers);
    case "UINT8":
      return Uint8Array.from(numbers);
    case "UINT16":
      return Uint16Array.from(numbers);
    case "UINT32":
      return Uint32Array.from(numbers);
  }
}

const numberArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 6 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      0.1,
      0.8,
      2.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      1e300,
    ),
  },
  { weight: 1, arbitrary: fc.double() },
);

/** Rules that validate for the type: small whole numbers fit every numeric type. */
const rulesArbitrary = (type: string) =>
  fc.record({
    kind: fc.constantFrom("none", "range", "open", "domain"),
    low: fc.integer({ min: 0, max: 2 }),
    width: fc.integer({ min: 0, max: 3 }),
    fraction: fc.constantFrom(0, 0.1, 0.3),
    nulls: fc.constantFrom(
      ...(/int|bool/.test(type)
        ? (["reject", "impute"] as const)
        : (["reject", "allow", "impute", "flag"] as const)),
    ),
    action: fc.constantFrom("reject", "flag", "impute"),
  });

const caseArbitrary = fc
  .record({
    datatype: fc.constantFrom(...datatypes),
    columns: fc.integer({ min: 1, max: 3 }),
    rows: fc.integer({ min: 0, max: 5 }),
    named: fc.boolean(),
  })
  .chain(({ datatype, columns, rows, named }) => {
    const type = fieldTypeOf(datatype);
    const values = rows * columns;
    return fc.record({
      datatype: fc.constant(datatype),
      columns: fc.constant(columns),
      rows: fc.constant(rows),
      named: fc.constant(named),
      rules: fc.array(rulesArbitrary(type), { minLength: 3, maxLength: 3 }),
      numbers: fc.array(numberArbitrary, { minLength: values, maxLength: values }),
      nulls: fc.option(
        fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: values, maxLength: values }),
      ),
    });
  });

type RandomRules = {
  kind: string;
  low: number;
  width: number;
  fraction: number;
  nulls: ContractField["nulls"];
  action: string;
};

function fieldOf(
  slot: ReturnType<typeof contractSlots>[number],
  rules: RandomRules,
): ContractField {
  const isText = slot.type === "string";
  const isBool = slot.type === "bool";
  const low = rules.low + (slot.type.startsWith("float") ? rules.fraction : 0);
  const hasDomain = rules.kind === "domain" && !isBool;
  const range =
    isText || isBool
      ? null
      : rules.kind === "range"
        ? { min: low, max: low + rules.width }
        : rules.kind === "open"
          ? { min: low, max: null }
          : null;
  const limited = hasDomain || range !== null;
  return {
    ...slot,
    nulls: rules.nulls,
    imputeValue: isText ? "a" : isBool ? true : low,
    range,
    domain: hasDomain ? (isText ? ["a", "c"] : [low, low + 2]) : null,
    action:
      rules.action === "impute" && !limited ? "flag" : (rules.action as ContractField["action"]),
    unit: null,
  };
}

test("the fast checker agrees with the naive one on random contracts and data", () => {
  fc.assert(
    fc.property(caseArbitrary, ({ datatype, columns, rows, named, rules, numbers, nulls }) => {
      const signature = signatureOf(input("x", datatype, [-1, columns]));
      const names = Array.from({ length: columns }, (_, index) => `c${index}`);
      const slots = contractSlots(signature, named ? { x: names } : null);
      const contract: InputContract = {
        fields: slots.map((slot, index) => fieldOf(slot, rules[index]!)),
      };
      const tensor = (): CheckedTensor => ({
        name: "x",
        datatype,
        shape: [rows, columns],
        data: dataOf(datatype, numbers),
        nulls: nulls === null ? null : Uint8Array.from(nulls),
      });
      const expected = checkNaively(contract, [tensor()]);
      const given = tensor();
      const result = compiled(signature, ...contract.fields)([given]);
      const total = [...expected.met.reject.values()].reduce((sum, count) => sum + count, 0);
      expect(result.ok).toBe(total === 0);
      if (result.ok) {
        const counted = (counts: typeof result.flags) =>
          Object.fromEntries(
            counts.map(({ field, rule: name, count }) => [`${field} ${name}`, count]),
          );
        expect(counted(result.flags)).toEqual(Object.fromEntries(expected.met.flag));
        expect(counted(result.imputed)).toEqual(Object.fromEntries(expected.met.impute));
      } else {
        expect(result.refusedCount).toBe(total);
        expect(
          result.refusals.map((refusal) => `${refusal.field} ${refusal.rule} ${refusal.row}`),
        ).toEqual(expected.refusedRows.slice(0, 20));
      }
      expect([...given.data]).toEqual(expected.after.get("x"));
    }),
    { numRuns: 3000, seed: 20_261_123 },
  );
});

test("a value costs well under 50 ns", () => {
  const columns = 30;
  const rows = 2000;
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  const signature = signatureOf(input("x", "FP32", [-1, columns]));
  const fields = contractSlots(signature, { x: names }).map((slot) =>
    rule({ ...slot, range: { min: 0, max: 1 }, action: "flag" }),
  );
  const check = compiled(signature, ...fields);
  const tensor = {
    name: "x",
    datatype: "FP32",
    shape: [rows, columns],
    data: new Float32Array(rows * columns).fill(0.5),
  };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round += 1) {
    const started = performance.now();
    check([tensor]);
    best = Math.min(best, ((performance.now() - started) * 1e6) / (rows * columns));
  }
  expect(best).toBeLessThan(50);
});
