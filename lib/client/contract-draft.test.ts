import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  draftOf,
  fieldOf,
  nullRulesFor,
  readContract,
  readNumber,
} from "#lib/client/contract-draft.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { ContractField, SampleSummary } from "#lib/domain/contract/types.ts";

const field = (change: Partial<ContractField>): ContractField => ({
  field: "age",
  input: "age",
  column: null,
  type: "float32",
  nulls: "reject",
  imputeValue: null,
  range: null,
  domain: null,
  action: "flag",
  unit: null,
  ...change,
});
const signature: ModelSignature = {
  inputs: [{ name: "age", datatype: "FP32", shape: [-1, 1], dimNames: ["N", null] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [-1], dimNames: ["N"] }],
};
const sample: SampleSummary = {
  rows: 4,
  columns: [
    {
      name: "age",
      rows: 4,
      emptyCells: 0,
      nullWords: 0,
      numbers: 4,
      allIntegers: true,
      min: 1,
      max: 4,
      knots: [
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ],
      knotsExact: true,
      categories: [],
      hasMoreCategories: false,
    },
  ],
};

/** JSON has no minus zero. */
const jsonNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

describe("a contract while it is written", () => {
  it("comes back as it was when nothing was written", () => {
    fc.assert(
      fc.property(
        fc.record({
          nulls: fc.constantFrom("reject" as const, "allow" as const, "flag" as const),
          action: fc.constantFrom("reject" as const, "flag" as const),
          range: fc.option(
            fc.record({
              min: jsonNumber,
              max: fc.option(jsonNumber),
            }),
          ),
        }),
        (rules) => {
          const before = field({
            ...rules,
            range: rules.range,
          });
          expect(fieldOf(draftOf(before))).toEqual(before);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it("keeps allowed texts that have commas in them", () => {
    const before = field({ type: "string", domain: ["a, b", "c"] });
    expect(fieldOf(draftOf(before)).domain).toEqual(["a, b", "c"]);
  });

  it("reads numbers as people write them and nothing else", () => {
    expect(
      ["0,5", "\u22123", "1e-3", " 7 ", "", "1.2.3", "0x10", "ten", "Infinity"].map(readNumber),
    ).toEqual([0.5, -3, 0.001, 7, null, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it("says where a number is not one, once", () => {
    const { problems } = readContract(
      [{ ...draftOf(field({ range: { min: 0, max: 1 } })), max: "1x" }],
      signature,
      null,
    );
    expect(problems.map(({ pointer }) => pointer)).toEqual(["/fields/0/range/max"]);
  });

  it("counts what a rule would refuse of the sample as it is typed", () => {
    const draft = { ...draftOf(field({ range: { min: 0, max: 10 } })), action: "reject" as const };
    const refused = (max: string) =>
      readContract([{ ...draft, max }], signature, sample).checks.get("age")?.refusedRows;
    expect([refused("10"), refused("3"), refused("1")]).toEqual([0, 1, 3]);
  });

  it("offers integers and booleans no rule that needs a null to pass", () => {
    expect(nullRulesFor(field({ type: "int64" }))).toEqual(["reject", "impute"]);
    expect(nullRulesFor(field({ type: "float32" }))).toContain("allow");
  });

  it("imputes with a value of the field's own type", () => {
    const impute = (type: ContractField["type"], written: string) =>
      fieldOf({ ...draftOf(field({ type, domain: null })), nulls: "impute", impute: written })
        .imputeValue;
    expect([
      impute("float32", "0.5"),
      impute("string", "rent"),
      impute("bool", "true"),
      impute("bool", "maybe"),
    ]).toEqual([0.5, "rent", true, null]);
  });
});
