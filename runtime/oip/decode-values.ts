import type { OipDatatype } from "#lib/domain/artifact/types.ts";
import { numberToHalf } from "#lib/domain/contract/half-float.ts";
import { badRequest } from "./inference-error.ts";
import { allocateUncleared, type Tensor } from "./tensor.ts";

type Decoded = Pick<Tensor, "data" | "nulls">;

/** Writes the values of one list at `offset`. `nulls` is asked for only when a null is met. */
type Fill = (values: readonly unknown[], offset: number) => void;
type MarkNull = (at: number) => void;

const refuse = (name: string, expected: string): never => {
  throw badRequest(`The data of input ${name} should hold ${expected} only.`);
};

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  UINT8: [0, 0xff],
  UINT16: [0, 0xffff],
  UINT32: [0, 0xffff_ffff],
  INT8: [-0x80, 0x7f],
  INT16: [-0x8000, 0x7fff],
  INT32: [-0x8000_0000, 0x7fff_ffff],
};

const WIDE_RANGES = {
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
} as const;

type SmallIntegers = Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array;

/** JSON null becomes NaN; a number too large for the type is refused, not turned into infinity. */
function fillFloats(data: Float32Array | Float64Array, name: string): Fill {
  return (values, offset) => {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (typeof value === "number") {
        data[offset + index] = value;
        const stored = data[offset + index] ?? 0;
        if (stored - stored !== 0)
          throw badRequest(
            `The data of input ${name} holds a number beyond the range of its type.`,
          );
      } else if (value === null) data[offset + index] = Number.NaN;
      else if (typeof value === "bigint") data[offset + index] = Number(value);
      else refuse(name, "numbers");
    }
  };
}

function fillHalfFloats(data: Uint16Array, name: string): Fill {
  return (values, offset) => {
    for (let index = 0; index < values.length; index += 1) {
      const given = values[index];
      const value = typeof given === "bigint" ? Number(given) : given;
      if (typeof value === "number") {
        const bits = numberToHalf(value);
        if ((bits & 0x7c00) === 0x7c00)
          throw badRequest(`The data of input ${name} holds a number beyond the range of FP16.`);
        data[offset + index] = bits;
      } else if (value === null) data[offset + index] = 0x7e00;
      else refuse(name, "numbers");
    }
  };
}

function fillIntegers(
  data: SmallIntegers,
  datatype: OipDatatype,
  name: string,
  markNull: MarkNull,
): Fill {
  const [least, most] = RANGES[datatype] ?? [0, 0];
  return (values, offset) => {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
        data[offset + index] = value;
      else if (value === null) {
        data[offset + index] = 0;
        markNull(offset + index);
      } else refuse(name, `whole numbers from ${least} to ${most}`);
    }
  };
}

function fillWideIntegers(
  data: BigInt64Array | BigUint64Array,
  datatype: "INT64" | "UINT64",
  name: string,
  markNull: MarkNull,
): Fill {
  const [least, most] = WIDE_RANGES[datatype];
  return (values, offset) => {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (value === null) {
        data[offset + index] = 0n;
        markNull(offset + index);
        continue;
      }
      const wide =
        typeof value === "bigint"
          ? value
          : typeof value === "number" && Number.isSafeInteger(value)
            ? BigInt(value)
            : null;
      if (wide === null || wide < least || wide > most)
        refuse(name, `whole numbers from ${least} to ${most}`);
      else data[offset + index] = wide;
    }
  };
}

function fillBooleans(data: Uint8Array, name: string, markNull: MarkNull): Fill {
  return (values, offset) => {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      data[offset + index] = value === true || value === 1 ? 1 : 0;
      if (value === null) markNull(offset + index);
      else if (value !== true && value !== false && value !== 0 && value !== 1) {
        refuse(name, "true or false");
      }
    }
  };
}

/** JSON null becomes the empty string. U+0000 and lone surrogates are refused: they would not reach the model unchanged. */
function fillStrings(data: string[], name: string): Fill {
  return (values, offset) => {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index];
      if (value === null) data[offset + index] = "";
      else if (typeof value !== "string") refuse(name, "strings");
      else if (value.includes("\0") || !value.isWellFormed())
        refuse(name, "Unicode text without U+0000");
      else data[offset + index] = value;
    }
  };
}

function fillerFor(
  datatype: OipDatatype,
  data: Tensor["data"],
  name: string,
  markNull: MarkNull,
): Fill {
  if (Array.isArray(data)) return fillStrings(data, name);
  if (data instanceof Float32Array || data instanceof Float64Array) return fillFloats(data, name);
  if (data instanceof BigInt64Array) return fillWideIntegers(data, "INT64", name, markNull);
  if (data instanceof BigUint64Array) return fillWideIntegers(data, "UINT64", name, markNull);
  if (datatype === "BOOL" && data instanceof Uint8Array) return fillBooleans(data, name, markNull);
  if (datatype === "FP16" && data instanceof Uint16Array) return fillHalfFloats(data, name);
  return fillIntegers(data, datatype, name, markNull);
}

function fillNested(
  fill: Fill,
  values: unknown,
  shape: readonly number[],
  axis: number,
  offset: number,
  name: string,
): number {
  const size = shape[axis] ?? 0;
  if (!Array.isArray(values) || values.length !== size) {
    throw badRequest(
      `The data of input ${name} is nested, but not as its shape [${shape.join(", ")}] says.`,
    );
  }
  if (axis === shape.length - 1) {
    fill(values, offset);
    return offset + size;
  }
  let at = offset;
  for (const part of values) at = fillNested(fill, part, shape, axis + 1, at, name);
  return at;
}

/**
 * Turns JSON data, flat in row-major order or nested as the shape says, into `count` values of the datatype.
 * `name` is the input's name as it should stand in a message. Throws `InferenceError` 400.
 */
export function decodeValues(
  datatype: OipDatatype,
  values: readonly unknown[],
  shape: readonly number[],
  count: number,
  name: string,
): Decoded {
  const isNested = Array.isArray(values[0]);
  if (!isNested && values.length !== count) {
    throw badRequest(
      `Input ${name} has ${values.length} values; its shape [${shape.join(", ")}] holds ${count}.`,
    );
  }
  const data = allocateUncleared(datatype, count);
  let nulls: Uint8Array | null = null;
  const fill = fillerFor(datatype, data, name, (at) => {
    nulls ??= new Uint8Array(count);
    nulls[at] = 1;
  });
  if (isNested) fillNested(fill, values, shape, 0, 0, name);
  else fill(values, 0);
  return { data, nulls };
}
