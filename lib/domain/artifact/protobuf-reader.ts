import type { ArtifactRefusal } from "./types.ts";

/**
 * A walk over protobuf wire format that never holds more than one window of the file.
 *
 * Parsers are generators that do no I/O: they yield the range they need and get its bytes back, so the same code serves a
 * byte array in a test and a 2 GiB file read in slices, and a long walk gives way to other work at every slice.
 * Length-delimited fields are skipped by offset. Anything malformed throws `RefusedArtifact`, which `run-reading.ts` turns into a value.
 *
 * Wire format: https://protobuf.dev/programming-guides/encoding/
 */

export type ReadRequest = { readonly offset: number; readonly length: number };
export type Reading<T> = Generator<ReadRequest, T, Uint8Array>;

export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
export type WireType = (typeof wireType)[keyof typeof wireType];

export type WalkLimits = {
  /** Fields read one by one; a skipped field counts as one. */
  readonly maxFields: number;
  /** Messages inside messages; 100 is where protobuf's own parsers stop. */
  readonly maxDepth: number;
  /** Longest text that is read into memory, bytes. */
  readonly maxTextBytes: number;
  /** Texts read into memory, bytes together. */
  readonly maxTextBytesTotal: number;
  /** Fields that no schema names. */
  readonly maxUnknownFields: number;
  readonly windowBytes: number;
};

export const defaultWalkLimits: WalkLimits = {
  maxFields: 250_000_000,
  maxDepth: 100,
  maxTextBytes: 4096,
  maxTextBytesTotal: 64 * 1024 * 1024,
  maxUnknownFields: 1000,
  windowBytes: 256 * 1024,
};

export class RefusedArtifact extends Error {
  override readonly name = "RefusedArtifact";
  readonly refusal: ArtifactRefusal;

  constructor(refusal: ArtifactRefusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/**
 * Where the walk stands. After `readField`: `field`, `wire` and `fieldStart` name the field; `value` holds a varint as an unsigned number
 * (exact up to 2^53, above it still larger than any safe integer) with its halves in `low` and `high`; `payloadEnd` ends a length-delimited field,
 * whose payload starts at `at`. The caller moves `at` to `payloadEnd`, reading or skipping.
 */
export type Walk = {
  readonly size: number;
  readonly limits: WalkLimits;
  at: number;
  field: number;
  wire: number;
  fieldStart: number;
  value: number;
  low: number;
  high: number;
  payloadEnd: number;
  window: Uint8Array;
  windowStart: number;
  /** A key and a value that start here or before lie wholly inside the window. */
  safeEnd: number;
  fieldsLeft: number;
  unknownFields: number;
  textBytesLeft: number;
  readonly path: string[];
};

/** Longest key (10 bytes) and value (10 bytes). */
const FIELD_HEAD_BYTES = 20;

export function startWalk(size: number, limits: WalkLimits = defaultWalkLimits): Walk {
  return {
    size,
    limits,
    at: 0,
    field: 0,
    wire: 0,
    fieldStart: 0,
    value: 0,
    low: 0,
    high: 0,
    payloadEnd: 0,
    window: new Uint8Array(0),
    windowStart: 0,
    safeEnd: -1,
    fieldsLeft: limits.maxFields,
    unknownFields: 0,
    textBytesLeft: limits.maxTextBytesTotal,
    path: [],
  };
}

function place(walk: Walk): string {
  return walk.path.length === 0
    ? "at the top of the file"
    : `in ${walk.path.slice(-6).join(" > ")}`;
}

/** Ends the walk: the bytes do not form what the format promises. */
export function malformed(walk: Walk, what: string, byteOffset = walk.fieldStart): RefusedArtifact {
  return new RefusedArtifact({
    code: "artifact_malformed",
    message: `Byte ${byteOffset}, ${place(walk)}: ${what}.`,
    hint: "The file is damaged or is not what its name says. Export the model again, or compare its sha256 with the original.",
    byteOffset,
  });
}

function truncated(walk: Walk, byteOffset: number, what: string): RefusedArtifact {
  return new RefusedArtifact({
    code: "artifact_truncated",
    message: `Byte ${byteOffset}, ${place(walk)}: ${what}, but the file ends at byte ${walk.size}.`,
    hint: "The end of the file is missing. Copy or export the model again and compare sizes.",
    byteOffset,
  });
}

/** Ends the walk: the file is larger or deeper than Slipway agrees to read. */
export function overLimit(walk: Walk, what: string, byteOffset = walk.fieldStart): RefusedArtifact {
  return new RefusedArtifact({
    code: "artifact_limit_exceeded",
    message: `Byte ${byteOffset}, ${place(walk)}: ${what}.`,
    hint: "No exporter known to us writes such a file. If this one is honest, split or simplify the model.",
    byteOffset,
  });
}

/** Makes at least `need` bytes from `at` on available, fewer only where the file ends. */
export function* fillWindow(walk: Walk, need = FIELD_HEAD_BYTES): Reading<void> {
  const left = walk.size - walk.at;
  const want = Math.min(need, left);
  if (walk.at + want <= walk.windowStart + walk.window.length && walk.at >= walk.windowStart)
    return;
  const length = Math.min(left, Math.max(want, walk.limits.windowBytes));
  const bytes = yield { offset: walk.at, length };
  if (bytes.length !== length) {
    throw new RefusedArtifact({
      code: "artifact_unreadable",
      message: `Bytes ${walk.at} to ${walk.at + length} could not be read: ${bytes.length} of ${length} came.`,
      hint: "The stored file changed while it was read. Upload it again.",
      byteOffset: walk.at,
    });
  }
  walk.window = bytes;
  walk.windowStart = walk.at;
  const windowEnd = walk.at + length;
  walk.safeEnd = windowEnd === walk.size ? walk.size : windowEnd - FIELD_HEAD_BYTES;
}

function readVarint(walk: Walk, end: number): number {
  const { window, windowStart } = walk;
  const start = walk.at;
  let index = start - windowStart;
  let byte = window[index];
  if (byte !== undefined && byte < 0x80 && start < end) {
    walk.at = start + 1;
    walk.low = byte;
    walk.high = 0;
    return byte;
  }
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    byte = window[index];
    if (byte === undefined) throw truncated(walk, start, "a number is cut off");
    index += 1;
    if (windowStart + index > end)
      throw malformed(walk, "a number runs past the end of its message", start);
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >>> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) {
      if (shift === 63 && byte > 1) break;
      walk.at = windowStart + index;
      walk.low = low >>> 0;
      walk.high = high >>> 0;
      return walk.high * 4_294_967_296 + walk.low;
    }
  }
  throw malformed(walk, "a number is longer than 64 bits", start);
}

function skipFixed(walk: Walk, end: number, bytes: number): void {
  if (walk.at + bytes > end) throw endOf(walk, end, "a fixed-size number");
  walk.at += bytes;
}

function endOf(walk: Walk, end: number, what: string): RefusedArtifact {
  return end >= walk.size
    ? truncated(walk, walk.fieldStart, `${what} is cut off`)
    : malformed(walk, `${what} runs past the end of its message`);
}

/** True when the window must be filled before the next `readField`. */
export function needsBytes(walk: Walk): boolean {
  return walk.at > walk.safeEnd;
}

/**
 * Reads one key and its value or length. A message is read as
 * `while (walk.at < end) { if (needsBytes(walk)) yield* fillWindow(walk); readField(walk, end); switch (walk.field) ... }`.
 */
export function readField(walk: Walk, end: number): void {
  walk.fieldStart = walk.at;
  if (walk.fieldsLeft-- <= 0) {
    throw overLimit(walk, `more than ${walk.limits.maxFields} fields in one file`);
  }
  const key = readVarint(walk, end);
  walk.field = Math.floor(key / 8);
  walk.wire = walk.low & 7;
  if (walk.field < 1 || walk.field > 536_870_911) {
    throw malformed(walk, `${walk.field} is not a protobuf field number`);
  }
  switch (walk.wire) {
    case wireType.varint:
      walk.value = readVarint(walk, end);
      break;
    case wireType.fixed64:
      skipFixed(walk, end, 8);
      break;
    case wireType.fixed32:
      skipFixed(walk, end, 4);
      break;
    case wireType.bytes: {
      const length = readVarint(walk, end);
      walk.payloadEnd = walk.at + length;
      if (walk.payloadEnd > end) throw endOf(walk, end, `field ${walk.field} of ${length} bytes`);
      break;
    }
    default:
      throw malformed(walk, `${walk.wire} is not a wire type in use (field ${walk.field})`);
  }
}

/** Refuses a field whose wire type is not the one its schema fixes: another parser might read it differently. */
export function expectWire(walk: Walk, wire: WireType, name: string): void {
  if (walk.wire !== wire) {
    throw malformed(walk, `field ${walk.field} (${name}) has wire type ${walk.wire}, not ${wire}`);
  }
}

/**
 * Refuses a message field that may come only once and came again: parsers merge such pairs, each in its own way, and a file must mean one thing.
 * `seen` is a bit mask of field numbers below 32; the answer replaces it.
 */
export function refuseRepeated(walk: Walk, seen: number, name: string): number {
  const bit = 1 << walk.field;
  if ((seen & bit) !== 0) throw malformed(walk, `${name} appears twice in one message`);
  return seen | bit;
}

/** One element of a packed varint field that ends at `end`; the window must hold it (`fillWindow`). */
export function readPackedVarint(walk: Walk, end: number): number {
  walk.fieldStart = walk.at;
  if (walk.fieldsLeft-- <= 0) {
    throw overLimit(walk, `more than ${walk.limits.maxFields} fields in one file`);
  }
  return readVarint(walk, end);
}

export function skipField(walk: Walk): void {
  if (walk.wire === wireType.bytes) walk.at = walk.payloadEnd;
}

/** Skips a field that the schema does not name, up to a limit. */
export function skipUnknownField(walk: Walk): void {
  walk.unknownFields += 1;
  if (walk.unknownFields > walk.limits.maxUnknownFields) {
    throw overLimit(
      walk,
      `more than ${walk.limits.maxUnknownFields} fields that the format does not define`,
    );
  }
  skipField(walk);
}

/** Goes into the message that `readField` has just announced; answers where it ends. Pair with `leave`. */
export function enter(walk: Walk, name: string): number {
  expectWire(walk, wireType.bytes, name);
  if (walk.path.length >= walk.limits.maxDepth) {
    throw overLimit(walk, `messages are nested more than ${walk.limits.maxDepth} deep`);
  }
  walk.path.push(name);
  return walk.payloadEnd;
}

export function leave(walk: Walk, end: number): void {
  walk.at = end;
  walk.path.pop();
}
