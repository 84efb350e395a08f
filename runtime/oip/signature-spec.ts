import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import { badRequest } from "./inference-error.ts";
import { elementCount, type Tensor } from "./tensor.ts";

/** Input and output signature, indexed for the request path. Positions are those of the signature. */
export type SignatureSpec = {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  readonly inputIndex: ReadonlyMap<string, number>;
  readonly outputIndex: ReadonlyMap<string, number>;
  /** True when an integer beyond 2^53 can matter, so that bodies must be parsed without losing digits. */
  readonly hasWideIntegers: boolean;
  /** Free dimensions that share a name over several places and so must agree within a request. */
  readonly sharedDims: readonly SharedDim[];
};

type SharedDim = {
  readonly name: string;
  readonly places: readonly { readonly input: number; readonly axis: number }[];
};

export function compileSignature(signature: ModelSignature): SignatureSpec {
  const places = new Map<string, { input: number; axis: number }[]>();
  signature.inputs.forEach((tensor, input) => {
    tensor.dimNames.forEach((name, axis) => {
      if (name === null || name === "" || tensor.shape[axis] !== -1) return;
      places.set(name, [...(places.get(name) ?? []), { input, axis }]);
    });
  });
  return {
    inputs: signature.inputs,
    outputs: signature.outputs,
    inputIndex: new Map(signature.inputs.map((tensor, index) => [tensor.name, index])),
    outputIndex: new Map(signature.outputs.map((tensor, index) => [tensor.name, index])),
    hasWideIntegers: signature.inputs.some(
      (tensor) => tensor.datatype === "INT64" || tensor.datatype === "UINT64",
    ),
    sharedDims: [...places]
      .filter(([, list]) => list.length > 1)
      .map(([name, list]) => ({ name, places: list })),
  };
}

/** Shape as text for messages: `[-1, 30]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Refuses a shape that the input cannot have; answers how many values it holds. Throws `InferenceError` 400. */
export function checkShape(
  tensor: TensorSignature,
  shape: readonly number[],
  maxValues: number,
): number {
  const name = JSON.stringify(tensor.name);
  if (shape.length !== tensor.shape.length) {
    throw badRequest(
      `Input ${name} has shape ${shapeText(shape.slice(0, 16))}; the model expects ${shapeText(tensor.shape)}.`,
    );
  }
  const count = elementCount(shape);
  if (count < 0)
    throw badRequest(`The shape of input ${name} is not a list of sizes that can be multiplied.`);
  for (let axis = 0; axis < shape.length; axis += 1) {
    const expected = tensor.shape[axis];
    if (expected !== -1 && shape[axis] !== expected) {
      throw badRequest(
        `Input ${name} has shape ${shapeText(shape)}; the model expects ${shapeText(tensor.shape)}.`,
      );
    }
  }
  if (count === 0)
    throw badRequest(`Input ${name} has shape ${shapeText(shape)} and so holds no value.`);
  if (count > maxValues)
    throw badRequest(
      `Input ${name} has shape ${shapeText(shape)}: more values than its data can hold.`,
    );
  return count;
}

/** Refuses a request whose inputs disagree about a dimension that the model calls by one name (the batch, usually). */
export function checkSharedDims(spec: SignatureSpec, tensors: readonly Tensor[]): void {
  for (const { name, places } of spec.sharedDims) {
    const [first, ...rest] = places;
    if (first === undefined) continue;
    const size = tensors[first.input]?.shape[first.axis];
    for (const place of rest) {
      const other = tensors[place.input]?.shape[place.axis];
      if (other !== size) {
        throw badRequest(
          `Dimension ${JSON.stringify(name)} is ${size} in input ${JSON.stringify(spec.inputs[first.input]?.name)} and ${other} in input ${JSON.stringify(spec.inputs[place.input]?.name)}.`,
        );
      }
    }
  }
}
