import { expect, it } from "vitest";
import { inheritContract } from "./inherit-contract.ts";
import type { ContractField } from "./types.ts";

const field = (name: string, change: Partial<ContractField> = {}): ContractField => ({
  field: name,
  input: name,
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

it("keeps the rules of fields that are the same and the places of the new file", () => {
  const parent = {
    fields: [
      field("age", { range: { min: 0, max: 120 }, action: "reject" }),
      field("gone"),
      field("kind", { type: "string" }),
    ],
  };
  const proposed = {
    fields: [
      field("age", { input: "features", column: 3, range: { min: 1, max: 90 } }),
      field("kind"),
      field("new"),
    ],
  };
  const { contract, inherited } = inheritContract(proposed, parent);
  expect(inherited).toEqual(["age"]);
  expect(contract.fields).toEqual([
    field("age", { input: "features", column: 3, range: { min: 0, max: 120 }, action: "reject" }),
    field("kind"),
    field("new"),
  ]);
});

it("is the proposal itself without a parent", () => {
  const proposed = { fields: [field("age")] };
  expect(inheritContract(proposed, null)).toEqual({ contract: proposed, inherited: [] });
});
