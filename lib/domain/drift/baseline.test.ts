import { describe, expect, it } from "vitest";
import type { ContractField } from "#lib/domain/contract/types.ts";
import { baselineOfVersion, freezeReference, profileOfSample, surpriseThreshold } from "./baseline.ts";
import { emptyCounts } from "./bins.ts";

const field = (name: string, input: string, column: number | null): ContractField => ({
  field: name,
  input,
  column,
  type: "float32",
  nulls: "allow",
  imputeValue: null,
  range: null,
  domain: null,
  action: "flag",
  unit: null,
});
const tensor = (name: string, datatype: "FP32" | "INT64" | "BYTES", shape: number[]) => ({ name, datatype, shape, dimNames: shape.map(() => null) });
const signature = {
  inputs: [tensor("features", "FP32", [-1, 2])],
  outputs: [tensor("label", "BYTES", [-1]), tensor("probabilities", "FP32", [-1, 2])],
};
const profile = {
  rows: 100,
  features: [
    { name: "radius", type: "number", nulls: 0, mean: 1, sd: 1, binEdges: [0, 1, 2], binCounts: [50, 50] },
    { name: "stranger", type: "text", nulls: 0, values: [{ value: "x", count: 100 }] },
  ],
  classes: [
    { label: "benign", count: 60 },
    { label: "malignant", count: 40 },
  ],
} as const;

describe("the baseline of a version", () => {
  it("places columns by field name, and the score on the second of two classes", () => {
    const baseline = baselineOfVersion({
      signature,
      contract: { fields: [field("radius", "features", 0), field("texture", "features", 1)] },
      labelOutput: "label",
      classes: ["benign", "malignant"],
      profile,
    });
    expect(baseline.features.map(({ bins, place }) => [bins.name, place])).toEqual([["radius", { tensor: "features", column: 0 }]]);
    expect(baseline.outputs.map(({ bins, place }) => [bins.name, place.column])).toEqual([
      ["probabilities of malignant", 1],
      ["label", null],
    ]);
    expect(baseline.notes).toEqual(["1 of 2 columns of the profile are no fields of the contract and are not compared."]);
  });

  it("counts answers without any profile, and says what is missing", () => {
    const baseline = baselineOfVersion({ signature, contract: { fields: [] }, labelOutput: "label", classes: [], profile: null });
    expect(baseline.outputs.map(({ bins }) => bins.name)).toEqual(["probabilities[1]"]);
    expect(baseline.notes[0]).toContain("not compared");
  });

  it("cuts a sample into parts of equal size, with ties in one part, and keeps few values as they are", () => {
    const base = { rows: 100, emptyCells: 0, nullWords: 0, numbers: 100, categories: [], hasMoreCategories: true, knotsExact: true };
    const spread = { ...base, name: "spread", allIntegers: false, min: 1, max: 100, knots: Array.from({ length: 100 }, (_, i) => [i + 1, i + 1] as const) };
    const constant = { ...base, name: "constant", allIntegers: false, min: 5, max: 5, knots: [[5, 100]] as const };
    const flag = { ...base, name: "flag", allIntegers: true, min: 0, max: 1, knots: [[0, 70], [1, 100]] as const, categories: [["0", 70], ["1", 30]] as const, hasMoreCategories: false };
    const { features } = profileOfSample({ rows: 100, columns: [spread, constant, flag] });
    expect(features.map(({ name }) => name)).toEqual(["spread", "flag"]);
    const [numbers, whole] = features;
    expect(numbers?.type === "number" && numbers.binEdges).toEqual([1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    // Bins hold [edge, next edge): 1..9, 10..19, ..., 90..100.
    expect(numbers?.type === "number" && numbers.binCounts).toEqual([9, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
    expect(whole?.type === "integer" && whole.values).toEqual([{ value: 0, count: 70 }, { value: 1, count: 30 }]);
  });

  it("freezes what has no reference yet and leaves the rest", () => {
    const [score] = baselineOfVersion({ signature, contract: { fields: [] }, labelOutput: null, classes: [], profile: null }).outputs;
    if (score === undefined) throw new Error("No score.");
    const counted = { ...emptyCounts(score.bins), under: 3 };
    expect(freezeReference([score], [counted])[0]?.reference).toEqual(counted);
    expect(freezeReference([{ ...score, reference: counted }], [])[0]?.reference).toEqual(counted);
  });

  it("sets the threshold of surprise from the reference alone", () => {
    expect(surpriseThreshold([])).toBeNull();
    const bins = { kind: "categorical", name: "f", values: ["a", "b"] } as const;
    const even = { bins, place: { tensor: "t", column: null }, reference: { ...emptyCounts(bins), cells: [500, 500] } };
    expect(surpriseThreshold([even])).toBeCloseTo(1, 10);
  });
});
