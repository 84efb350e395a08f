import { halfToNumber, numberToHalf } from "./half-float.ts";
import type { CheckedTensor, ContractField, InputContract, TensorData } from "./types.ts";

/**
 * The contract's meaning written plainly, one value at a time, for the fast checker to be held against.
 * Answers how many values each rule met, and the data as it should be afterwards.
 */
export function checkNaively(contract: InputContract, tensors: readonly CheckedTensor[]) {
  const met = {
    reject: new Map<string, number>(),
    flag: new Map<string, number>(),
    impute: new Map<string, number>(),
  };
  const refusedRows: string[] = [];
  const after = new Map(tensors.map((tensor) => [tensor.name, [...tensor.data] as unknown[]]));
  for (const field of contract.fields) {
    const tensor = tensors.find((candidate) => candidate.name === field.input);
    const repaired = after.get(field.input);
    if (tensor === undefined || repaired === undefined) throw new Error(`no input ${field.input}`);
    const columns = tensor.shape.at(-1) ?? 1;
    const rows = tensor.shape[0] ?? 1;
    const perRow = rows === 0 ? 1 : tensor.data.length / rows;
    for (let index = 0; index < tensor.data.length; index += 1) {
      if (field.column !== null && index % columns !== field.column) continue;
      const value = read(field, tensor.data, tensor.nulls?.[index] === 1, index);
      const rule = brokenRule(field, value);
      if (value === null) repaired[index] = nullOf(field);
      if (rule === null) continue;
      const act = rule === "null" ? field.nulls : field.action;
      if (act === "allow") continue;
      const key = `${field.field} ${rule}`;
      met[act].set(key, (met[act].get(key) ?? 0) + 1);
      if (act === "reject")
        refusedRows.push(`${field.field} ${rule} ${Math.floor(index / perRow)}`);
      if (act === "impute") repaired[index] = written(field);
    }
  }
  return { met, refusedRows, after };
}

function brokenRule(field: ContractField, value: number | string | null) {
  if (value === null) return "null";
  if (!isOutside(field, value)) return null;
  return field.domain ? "domain" : "range";
}

function read(
  field: ContractField,
  data: TensorData,
  isNull: boolean,
  index: number,
): number | string | null {
  if (isNull) return null;
  const value = data[index] as number | string | bigint;
  if (field.type === "string") return value === "" ? null : String(value);
  const number = field.type === "float16" ? halfToNumber(Number(value)) : Number(value);
  return Number.isNaN(number) ? null : number;
}

function isOutside(field: ContractField, value: number | string): boolean {
  const rounded = (limit: number): number =>
    field.type === "float32"
      ? Math.fround(limit)
      : field.type === "float16"
        ? halfToNumber(numberToHalf(limit))
        : limit;
  if (field.domain !== null) {
    return !field.domain.some((allowed) =>
      typeof allowed === "number" ? rounded(allowed) === value : allowed === value,
    );
  }
  if (field.range === null || typeof value === "string") return false;
  if (!Number.isFinite(value)) return true;
  const { min, max } = field.range;
  return (min !== null && value < rounded(min)) || (max !== null && value > rounded(max));
}

/** What a null is in the data after the check, when nothing imputes it; integers keep what the bitmap hid. */
function nullOf(field: ContractField): unknown {
  if (field.type === "string") return "";
  if (field.type === "float16") return 0x7e00;
  return field.type.startsWith("float") ? Number.NaN : written(field);
}

function written(field: ContractField): unknown {
  const value = field.imputeValue;
  if (typeof value === "string") return value;
  const number = Number(value ?? 0);
  if (field.type === "float16") return numberToHalf(number);
  if (field.type === "float32") return Math.fround(number);
  return field.type === "int64" || field.type === "uint64" ? BigInt(number) : number;
}
