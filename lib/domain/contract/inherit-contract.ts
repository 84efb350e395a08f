import type { ContractField, InputContract } from "./types.ts";

export type InheritedContract = {
  readonly contract: InputContract;
  /** Names of the fields whose rules are the parent's. */
  readonly inherited: readonly string[];
};

/**
 * Carries the rules of a parent version over to a new one: where a field of the same name and type was there before, its rules are kept; everything else is
 * as proposed. Places (input, column) are always the new file's.
 */
export function inheritContract(
  proposed: InputContract,
  parent: InputContract | null,
): InheritedContract {
  const before = new Map((parent?.fields ?? []).map((field) => [field.field, field]));
  const inherited: string[] = [];
  const fields = proposed.fields.map((field): ContractField => {
    const known = before.get(field.field);
    if (known === undefined || known.type !== field.type) return field;
    inherited.push(field.field);
    return { ...known, field: field.field, input: field.input, column: field.column };
  });
  return { contract: { fields }, inherited };
}
