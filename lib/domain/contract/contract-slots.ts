import type { ModelSignature, OipDatatype, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { FieldType } from "./types.ts";

/** One place in the input tensors that a contract field speaks of, with the type the signature fixes. */
export type ContractSlot = {
  readonly field: string;
  readonly input: string;
  readonly column: number | null;
  readonly type: FieldType;
};

const typeOfDatatype: Readonly<Record<OipDatatype, FieldType>> = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
};

export function fieldTypeOf(datatype: OipDatatype): FieldType {
  return typeOfDatatype[datatype];
}

export const isInteger = (type: FieldType): boolean => type.includes("int");
export const isFloat = (type: FieldType): boolean => type.startsWith("float");
export const isNumeric = (type: FieldType): boolean => isInteger(type) || isFloat(type);

const boundsOfInteger: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 2 ** 8 - 1],
  uint16: [0, 2 ** 16 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int8: [-(2 ** 7), 2 ** 7 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** Least and greatest value of an integer type; for 64 bits as far as JSON numbers are exact. */
export function integerBounds(type: FieldType): readonly [number, number] {
  return boundsOfInteger[type] ?? [0, 0];
}

/** Size of the last axis when it is fixed and there is one; a vector [N] has one column. */
export function columnCount(tensor: TensorSignature): number | null {
  const last = tensor.shape.at(-1);
  return last === undefined || last < 0 ? null : last;
}

/** Values of one row: the product of all axes after the first; null when one of them is free. */
export function valuesPerRow(tensor: TensorSignature): number | null {
  let values = 1;
  for (const size of tensor.shape.slice(1)) {
    if (size < 0) return null;
    values *= size;
  }
  return values;
}

/**
 * The fields a contract for this signature has: one for each named column, one for each tensor that has no named columns
 * (a [N, 1] input is one field; an image is one field whose rule all its values share). Names are made unique by the input's name.
 */
export function contractSlots(
  signature: ModelSignature,
  features: Readonly<Record<string, readonly string[]>> | null,
): readonly ContractSlot[] {
  const slots: ContractSlot[] = [];
  for (const tensor of signature.inputs) {
    const type = fieldTypeOf(tensor.datatype);
    const names = columnNames(tensor, features);
    if (names === null) slots.push({ field: tensor.name, input: tensor.name, column: null, type });
    else names.forEach((field, column) => slots.push({ field, input: tensor.name, column, type }));
  }
  const uses = new Map<string, number>();
  for (const { field } of slots) uses.set(field, (uses.get(field) ?? 0) + 1);
  return slots.map((slot) =>
    uses.get(slot.field) === 1 || slot.column === null
      ? slot
      : { ...slot, field: `${slot.input}.${slot.field}` },
  );
}

function columnNames(
  tensor: TensorSignature,
  features: Readonly<Record<string, readonly string[]>> | null,
): readonly string[] | null {
  if (features === null || !Object.hasOwn(features, tensor.name)) return null;
  const names = features[tensor.name];
  return names !== undefined && names.length > 0 && names.length === columnCount(tensor)
    ? names
    : null;
}
