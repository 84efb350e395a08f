import { expect, test } from "vitest";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { ContractField } from "./types.ts";
import { validateContract } from "./validate-contract.ts";

const signature: ModelSignature = {
  inputs: [
    { name: "x", datatype: "FP32", shape: [-1, 2], dimNames: ["N", null] },
    { name: "n", datatype: "INT32", shape: [-1, 1], dimNames: ["N", null] },
    { name: "word", datatype: "BYTES", shape: [-1, 1], dimNames: ["N", null] },
    { name: "yes", datatype: "BOOL", shape: [-1], dimNames: ["N"] },
  ],
  outputs: [{ name: "y", datatype: "FP32", shape: [-1], dimNames: ["N"] }],
};
const rule = (
  field: string,
  type: ContractField["type"],
  more: Partial<ContractField> = {},
): ContractField => ({
  field,
  input: field,
  column: null,
  type,
  nulls: "reject",
  imputeValue: null,
  range: null,
  domain: null,
  action: "flag",
  unit: null,
  ...more,
});
const sound = [
  rule("a", "float32", { input: "x", column: 0, nulls: "allow", range: { min: 0, max: null } }),
  rule("b", "float32", {
    input: "x",
    column: 1,
    domain: [0, 0.5, 1],
    action: "impute",
    imputeValue: 0.5,
  }),
  rule("n", "int32", { nulls: "impute", imputeValue: 3, range: { min: 1, max: 5 } }),
  rule("word", "string", {
    nulls: "impute",
    imputeValue: "own",
    domain: ["own", "rent"],
    action: "reject",
  }),
  rule("yes", "bool", { nulls: "impute", imputeValue: false }),
];
const problems = (fields: readonly ContractField[]) =>
  validateContract({ fields }, signature).map(({ pointer, message }) => `${pointer} ${message}`);
const changed = (index: number, change: Partial<ContractField>) =>
  problems(sound.map((field, at) => (at === index ? { ...field, ...change } : field)));

test("a sound contract has no problem", () => {
  expect(problems(sound)).toEqual([]);
});

test.each<[string, number, Partial<ContractField>, string[]]>([
  [
    "an unknown input",
    3,
    { input: "w" },
    ["/fields/3/input The model has no input w.", "/fields The input word has no field."],
  ],
  [
    "another type",
    2,
    { type: "int64" },
    ["/fields/2/type The input n is int32 in the model, not int64."],
  ],
  [
    "a column too far",
    1,
    { column: 2 },
    [
      "/fields/1/column The input x has columns 0 to 1.",
      "/fields 1 of the 2 columns of x has no field.",
    ],
  ],
  [
    "one name twice",
    1,
    { field: "a" },
    ["/fields/1/field The name a is already taken by field 1."],
  ],
  [
    "one place twice",
    1,
    { column: 0 },
    [
      "/fields/1/column This place is already taken by field 1.",
      "/fields 1 of the 2 columns of x has no field.",
    ],
  ],
  [
    "whole and columns",
    0,
    { column: null },
    ["/fields The input x has a field for the whole and fields for columns; keep one kind."],
  ],
  [
    "nulls an integer cannot carry",
    2,
    { nulls: "allow" },
    ["/fields/2/nulls A int32 tensor cannot carry a null; choose reject or impute."],
  ],
  [
    "a range upside down",
    2,
    { range: { min: 5, max: 1 }, nulls: "reject" },
    ["/fields/2/range/max 1 is below the least value, 5."],
  ],
  [
    "a range without ends",
    0,
    { range: { min: null, max: null } },
    ["/fields/0/range Give at least one end, or no range."],
  ],
  [
    "an end that is no integer",
    2,
    { range: { min: 1, max: 5.5 } },
    ["/fields/2/range/max 5.5 is not a int32 value."],
  ],
  [
    "an end beyond the type",
    2,
    { range: { min: 1, max: 2 ** 31 } },
    ["/fields/2/range/max 2147483648 is not a int32 value."],
  ],
  [
    "an infinite end",
    0,
    { range: { min: Number.NEGATIVE_INFINITY, max: 1 } },
    ["/fields/0/range/min -Infinity is not a float32 value."],
  ],
  [
    "a range of texts",
    3,
    { range: { min: 0, max: 1 } },
    ["/fields/3/range A string field has no range; give a domain."],
  ],
  [
    "range and domain",
    1,
    { range: { min: 0, max: 1 } },
    ["/fields/1/range Give a range or a domain, not both."],
  ],
  [
    "an empty domain",
    3,
    { domain: [], nulls: "reject" },
    ["/fields/3/domain An empty domain refuses everything; give values, or no domain."],
  ],
  [
    "a domain of another type",
    3,
    { domain: ["own", ""] },
    ['/fields/3/domain/1 "" is not a string value.'],
  ],
  [
    "a domain value twice",
    1,
    { domain: [0, 0.5, 0.5] },
    ["/fields/1/domain/2 0.5 is in the domain twice."],
  ],
  [
    "a domain of booleans",
    4,
    { domain: [1] },
    [
      "/fields/4/domain A bool field has no domain.",
      "/fields/4/imputeValue false is itself outside what the field allows.",
    ],
  ],
  [
    "nothing to impute",
    3,
    { imputeValue: null },
    ["/fields/3/imputeValue Say which value replaces the one that came."],
  ],
  [
    "imputing another type",
    3,
    { imputeValue: 5 },
    ["/fields/3/imputeValue 5 is not a string value."],
  ],
  [
    "imputing a refused value",
    2,
    { imputeValue: 9 },
    ["/fields/2/imputeValue 9 is itself outside what the field allows."],
  ],
  [
    "imputing without limits",
    4,
    { action: "impute" },
    ["/fields/4/action Impute needs a range or a domain to be outside of."],
  ],
])("%s is named with its pointer", (_, index, change, expected) => {
  expect(changed(index, change)).toEqual(expected);
});

test("at most 100 problems are told", () => {
  expect(problems(Array.from({ length: 5000 }, () => rule("z", "float32")))).toHaveLength(100);
});
