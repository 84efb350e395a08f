import type { ModelSignature, OipDatatype, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { CheckedTensor, ContractRefusal, RefusalRule } from "./types.ts";

type InputPlan = {
  readonly tensor: TensorSignature;
  /** For each axis: index of its name among all dim names, or -1. Axes of one name must agree within a request. */
  readonly dimSlots: readonly number[];
};

export type ShapePlan = {
  readonly inputs: readonly InputPlan[];
  readonly indexByName: ReadonlyMap<string, number>;
  readonly dimNames: readonly string[];
};

export function planShapes(signature: ModelSignature): ShapePlan {
  const dimNames: string[] = [];
  const slotOf = (name: string | null | undefined): number => {
    if (name === null || name === undefined) return -1;
    const known = dimNames.indexOf(name);
    return known >= 0 ? known : dimNames.push(name) - 1;
  };
  return {
    inputs: signature.inputs.map((tensor) => ({
      tensor,
      dimSlots: tensor.shape.map((_, axis) => slotOf(tensor.dimNames[axis])),
    })),
    indexByName: new Map(signature.inputs.map((tensor, index) => [tensor.name, index])),
    dimNames,
  };
}

const refusal = (field: string, rule: RefusalRule, message: string): ContractRefusal => ({
  field,
  row: null,
  rule,
  message,
});

/**
 * Puts the tensors of a request in the order of the signature, or says why they do not fit it: unknown, missing or repeated inputs, wrong datatype, rank,
 * size, disagreeing named sizes, or data that is not as long as its shape.
 */
export function matchInputs(
  plan: ShapePlan,
  tensors: readonly CheckedTensor[],
):
  | { readonly ordered: readonly CheckedTensor[] }
  | { readonly refusals: readonly ContractRefusal[] } {
  const ordered: (CheckedTensor | undefined)[] = new Array<CheckedTensor | undefined>(
    plan.inputs.length,
  ).fill(undefined);
  const refusals: ContractRefusal[] = [];
  for (const tensor of tensors) {
    const index = plan.indexByName.get(tensor.name);
    if (index === undefined) {
      refusals.push(
        refusal(tensor.name, "unknown_input", `The model has no input ${tensor.name}.`),
      );
    } else if (ordered[index] !== undefined) {
      refusals.push(refusal(tensor.name, "repeated_input", `The input ${tensor.name} came twice.`));
    } else ordered[index] = tensor;
  }
  const sizes: number[] = [];
  for (const [index, input] of plan.inputs.entries()) {
    const tensor = ordered[index];
    if (tensor === undefined) {
      const { name } = input.tensor;
      refusals.push(refusal(name, "missing_input", `The input ${name} is missing.`));
    } else {
      const found = misfit(plan, input, tensor, sizes);
      if (found !== null) refusals.push(found);
    }
  }
  // Without refusals every place is filled; the filter only tells the compiler so.
  return refusals.length > 0
    ? { refusals }
    : { ordered: ordered.filter((tensor) => tensor !== undefined) };
}

function misfit(
  plan: ShapePlan,
  input: InputPlan,
  tensor: CheckedTensor,
  sizes: number[],
): ContractRefusal | null {
  const { name, datatype, shape } = input.tensor;
  if (tensor.datatype !== datatype || !isArrayOf(datatype, tensor.data)) {
    return refusal(
      name,
      "datatype",
      `The input ${name} must be ${datatype}, not ${tensor.datatype}.`,
    );
  }
  if (tensor.shape.length !== shape.length) {
    return refusal(
      name,
      "shape",
      `The input ${name} has ${tensor.shape.length} dimensions; the model takes ${shape.length}: ${shown(input.tensor)}.`,
    );
  }
  let values = 1;
  for (let axis = 0; axis < shape.length; axis += 1) {
    const size = tensor.shape[axis] ?? -1;
    const wanted = shape[axis] ?? -1;
    if (!Number.isSafeInteger(size) || size < 0 || (wanted >= 0 && size !== wanted)) {
      return refusal(
        name,
        "shape",
        `The input ${name} has shape [${tensor.shape.join(", ")}]; the model takes ${shown(input.tensor)}.`,
      );
    }
    values *= size;
    const slot = input.dimSlots[axis] ?? -1;
    if (slot >= 0) {
      const known = sizes[slot];
      if (known === undefined) sizes[slot] = size;
      else if (known !== size) {
        return refusal(
          name,
          "shape",
          `The input ${name} has ${plan.dimNames[slot]} = ${size}, another input has ${known}.`,
        );
      }
    }
  }
  return tensor.data.length === values
    ? null
    : refusal(
        name,
        "length",
        `The input ${name} has ${tensor.data.length} values; its shape needs ${values}.`,
      );
}

function shown(tensor: TensorSignature): string {
  const sizes = tensor.shape.map((size, axis) =>
    size < 0 ? (tensor.dimNames[axis] ?? "any") : size,
  );
  return `[${sizes.join(", ")}]`;
}

const arrayOf: Readonly<Record<OipDatatype, (data: unknown) => boolean>> = {
  BOOL: (data) => data instanceof Uint8Array,
  UINT8: (data) => data instanceof Uint8Array,
  UINT16: (data) => data instanceof Uint16Array,
  UINT32: (data) => data instanceof Uint32Array,
  UINT64: (data) => data instanceof BigUint64Array,
  INT8: (data) => data instanceof Int8Array,
  INT16: (data) => data instanceof Int16Array,
  INT32: (data) => data instanceof Int32Array,
  INT64: (data) => data instanceof BigInt64Array,
  FP16: (data) => data instanceof Uint16Array,
  FP32: (data) => data instanceof Float32Array,
  FP64: (data) => data instanceof Float64Array,
  BYTES: (data) => Array.isArray(data),
};

function isArrayOf(datatype: OipDatatype, data: unknown): boolean {
  return arrayOf[datatype](data);
}
