import type { OipDatatype } from "#lib/domain/artifact/types.ts";
import { halfToNumber } from "#lib/domain/contract/half-float.ts";
import { decodeValues } from "../oip/decode-values.ts";
import { elementCount } from "../oip/tensor.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";

const MAX_RANK = 8;

function valueAt({ datatype, data }: WireTensor, index: number): unknown {
  const value = data[index];
  if (typeof value === "bigint") return Number(value);
  if (datatype === "BOOL") return value === 1;
  if (datatype === "FP16" && typeof value === "number") return halfToNumber(value);
  return value;
}

/** A tensor as JSON lists, nested as its shape says. Integers beyond 2^53 lose digits: JSON numbers have no more. */
export function toNested(tensor: WireTensor): unknown {
  const { shape } = tensor;
  let at = 0;
  const build = (axis: number): unknown => {
    if (axis === shape.length) {
      const value = valueAt(tensor, at);
      at += 1;
      return value;
    }
    return Array.from({ length: shape[axis] ?? 0 }, () => build(axis + 1));
  };
  return build(0);
}

function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner) && shape.length < MAX_RANK; inner = inner[0] as unknown) shape.push(inner.length);
  return shape;
}

/** JSON lists as a tensor of this datatype. Throws when they are ragged or hold something else. */
export function fromNested(datatype: OipDatatype, value: unknown, maxValues: number): WireTensor {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  const shape = shapeOf(list);
  const count = elementCount(shape);
  if (count < 0 || count > maxValues) throw new Error("An output has more values than can be read.");
  const { data } = decodeValues(datatype, list, shape, count, "of the answer");
  return { datatype, shape, data };
}
