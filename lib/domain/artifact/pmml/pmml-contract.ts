import type { ContractField, FieldRange, InputContract } from "#lib/domain/contract/types.ts";
import type { ModelSignature, OipDatatype, TensorSignature } from "../types.ts";
import type { PmmlField, PmmlInspection, PmmlMiningField } from "./types.ts";

export type PmmlContract = { readonly signature: ModelSignature; readonly contract: InputContract; readonly notes: readonly string[] };

const datatypes: Readonly<Record<string, OipDatatype>> = { integer: "INT64", float: "FP32", double: "FP64", boolean: "BOOL", string: "BYTES" };
/** Dates, times and durations travel as text. */
const datatypeOf = (dataType: string | null): OipDatatype => datatypes[dataType ?? ""] ?? "BYTES";
const fieldTypes = { INT64: "int64", FP32: "float32", FP64: "float64", BOOL: "bool", BYTES: "string" } as const;

const column = (name: string, datatype: OipDatatype): TensorSignature => ({ name, datatype, shape: [-1, 1], dimNames: [null, null] });

/**
 * Signature and input contract as the document states them, and in words what a contract cannot say; null when a field has no name or there is no input.
 * Order of evaluation after the standard: missing value treatment, invalid value treatment, outliers (https://dmg.org/pmml/v4-4-1/MiningSchema.html).
 */
export function contractOfPmml(inspection: PmmlInspection): PmmlContract | null {
  const byName = new Map(inspection.fields.map((field) => [field.name, field]));
  const active = inspection.miningFields.filter(({ usage }) => usage === "active");
  const notes: string[] = ["Types, limits and treatments are those of the document's DataDictionary and MiningSchema."];
  const inputs: TensorSignature[] = [];
  const fields: ContractField[] = [];
  for (const mining of active) {
    const field = byName.get(mining.name);
    if (field === undefined || field.name === "" || field.name.length > 512) return null;
    inputs.push(column(field.name, datatypeOf(field.dataType)));
    fields.push(contractField(field, mining, notes));
  }
  const outputs = outputsOf(inspection, byName);
  if (inputs.length === 0 || inputs.length > 2048 || outputs.length === 0 || outputs.some(({ name }) => name === "")) return null;
  return { signature: { inputs, outputs }, contract: { fields }, notes };
}

function outputsOf({ outputs, targets, functionName }: PmmlInspection, byName: ReadonlyMap<string, PmmlField>): TensorSignature[] {
  const [target] = targets;
  const declared = target === undefined ? undefined : byName.get(target)?.dataType;
  const targetType = declared === undefined && functionName === "regression" ? "FP64" : datatypeOf(declared ?? null);
  if (outputs.length === 0) return [column(target ?? "predictedValue", targetType)];
  return outputs.map(({ name, dataType, feature }) => {
    const implied = /^(probability|confidence|affinity|standardError|residual)$/.test(feature) ? "FP64" : targetType;
    return column(name, dataType === null ? implied : datatypeOf(dataType));
  });
}

function contractField(field: PmmlField, mining: PmmlMiningField, notes: string[]): ContractField {
  const datatype = datatypeOf(field.dataType);
  const type = fieldTypes[datatype as keyof typeof fieldTypes];
  const base: ContractField = { field: field.name, input: field.name, column: null, type, nulls: "reject", imputeValue: null, range: null, domain: null, action: "flag", unit: null };
  const limited = { ...base, ...limitsOf(field, mining, type, notes) };
  const withNulls = nullsOf(limited, mining, notes);
  const isDomain = limited.domain !== null || field.intervals.length > 0;
  // The bounds of outliers alone are no domain: nothing is invalid outside of them.
  return isDomain ? invalidOf(withNulls, mining, notes) : withNulls;
}

const say = (notes: string[], field: string, what: string): void => {
  if (notes.length < 200) notes.push(`${field}: ${what}`);
};

function valueOf(written: string, type: ContractField["type"]): number | string | boolean | null {
  if (type === "string") return written === "" ? null : written;
  if (type === "bool") return /^(true|1)$/i.test(written) ? true : /^(false|0)$/i.test(written) ? false : null;
  const number = Number(written);
  return written.trim() === "" || !Number.isFinite(number) || (type === "int64" && !Number.isSafeInteger(number)) ? null : number;
}

function limitsOf(field: PmmlField, mining: PmmlMiningField, type: ContractField["type"], notes: string[]): Pick<ContractField, "range" | "domain"> {
  if (field.missing.length > 0) say(notes, field.name, `the document takes ${field.missing.join(", ")} for a missing value; a caller sends null instead.`);
  if (field.invalid.length > 0) say(notes, field.name, `the document names ${field.invalid.join(", ")} as invalid.`);
  if (field.valid.length > 0 && type !== "bool") {
    const domain = [...new Set(field.valid)].map((value) => valueOf(value, type)).filter((value) => value !== null);
    if (domain.length > 0) return { range: null, domain: domain as string[] | number[] };
  }
  if (type === "string" || type === "bool") return { range: null, domain: null };
  if (field.intervals.length > 0 && field.optype !== "categorical") return { range: hull(field, type, notes), domain: null };
  if (mining.outliers !== null && mining.outliers !== "asIs") {
    say(notes, field.name, `values beyond the range are outliers, which the model itself treats ${mining.outliers}.`);
    return { range: { min: mining.low, max: mining.high }, domain: null };
  }
  return { range: null, domain: null };
}

/** From the least to the greatest end of all intervals. An open end of an integer field moves in by one; of others it is said. */
function hull(field: PmmlField, type: ContractField["type"], notes: string[]): FieldRange | null {
  const ends = field.intervals.map(({ closure, min, max }) => {
    const isInteger = type === "int64";
    const openLow = closure.startsWith("open") && min !== null;
    const openHigh = closure.endsWith("Open") && max !== null;
    if ((openLow || openHigh) && !isInteger) say(notes, field.name, `an end of its interval does not belong to it (${closure}); the contract's ends do.`);
    const integral = (value: number | null, isOpen: boolean, toward: 1 | -1): number | null =>
      value === null || !isInteger ? value : isOpen && Number.isInteger(value) ? value + toward : toward === 1 ? Math.ceil(value) : Math.floor(value);
    return { min: integral(min, openLow, 1), max: integral(max, openHigh, -1) };
  });
  if (ends.length > 1) say(notes, field.name, "it has several intervals; the contract spans them all.");
  const lows = ends.map(({ min }) => min);
  const highs = ends.map(({ max }) => max);
  const min = lows.includes(null) ? null : Math.min(...lows.flatMap((end) => end ?? []));
  const max = highs.includes(null) ? null : Math.max(...highs.flatMap((end) => end ?? []));
  return min === null && max === null ? null : { min, max };
}

const isInside = ({ range, domain }: ContractField, value: number | string | boolean): boolean =>
  domain !== null
    ? domain.some((allowed) => allowed === value)
    : range === null || typeof value !== "number" || ((range.min === null || value >= range.min) && (range.max === null || value <= range.max));

function nullsOf(field: ContractField, mining: PmmlMiningField, notes: string[]): ContractField {
  if (mining.missingTreatment === "returnInvalid") return field;
  const replacement = mining.missingReplacement === null ? null : valueOf(mining.missingReplacement, field.type);
  if (replacement !== null && isInside(field, replacement)) return { ...field, nulls: "impute", imputeValue: replacement };
  if (replacement !== null) say(notes, field.field, `its replacement for missing values, ${mining.missingReplacement}, is outside of its own limits; nulls are passed on.`);
  if (field.type === "int64" || field.type === "bool") {
    say(notes, field.field, `the document accepts a missing value, which a tensor of ${field.type} cannot carry.`);
    return field;
  }
  return { ...field, nulls: "allow" };
}

function invalidOf(field: ContractField, mining: PmmlMiningField, notes: string[]): ContractField {
  if (field.range === null && field.domain === null) return field;
  switch (mining.invalidTreatment) {
    case "asIs":
      return { ...field, action: "flag" };
    case "asMissing":
      if (field.nulls === "impute") return { ...field, action: "impute" };
      say(notes, field.field, "the document takes invalid values for missing ones; the contract lets them pass with a flag.");
      return { ...field, action: "flag" };
    case "asValue": {
      const value = mining.invalidReplacement === null ? null : valueOf(mining.invalidReplacement, field.type);
      if (value !== null && isInside(field, value) && (field.imputeValue === null || field.imputeValue === value)) return { ...field, action: "impute", imputeValue: value };
      say(notes, field.field, `the document replaces invalid values by ${mining.invalidReplacement ?? "a value it does not name"}; the contract lets them pass with a flag.`);
      return { ...field, action: "flag" };
    }
    default:
      return { ...field, action: "reject" };
  }
}
