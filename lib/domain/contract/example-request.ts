import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { ContractField, InputContract } from "./types.ts";

/** A tensor of an Open Inference Protocol request, flat and row-major. */
export type RequestTensor = {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
};

/** More values than this in one example help nobody. */
const MAX_VALUES = 1_000_000;

/**
 * One row that the contract lets pass: the first value of a domain, the middle of a range, else 0, "a" or false. Free sizes are 1.
 * Null when the signature asks for more values than can sensibly be shown.
 */
export function exampleRequest(
  contract: InputContract,
  signature: ModelSignature,
): { readonly inputs: readonly RequestTensor[] } | null {
  const inputs: RequestTensor[] = [];
  for (const tensor of signature.inputs) {
    const shape = tensor.shape.map((size) => (size < 0 ? 1 : size));
    const values = shape.reduce((product, size) => product * size, 1);
    if (values > MAX_VALUES) return null;
    const data = Array.from({ length: values }, (_, index) =>
      valueAt(contract, tensor, shape, index),
    );
    inputs.push({ name: tensor.name, datatype: tensor.datatype, shape, data });
  }
  return { inputs };
}

function valueAt(
  contract: InputContract,
  tensor: TensorSignature,
  shape: readonly number[],
  index: number,
): number | string | boolean {
  const column = index % (shape.at(-1) ?? 1);
  const field = contract.fields.find(
    (candidate) =>
      candidate.input === tensor.name && (candidate.column === null || candidate.column === column),
  );
  return field === undefined
    ? plainValue(tensor.datatype === "BYTES" ? "string" : "float32")
    : allowedValue(field);
}

function allowedValue(field: ContractField): number | string | boolean {
  const first = field.domain?.[0];
  if (first !== undefined) return first;
  if (field.range === null) return field.imputeValue ?? plainValue(field.type);
  const { min, max } = field.range;
  if (min === null || max === null) return min ?? max ?? 0;
  const middle = min / 2 + max / 2;
  if (field.type.includes("int")) return Math.min(max, Math.ceil(middle));
  const rounded = Number(middle.toPrecision(3));
  return rounded >= min && rounded <= max ? rounded : middle;
}

function plainValue(type: ContractField["type"]): number | string | boolean {
  if (type === "string") return "a";
  return type === "bool" ? false : 0;
}
