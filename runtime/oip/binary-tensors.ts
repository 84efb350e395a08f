import { isUtf8 } from "node:buffer";
import type { TensorSignature } from "#lib/domain/artifact/types.ts";
import type { TensorData } from "#lib/domain/contract/types.ts";
import { badRequest } from "./inference-error.ts";
import type { SignatureSpec } from "./signature-spec.ts";
import {
  allocateData,
  bytesOf,
  viewData,
  widthOf,
  type NumericData,
  type Tensor,
} from "./tensor.ts";

/**
 * The binary tensor extension of the Open Inference Protocol: raw tensors, little-endian and row-major, follow the JSON of a request
 * or response in order of appearance; the header `Inference-Header-Content-Length` says where the JSON ends.
 */
export type BinarySection = { readonly bytes: Buffer; at: number };

/** A request whose header length is 0: the body is the one input's data, batch 1, and all outputs are wanted as bytes. */
export type RawBody = { readonly raw: Buffer };

function readTexts(bytes: Buffer, count: number, name: string): string[] {
  const texts: string[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (bytes.length - at < 4)
      throw badRequest(`The binary data of input ${name} ends within a string.`);
    const length = bytes.readUInt32LE(at);
    at += 4;
    if (length > bytes.length - at)
      throw badRequest(`The binary data of input ${name} ends within a string.`);
    texts.push(textOf(bytes.subarray(at, at + length), name));
    at += length;
  }
  if (at !== bytes.length)
    throw badRequest(`The binary data of input ${name} holds more than its ${count} strings.`);
  return texts;
}

/** Bytes as text. Throws `InferenceError` 400 when they are none. */
export function textOf(bytes: Buffer, name: string): string {
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw badRequest(`The data of input ${name} should hold Unicode text without U+0000 only.`);
  }
  return bytes.toString("utf8");
}

/** The values where they lie when the type may lie there, else copied: the JSON before them often ends at an odd place. */
function readNumbers(tensor: TensorSignature, bytes: Buffer, count: number): NumericData {
  const { datatype } = tensor;
  if (bytes.byteOffset % widthOf(datatype) === 0)
    return viewData(datatype, bytes.buffer, bytes.byteOffset, count);
  const data = allocateData(datatype, count);
  if (Array.isArray(data)) throw badRequest("Strings are not numbers.");
  bytesOf(data).set(bytes);
  return data;
}

/** The values of a tensor from its bytes. Throws `InferenceError` 400 when they are not `count` values of its datatype. */
export function decodeBytes(tensor: TensorSignature, bytes: Buffer, count: number): TensorData {
  const name = JSON.stringify(tensor.name);
  if (tensor.datatype === "BYTES") return readTexts(bytes, count, name);
  if (bytes.length !== count * widthOf(tensor.datatype)) {
    throw badRequest(
      `Input ${name} has ${bytes.length} bytes of binary data; its shape holds ${count} values of ${widthOf(tensor.datatype)}.`,
    );
  }
  const data = readNumbers(tensor, bytes, count);
  if (tensor.datatype === "BOOL" && data instanceof Uint8Array && data.some((value) => value > 1)) {
    throw badRequest(`The data of input ${name} should hold bytes 0 and 1 only.`);
  }
  return data;
}

/** Takes the next `size` bytes of the section as the tensor's data. Throws `InferenceError` 400. */
export function takeBinary(
  tensor: TensorSignature,
  size: unknown,
  count: number,
  section: BinarySection | null,
): TensorData {
  const name = JSON.stringify(tensor.name);
  if (section === null)
    throw badRequest(
      `Input ${name} announces binary data, but the header Inference-Header-Content-Length is missing.`,
    );
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw badRequest(`binary_data_size of input ${name} should be a whole number of bytes.`);
  }
  if (size > section.bytes.length - section.at)
    throw badRequest(`Input ${name} announces more binary data than the body holds.`);
  const bytes = section.bytes.subarray(section.at, section.at + size);
  section.at += size;
  return decodeBytes(tensor, bytes, count);
}

/** The shape of a raw request: free dimensions are 1, but for one after the batch, which the size decides. */
function rawShape(tensor: TensorSignature, valueCount: number): number[] {
  const shape = tensor.shape.map((size, axis) => (axis === 0 && size === -1 ? 1 : size));
  const free = shape.filter((size) => size === -1).length;
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  if (free > 1 || known === 0)
    throw badRequest("A raw request needs a model with at most one free size beside the batch.");
  return shape.map((size) => (size === -1 ? valueCount / known : size));
}

/** The input of a raw request. Throws `InferenceError` 400 when the model does not take one. */
export function decodeRawInput(spec: SignatureSpec, { raw }: RawBody): Tensor[] {
  const [tensor] = spec.inputs;
  if (tensor === undefined || spec.inputs.length !== 1)
    throw badRequest("A raw request needs a model with exactly one input.");
  const { name, datatype } = tensor;
  const isText = datatype === "BYTES";
  const valueCount = isText ? 1 : raw.length / widthOf(datatype);
  const shape = rawShape(tensor, valueCount);
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isInteger(valueCount) || count !== valueCount || count === 0) {
    throw badRequest(
      `The ${raw.length} bytes of the body are not one row of input ${JSON.stringify(name)}.`,
    );
  }
  const data = isText ? [textOf(raw, JSON.stringify(name))] : decodeBytes(tensor, raw, count);
  return [{ name, datatype, shape, data, nulls: null }];
}

/** A tensor's values as the extension carries them. */
export function encodeBinary({ data }: Tensor): Buffer {
  if (!Array.isArray(data)) {
    const bytes = bytesOf(data);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
