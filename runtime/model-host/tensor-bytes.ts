import { oipDatatypes, type OipDatatype } from "#lib/domain/artifact/types.ts";
import {
  allocateData,
  bytesOf,
  elementCount,
  viewData,
  widthOf,
  type NumericData,
  type Tensor,
} from "../oip/tensor.ts";
import { FrameError, padded } from "./frames.ts";

/** What of a tensor crosses to a model host and back; names travel as positions in the signature. */
export type WireTensor = Pick<Tensor, "datatype" | "shape" | "data">;

/** Reads forward through a payload and refuses to read past its end. */
export type ByteCursor = { readonly bytes: Buffer; at: number };

const MAX_RANK = 16;
const FIXED_BYTES = 8;

const codeOf = new Map<OipDatatype, number>(
  oipDatatypes.map((datatype, index) => [datatype, index + 1]),
);

/** Moves the cursor over `count` bytes and answers where they begin. Throws `FrameError` past the end. */
export function take(cursor: ByteCursor, count: number): number {
  const at = cursor.at;
  if (count > cursor.bytes.length - at) {
    throw new FrameError("A frame ends before its content does.");
  }
  cursor.at = at + count;
  return at;
}

export function takeUInt32(cursor: ByteCursor): number {
  return cursor.bytes.readUInt32LE(take(cursor, 4));
}

function dataBytes(tensor: WireTensor): number {
  if (!Array.isArray(tensor.data)) return tensor.data.byteLength;
  let total = 0;
  for (const text of tensor.data) total += 4 + Buffer.byteLength(text);
  return total;
}

/** Bytes that `writeTensor` will write: a multiple of 8. */
export function tensorBytes(tensor: WireTensor): number {
  return FIXED_BYTES + padded(4 * tensor.shape.length) + padded(dataBytes(tensor));
}

function writeStrings(target: Buffer, at: number, texts: readonly string[]): number {
  let next = at;
  for (const text of texts) {
    const length = target.write(text, next + 4);
    target.writeUInt32LE(length, next);
    next += 4 + length;
  }
  return next;
}

/**
 * Writes `u8 datatype | u8 rank | u16 0 | u32 bytes | u32 dims[] | data`, dims and data padded to 8 bytes, at `at`;
 * answers the position after it. Data so begins at a multiple of 8 of the frame and can be viewed where it lies.
 */
export function writeTensor(target: Buffer, at: number, tensor: WireTensor): number {
  target[at] = codeOf.get(tensor.datatype) ?? 0;
  target[at + 1] = tensor.shape.length;
  target.writeUInt16LE(0, at + 2);
  let next = at + FIXED_BYTES;
  for (const dim of tensor.shape) next = target.writeUInt32LE(dim, next);
  const start = at + FIXED_BYTES + padded(4 * tensor.shape.length);
  let end = start;
  if (Array.isArray(tensor.data)) end = writeStrings(target, start, tensor.data);
  else {
    target.set(bytesOf(tensor.data), start);
    end = start + tensor.data.byteLength;
  }
  target.writeUInt32LE(end - start, at + 4);
  return start + padded(end - start);
}

function readStrings(cursor: ByteCursor, count: number, end: number): string[] {
  const texts: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = takeUInt32(cursor);
    const at = take(cursor, length);
    if (cursor.at > end) throw new FrameError("A string runs past its tensor.");
    texts.push(cursor.bytes.toString("utf8", at, at + length));
  }
  if (cursor.at !== end) throw new FrameError("A tensor is longer than its strings.");
  return texts;
}

/** The data where it lies, if it lies where its type can; else a copy. */
function readNumbers(bytes: Buffer, at: number, datatype: OipDatatype, count: number): NumericData {
  const offset = bytes.byteOffset + at;
  if (offset % Math.max(1, widthOf(datatype)) === 0)
    return viewData(datatype, bytes.buffer, offset, count);
  const data = allocateData(datatype, count);
  if (Array.isArray(data)) throw new FrameError("Strings are not numbers.");
  bytesOf(data).set(bytes.subarray(at, at + data.byteLength));
  return data;
}

/** Reads one tensor; its data keeps the payload's memory. Every size is checked against the bytes that are there. */
export function readTensor(cursor: ByteCursor): WireTensor {
  const { bytes } = cursor;
  const head = take(cursor, FIXED_BYTES);
  const datatype = oipDatatypes[(bytes[head] ?? 0) - 1];
  const rank = bytes[head + 1] ?? 0;
  if (datatype === undefined || rank > MAX_RANK) {
    throw new FrameError("A tensor has no datatype or too many dimensions.");
  }
  const byteLength = bytes.readUInt32LE(head + 4);
  const dims = take(cursor, padded(4 * rank));
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis += 1) shape.push(bytes.readUInt32LE(dims + 4 * axis));
  const count = elementCount(shape);
  const start = take(cursor, padded(byteLength));
  if (datatype === "BYTES") {
    if (count < 0 || count * 4 > byteLength) {
      throw new FrameError("A tensor has fewer strings than its shape says.");
    }
    const data = readStrings({ bytes, at: start }, count, start + byteLength);
    return { datatype, shape, data };
  }
  if (count < 0 || count * widthOf(datatype) !== byteLength) {
    throw new FrameError("A tensor's shape and length disagree.");
  }
  return { datatype, shape, data: readNumbers(bytes, start, datatype, count) };
}
