import type { OipDatatype, TensorSignature } from "#lib/domain/artifact/types.ts";
import { decodeBytes, textOf } from "../oip/binary-tensors.ts";
import { badRequest } from "../oip/inference-error.ts";
import { checkKey, checkTimeout } from "../oip/parse-body.ts";
import { checkSharedDims, checkShape, type SignatureSpec } from "../oip/signature-spec.ts";
import { allocateData, widthOf, type NumericData, type Tensor } from "../oip/tensor.ts";
import {
  wideNumber,
  type Contents,
  type InferInput,
  type InferRequestMessage,
  type Parameter,
  type Parameters,
  type Wide,
} from "./messages.ts";

const MAX_RANK = 16;
const PARAMETER_FIELDS = [
  "bool_param",
  "int64_param",
  "string_param",
  "double_param",
  "uint64_param",
] as const satisfies readonly (keyof Parameter)[];

/** Field of the typed contents that carries a datatype; FP16 has none and comes raw. */
export const CONTENT_FIELDS = {
  BOOL: "bool_contents",
  UINT8: "uint_contents",
  UINT16: "uint_contents",
  UINT32: "uint_contents",
  UINT64: "uint64_contents",
  INT8: "int_contents",
  INT16: "int_contents",
  INT32: "int_contents",
  INT64: "int64_contents",
  FP16: null,
  FP32: "fp32_contents",
  FP64: "fp64_contents",
  BYTES: "bytes_contents",
} as const satisfies Record<OipDatatype, keyof Contents | null>;

function valueOf(parameters: Parameters, name: string): unknown {
  const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (parameter === undefined) return undefined;
  // The others are there as well, with their defaults.
  const field = PARAMETER_FIELDS.find((one) => Object.hasOwn(parameter, one));
  const value = field === undefined ? undefined : parameter[field];
  return typeof value === "object" ? wideNumber(value) : value;
}

/** Sticky key and deadline among the request's parameters. Throws `InferenceError` 400. */
export function readParameters(parameters: Parameters): {
  readonly key: string | null;
  readonly timeoutUs: number | null;
} {
  return {
    key: checkKey(valueOf(parameters, "slipway_key")),
    timeoutUs: checkTimeout(valueOf(parameters, "timeout")),
  };
}

function wideValues(values: readonly Wide[], data: BigInt64Array | BigUint64Array): void {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length * 2);
  values.forEach(({ low, high }, index) => {
    words[2 * index] = low;
    words[2 * index + 1] = high;
  });
}

function fill(data: NumericData, contents: Contents, tensor: TensorSignature): void {
  if (data instanceof BigInt64Array) return wideValues(contents.int64_contents, data);
  if (data instanceof BigUint64Array) return wideValues(contents.uint64_contents, data);
  const field = CONTENT_FIELDS[tensor.datatype];
  const values = field === null ? [] : contents[field];
  for (let index = 0; index < values.length; index += 1) {
    const value = Number(values[index]);
    data[index] = value;
    // Narrow integers travel in wide fields: what does not fit must not wrap around.
    if (data[index] !== value && !(data instanceof Float32Array) && !Number.isNaN(value)) {
      throw badRequest(
        `Input ${JSON.stringify(tensor.name)} holds ${value}, which ${tensor.datatype} cannot.`,
      );
    }
  }
}

/** Values of the typed contents. Throws `InferenceError` 400 when they are not `count` values of the tensor's datatype. */
export function typedData(tensor: TensorSignature, contents: Contents, count: number): Tensor["data"] {
  const name = JSON.stringify(tensor.name);
  const field = CONTENT_FIELDS[tensor.datatype];
  if (field === null) {
    throw badRequest(`Input ${name} is FP16, which the protocol carries as raw contents only.`);
  }
  const found = contents[field].length;
  if (found !== count) {
    throw badRequest(`Input ${name} has ${found} values in ${field}; its shape holds ${count}.`);
  }
  const data = allocateData(tensor.datatype, count);
  if (Array.isArray(data)) return contents.bytes_contents.map((bytes) => textOf(bytes, name));
  fill(data, contents, tensor);
  return data;
}

function shapeOf(input: InferInput, name: string): number[] {
  if (input.shape.length > MAX_RANK)
    throw badRequest(`The shape of input ${name} should be a list of at most ${MAX_RANK} sizes.`);
  const shape = input.shape.map(wideNumber);
  if (!shape.every((size) => size >= 0))
    throw badRequest(`The shape of input ${name} should hold whole numbers of at least 0.`);
  return shape;
}

function decodeInput(tensor: TensorSignature, input: InferInput, raw: Buffer | null): Tensor {
  const { name, datatype } = tensor;
  const quoted = JSON.stringify(name);
  if (input.datatype !== datatype) {
    throw badRequest(
      `Input ${quoted} has datatype ${JSON.stringify(input.datatype.slice(0, 32))}; the model expects ${JSON.stringify(datatype)}.`,
    );
  }
  const shape = shapeOf(input, quoted);
  const { contents } = input;
  if (raw !== null) {
    const most = raw.length / Math.max(1, widthOf(datatype) || 4);
    const count = checkShape(tensor, shape, Math.max(1, most));
    return { name, datatype, shape, data: decodeBytes(tensor, raw, count), nulls: null };
  }
  if (contents === undefined || contents === null)
    throw badRequest(`Input ${quoted} has no contents.`);
  const count = checkShape(tensor, shape, Number.MAX_SAFE_INTEGER);
  return { name, datatype, shape, data: typedData(tensor, contents, count), nulls: null };
}

/**
 * The request's tensors in the order of the signature, each there once and as the model expects it. Raw contents belong to the inputs
 * by position and stand for all of them or none. Throws `InferenceError` 400.
 */
export function decodeGrpcInputs(spec: SignatureSpec, request: InferRequestMessage): Tensor[] {
  const { inputs, raw_input_contents: raw } = request;
  if (raw.length > 0 && raw.length !== inputs.length)
    throw badRequest(`The request has ${inputs.length} inputs and ${raw.length} raw contents.`);
  const tensors = new Map<string, Tensor>();
  inputs.forEach((input, position) => {
    const index = spec.inputIndex.get(input.name);
    const tensor = index === undefined ? undefined : spec.inputs[index];
    if (tensor === undefined)
      throw badRequest(`The model has no input ${JSON.stringify(input.name.slice(0, 128))}.`);
    if (tensors.has(tensor.name))
      throw badRequest(`Input ${JSON.stringify(tensor.name)} is given twice.`);
    const bytes = raw[position] ?? null;
    if (bytes !== null && hasContents(input.contents))
      throw badRequest(`Input ${JSON.stringify(tensor.name)} has both contents and raw contents.`);
    tensors.set(tensor.name, decodeInput(tensor, input, bytes));
  });
  const complete = spec.inputs.map(({ name }) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw badRequest(`Input ${JSON.stringify(name)} is missing.`);
    return tensor;
  });
  if (spec.sharedDims.length > 0) checkSharedDims(spec, complete);
  return complete;
}

function hasContents(contents: Contents | null | undefined): boolean {
  if (contents === null || contents === undefined) return false;
  return Object.values(CONTENT_FIELDS).some((field) => field !== null && contents[field].length > 0);
}
