import {
  isFloat,
  isNumeric,
  isInteger,
  valuesPerRow,
} from "#lib/domain/contract/contract-slots.ts";
import { checkSample, matchColumns } from "#lib/domain/contract/check-sample.ts";
import {
  nullRules,
  type ContractAction,
  type ContractField,
  type FieldSampleCheck,
  type InputContract,
  type NullRule,
  type SampleSummary,
} from "#lib/domain/contract/types.ts";
import { validateContract } from "#lib/domain/contract/validate-contract.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { Problem } from "#lib/domain/problem.ts";

/** A contract while it is being written: numbers are texts until they are numbers, so that "0." and "-" can stand for a moment. */
export type FieldDraft = {
  readonly base: ContractField;
  readonly nulls: NullRule;
  readonly action: ContractAction;
  readonly impute: string;
  readonly min: string;
  readonly max: string;
  /** Allowed values, a line or a comma each; empty: no domain. */
  readonly domain: string;
};

const text = (value: number | string | boolean | null): string =>
  value === null ? "" : String(value);

/** Values with a comma in them are one a line. */
function domainText(domain: ContractField["domain"]): string {
  if (domain === null) return "";
  const values = domain.map(String);
  return values.join(values.some((value) => value.includes(",")) ? "\n" : ", ");
}

export const draftOf = (field: ContractField): FieldDraft => ({
  base: field,
  nulls: field.nulls,
  action: field.action,
  impute: text(field.imputeValue),
  min: text(field.range?.min ?? null),
  max: text(field.range?.max ?? null),
  domain: domainText(field.domain),
});

/** The null rules that a field of this type can have: integers and booleans cannot carry a null. */
export const nullRulesFor = ({ type }: ContractField): readonly NullRule[] =>
  isFloat(type) || type === "string"
    ? nullRules
    : nullRules.filter((rule) => rule === "reject" || rule === "impute");

export const hasRange = ({ type, domain }: ContractField): boolean =>
  isNumeric(type) && domain === null;
export const hasDomain = ({ type, domain }: ContractField): boolean =>
  type === "string" || domain !== null;

/** A number as people write it, a comma or a real minus sign among them; NaN when it is none, null when nothing stands there. */
export function readNumber(written: string): number | null {
  const plain = written
    .trim()
    .replace("\u2212", "-")
    .replace(/^(-?\d+),(\d+)$/, "$1.$2");
  if (plain === "") return null;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}

function readDomain(draft: FieldDraft): ContractField["domain"] {
  const separator = draft.domain.includes("\n") ? "\n" : ",";
  const values = draft.domain
    .split(separator)
    .map((value) => value.trim())
    .filter((value) => value !== "");
  if (values.length === 0) return null;
  return isNumeric(draft.base.type)
    ? values.map((value) => readNumber(value) ?? Number.NaN)
    : values;
}

function readImpute(draft: FieldDraft): ContractField["imputeValue"] {
  if (draft.nulls !== "impute" && draft.action !== "impute") return null;
  const { type } = draft.base;
  if (type === "string") return draft.impute === "" ? null : draft.impute;
  if (type === "bool")
    return draft.impute === "true" ? true : draft.impute === "false" ? false : null;
  return readNumber(draft.impute);
}

export function fieldOf(draft: FieldDraft): ContractField {
  const min = readNumber(draft.min);
  const max = readNumber(draft.max);
  const ranged = hasRange(draft.base) && (min !== null || max !== null);
  return {
    ...draft.base,
    nulls: draft.nulls,
    action: draft.action,
    imputeValue: readImpute(draft),
    range: ranged ? { min, max } : null,
    domain: hasDomain(draft.base) ? readDomain(draft) : null,
  };
}

const NOT_A_NUMBER = "This is not a number. Write it like 0.5 or -3.";

function writingProblems(draft: FieldDraft, index: number): Problem[] {
  const at = `/fields/${String(index)}`;
  const problems: Problem[] = [];
  if (hasRange(draft.base)) {
    for (const end of ["min", "max"] as const) {
      if (Number.isNaN(readNumber(draft[end])))
        problems.push({ pointer: `${at}/range/${end}`, message: NOT_A_NUMBER });
    }
  }
  const imputes = draft.nulls === "impute" || draft.action === "impute";
  if (imputes && isNumeric(draft.base.type) && Number.isNaN(readNumber(draft.impute)))
    problems.push({ pointer: `${at}/imputeValue`, message: NOT_A_NUMBER });
  return problems;
}

export type ReadContract = {
  readonly contract: InputContract;
  readonly problems: readonly Problem[];
  /** By field name; without a sample, or where it has no such column, there is none. */
  readonly checks: ReadonlyMap<string, FieldSampleCheck>;
};

/** What is written, as a contract, with what is wrong with it and what it would refuse of the sample. */
export function readContract(
  drafts: readonly FieldDraft[],
  signature: ModelSignature,
  sample: SampleSummary | null,
): ReadContract {
  const contract = { fields: drafts.map(fieldOf) };
  const written = drafts.flatMap(writingProblems);
  const known = new Set(written.map(({ pointer }) => pointer));
  const problems = [
    ...written,
    ...validateContract(contract, signature).filter(({ pointer }) => !known.has(pointer)),
  ];
  return {
    contract,
    problems,
    checks: sample === null ? new Map() : checksOf(contract, signature, sample),
  };
}

function checksOf(
  contract: InputContract,
  signature: ModelSignature,
  sample: SampleSummary,
): ReadonlyMap<string, FieldSampleCheck> {
  const sizes = new Map(signature.inputs.map((tensor) => [tensor.name, valuesPerRow(tensor)]));
  const columns = matchColumns(
    contract.fields.map(({ field, input, column }) => ({
      field,
      values: column === null ? (sizes.get(input) ?? null) : 1,
    })),
    sample,
  );
  return new Map(checkSample(contract, sample, columns).map((check) => [check.field, check]));
}

/** Keyboard for a field's numbers on a phone. */
export const inputMode = ({ type }: ContractField): "numeric" | "decimal" | "text" =>
  isInteger(type) ? "numeric" : isFloat(type) ? "decimal" : "text";
