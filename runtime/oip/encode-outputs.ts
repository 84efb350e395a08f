import { halfToNumber } from "#lib/domain/contract/half-float.ts";
import type { Tensor } from "./tensor.ts";

/** How many values of a tensor are NaN or infinite. */
export function countNonFinite(tensor: Tensor): number {
  const { data, datatype } = tensor;
  let count = 0;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    for (let index = 0; index < data.length; index += 1) {
      const value = data[index] ?? 0;
      if (value - value !== 0) count += 1;
    }
  } else if (datatype === "FP16" && data instanceof Uint16Array) {
    for (let index = 0; index < data.length; index += 1)
      if (((data[index] ?? 0) & 0x7c00) === 0x7c00) count += 1;
  }
  return count;
}

const jsonNumber = (value: number) => (Number.isFinite(value) ? String(value) : "null");

/** Beyond this many values the engine's own join is quicker than adding up text. */
const SHORT = 256;

function floatsText(data: Float32Array | Float64Array): string {
  if (data.length > SHORT) {
    const isFinite = data.every((value) => value - value === 0);
    return isFinite ? data.join(",") : Array.from(data, jsonNumber).join(",");
  }
  let text = "";
  for (let index = 0; index < data.length; index += 1) {
    const value = data[index] ?? 0;
    if (index > 0) text += ",";
    text += value - value === 0 ? value : "null";
  }
  return text;
}

/** The values as the inside of a JSON list, flat. JSON has no NaN and no infinity: both become null. */
function valuesText({ data, datatype }: Tensor): string {
  if (data instanceof Float32Array || data instanceof Float64Array) return floatsText(data);
  if (Array.isArray(data)) {
    return data.length === 1
      ? JSON.stringify(data[0])
      : data.map((text) => JSON.stringify(text)).join(",");
  }
  if (datatype === "BOOL") {
    return Array.from(bytes(data), (value) => (value === 0 ? "false" : "true")).join(",");
  }
  if (datatype === "FP16") {
    return Array.from(bits16(data), (value) => jsonNumber(halfToNumber(value))).join(",");
  }
  return data.length === 1 ? String(data[0]) : data.join(",");
}

function shapeJson(shape: readonly number[]): string {
  let text = "";
  for (let axis = 0; axis < shape.length; axis += 1)
    text += axis > 0 ? `,${shape[axis]}` : String(shape[axis]);
  return text;
}

const bytes = (data: Tensor["data"]): Uint8Array =>
  data instanceof Uint8Array ? data : new Uint8Array(0);
const bits16 = (data: Tensor["data"]): Uint16Array =>
  data instanceof Uint16Array ? data : new Uint16Array(0);

/** `"name":...,"datatype":...` of one output, made once per version; the shape and the data follow per request. */
export function outputPrefix(name: string, datatype: string): string {
  return `{"name":${JSON.stringify(name)},"datatype":${JSON.stringify(datatype)},"shape":[`;
}

/** One output tensor as JSON text. Integers of 64 bits keep all their digits. */
export function encodeOutput(prefix: string, tensor: Tensor): string {
  return `${prefix}${shapeJson(tensor.shape)}],"data":[${valuesText(tensor)}]}`;
}
