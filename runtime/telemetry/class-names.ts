import type { Tensor } from "../oip/tensor.ts";
import { halfToNumber } from "#lib/domain/contract/half-float.ts";

/** Stands for "the answer named no class". */
export const NO_CLASS = 0xffff;
/** Stands for a class beyond those that are remembered by name. */
export const UNNAMED_CLASS = 0xfffe;
const MAX_NAMES = 4096;
const MAX_NAME_LENGTH = 128;

/** The classes that a version has answered, numbered in order of appearance. */
export type ClassNames = {
  /** Number of the class that this output names for the request's only row; `NO_CLASS` for several rows or no class. */
  classOf(output: Output): number;
  nameOf(index: number): string | null;
};

/** Position of the largest value; -1 when one is not a number. */
function largest(values: Float32Array | Float64Array | Uint16Array, isHalf: boolean): number {
  let best = -1;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) {
    const raw = values[index] ?? Number.NaN;
    const value = isHalf ? halfToNumber(raw) : raw;
    if (Number.isNaN(value)) return -1;
    if (best === -1 || value > bestValue) {
      best = index;
      bestValue = value;
    }
  }
  return best;
}

type Output = Pick<Tensor, "datatype" | "shape" | "data">;
type ClassKey = number | bigint | string | boolean;

/** One score per class: the class is the place of the largest. A single number names a class only when it is whole. */
function classOfScores(
  scores: Float32Array | Float64Array | Uint16Array,
  isHalf: boolean,
  shape: readonly number[],
): number | null {
  if (shape.length > 1 && scores.length > 1) {
    const place = largest(scores, isHalf);
    return place < 0 ? null : place;
  }
  if (scores.length !== 1) return null;
  const raw = scores[0] ?? Number.NaN;
  const only = isHalf ? halfToNumber(raw) : raw;
  return Number.isInteger(only) ? only : null;
}

/** What the output calls the class of a single row, to be looked up; null when it names none. */
function classKey({ datatype, shape, data }: Output): ClassKey | null {
  if (shape.length > 1 && (shape[0] ?? 0) > 1) return null;
  if (data instanceof Float32Array || data instanceof Float64Array)
    return classOfScores(data, false, shape);
  if (datatype === "FP16" && data instanceof Uint16Array) return classOfScores(data, true, shape);
  const only = data[0];
  if (data.length !== 1 || only === undefined) return null;
  return datatype === "BOOL" ? only !== 0 : only;
}

export function createClassNames(): ClassNames {
  const names: string[] = [];
  const numbers = new Map<number | bigint | string | boolean, number>();
  return {
    classOf(output) {
      const key = classKey(output);
      if (key === null) return NO_CLASS;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      if (names.length >= MAX_NAMES) return UNNAMED_CLASS;
      numbers.set(key, names.length);
      names.push(String(key).slice(0, MAX_NAME_LENGTH));
      return names.length - 1;
    },
    nameOf: (index) => names[index] ?? null,
  };
}

/** A label as people send it, in the words of `ClassNames`: 1, "1" and 1.0 are one class. */
export function labelText(label: string | number | boolean): string {
  return String(label).slice(0, MAX_NAME_LENGTH);
}
