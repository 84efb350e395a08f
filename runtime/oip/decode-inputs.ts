import type { TensorSignature } from "#lib/domain/artifact/types.ts";
import { decodeRawInput, takeBinary } from "./binary-tensors.ts";
import { decodeValues } from "./decode-values.ts";
import { badRequest } from "./inference-error.ts";
import { isObject, type InferBody } from "./parse-body.ts";
import { checkSharedDims, checkShape, type SignatureSpec } from "./signature-spec.ts";
import type { Tensor } from "./tensor.ts";

const MAX_RANK = 16;

function readShape(value: unknown, name: string): readonly number[] {
  if (!Array.isArray(value) || value.length > MAX_RANK) {
    throw badRequest(`The shape of input ${name} should be a list of at most ${MAX_RANK} sizes.`);
  }
  for (const dim of value) {
    if (typeof dim !== "number" || !Number.isSafeInteger(dim) || dim < 0) {
      throw badRequest(`The shape of input ${name} should hold whole numbers of at least 0.`);
    }
  }
  return value;
}

function decodeInput(
  tensor: TensorSignature,
  given: Readonly<Record<string, unknown>>,
  { sizeBytes, binary }: InferBody,
): Tensor {
  const name = JSON.stringify(tensor.name);
  if (given["datatype"] !== tensor.datatype) {
    const found =
      typeof given["datatype"] === "string"
        ? JSON.stringify(given["datatype"].slice(0, 32))
        : "none";
    throw badRequest(
      `Input ${name} has datatype ${found}; the model expects ${JSON.stringify(tensor.datatype)}.`,
    );
  }
  const shape = readShape(given["shape"], name);
  const count = checkShape(tensor, shape, sizeBytes);
  const { parameters } = given;
  if (isObject(parameters) && parameters["binary_data_size"] !== undefined) {
    const data = takeBinary(tensor, parameters["binary_data_size"], count, binary);
    return { name: tensor.name, datatype: tensor.datatype, shape, data, nulls: null };
  }
  if (!Array.isArray(given["data"]))
    throw badRequest(`The data of input ${name} should be a list.`);
  const { data, nulls } = decodeValues(tensor.datatype, given["data"], shape, count, name);
  return { name: tensor.name, datatype: tensor.datatype, shape, data, nulls };
}

/**
 * The request's input tensors in the order of the signature. Every input must be there once, with the datatype, shape and
 * number of values that the model expects. Throws `InferenceError` 400.
 */
export function decodeInputs(spec: SignatureSpec, body: InferBody): Tensor[] {
  if (body.raw !== null) return decodeRawInput(spec, body.raw);
  if (body.binary !== null) body.binary.at = 0;
  const tensors = new Array<Tensor | undefined>(spec.inputs.length).fill(undefined);
  for (const given of body.inputs) {
    if (!isObject(given) || typeof given["name"] !== "string")
      throw badRequest("Each input should be an object with a name.");
    const index = spec.inputIndex.get(given["name"]);
    const tensor = index === undefined ? undefined : spec.inputs[index];
    if (index === undefined || tensor === undefined) {
      throw badRequest(`The model has no input ${JSON.stringify(given["name"].slice(0, 128))}.`);
    }
    if (tensors[index] !== undefined)
      throw badRequest(`Input ${JSON.stringify(tensor.name)} is given twice.`);
    tensors[index] = decodeInput(tensor, given, body);
  }
  const complete: Tensor[] = [];
  for (let index = 0; index < tensors.length; index += 1) {
    const tensor = tensors[index];
    if (tensor === undefined)
      throw badRequest(`Input ${JSON.stringify(spec.inputs[index]?.name)} is missing.`);
    complete.push(tensor);
  }
  if (body.binary !== null && body.binary.at !== body.binary.bytes.length) {
    throw badRequest("The body holds more binary data than its inputs announce.");
  }
  if (spec.sharedDims.length > 0) checkSharedDims(spec, complete);
  return complete;
}

/** Which outputs are asked for, as positions in the signature; null = all of them. Throws `InferenceError` 400. */
export function decodeRequestedOutputs(
  spec: SignatureSpec,
  outputs: readonly unknown[] | null,
): readonly number[] | null {
  if (outputs === null) return null;
  const indexes: number[] = [];
  for (const given of outputs) {
    if (!isObject(given) || typeof given["name"] !== "string")
      throw badRequest("Each output should be an object with a name.");
    const index = spec.outputIndex.get(given["name"]);
    if (index === undefined)
      throw badRequest(`The model has no output ${JSON.stringify(given["name"].slice(0, 128))}.`);
    if (indexes.includes(index))
      throw badRequest(`Output ${JSON.stringify(given["name"])} is asked for twice.`);
    indexes.push(index);
  }
  return indexes;
}

/** Whether an output is wanted as bytes: as it says itself, else as the request says for all. */
export function wantsBinary(body: InferBody, name: string): boolean {
  const asked = body.outputs?.find((output) => isObject(output) && output["name"] === name);
  const parameters = isObject(asked) ? asked["parameters"] : undefined;
  const own = isObject(parameters) ? parameters["binary_data"] : undefined;
  return typeof own === "boolean" ? own : body.isBinaryOutput;
}
