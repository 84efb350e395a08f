import type { OipDatatype } from "#lib/domain/artifact/types.ts";
import type { TensorData } from "#lib/domain/contract/types.ts";

/**
 * A tensor as the front process holds it, row-major. FP16 is held as the 16 bits of each value.
 * `nulls` marks values that came as JSON null where the data cannot say so (integers, booleans).
 */
export type Tensor = {
  readonly name: string;
  readonly datatype: OipDatatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
  readonly nulls: Uint8Array | null;
};

/** Every element container but strings. */
export type NumericData = Exclude<TensorData, string[]>;

const WIDTHS: Readonly<Record<OipDatatype, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: 0,
};

/** Bytes per value; 0 for BYTES, whose values have a length each. */
export function widthOf(datatype: OipDatatype): number {
  return WIDTHS[datatype];
}

/** A zero-filled container for `count` values; for BYTES an array of empty strings. */
export function allocateData(datatype: OipDatatype, count: number): TensorData {
  switch (datatype) {
    case "BOOL":
    case "UINT8":
      return new Uint8Array(count);
    case "UINT16":
    case "FP16":
      return new Uint16Array(count);
    case "UINT32":
      return new Uint32Array(count);
    case "UINT64":
      return new BigUint64Array(count);
    case "INT8":
      return new Int8Array(count);
    case "INT16":
      return new Int16Array(count);
    case "INT32":
      return new Int32Array(count);
    case "INT64":
      return new BigInt64Array(count);
    case "FP32":
      return new Float32Array(count);
    case "FP64":
      return new Float64Array(count);
    case "BYTES":
      return new Array<string>(count).fill("");
  }
}

/** `count` values of a numeric datatype seen in existing memory; `offset` must suit the type's width. */
export function viewData(
  datatype: OipDatatype,
  buffer: ArrayBufferLike,
  offset: number,
  count: number,
): NumericData {
  switch (datatype) {
    case "UINT16":
    case "FP16":
      return new Uint16Array(buffer, offset, count);
    case "UINT32":
      return new Uint32Array(buffer, offset, count);
    case "UINT64":
      return new BigUint64Array(buffer, offset, count);
    case "INT8":
      return new Int8Array(buffer, offset, count);
    case "INT16":
      return new Int16Array(buffer, offset, count);
    case "INT32":
      return new Int32Array(buffer, offset, count);
    case "INT64":
      return new BigInt64Array(buffer, offset, count);
    case "FP32":
      return new Float32Array(buffer, offset, count);
    case "FP64":
      return new Float64Array(buffer, offset, count);
    case "BOOL":
    case "UINT8":
    case "BYTES":
      return new Uint8Array(buffer, offset, count);
  }
}

const SLAB_BYTES = 64 * 1024;
const LARGEST_IN_SLAB = 4096;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabAt = 0;

/**
 * A container for values that will all be written. Small ones share a slab: memory of its own for each tensor of each request
 * (and its clearing and sweeping) would cost more than decoding it.
 */
export function allocateUncleared(datatype: OipDatatype, count: number): TensorData {
  const bytes = widthOf(datatype) * count;
  if (datatype === "BYTES" || bytes > LARGEST_IN_SLAB) return allocateData(datatype, count);
  if (slabAt + bytes > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabAt = 0;
  }
  const offset = slabAt;
  slabAt += (bytes + 7) & ~7;
  return viewData(datatype, slab, offset, count);
}

/** The bytes of numeric data, in the machine's order (little-endian on every platform that ONNX Runtime ships for). */
export function bytesOf(data: NumericData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Values in a shape; -1 when the product is not a safe integer or a dimension is negative. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const dim of shape) {
    if (!Number.isSafeInteger(dim) || dim < 0) return -1;
    count *= dim;
    if (count > Number.MAX_SAFE_INTEGER) return -1;
  }
  return count;
}
