import type { CheckedTensor, ContractField } from "./types.ts";

/** An interval that a number may lie in; its ends belong to it. */
type Interval = { readonly least: number; readonly greatest: number };

/**
 * The float columns of one input that have an interval and no list of values, side by side, so that the usual request, in which all of them are in
 * order, is passed by one loop. What it does not pass is looked at field by field, which knows what to refuse, replace or flag.
 */
export type CleanColumns = {
  readonly input: number;
  /** A row must be at least this wide. */
  readonly width: number;
  readonly columns: Int32Array;
  readonly least: Float64Array;
  readonly greatest: Float64Array;
};

/** Whether a field is a column that `areClean` can pass. */
export const isFloatColumn = (field: ContractField): boolean =>
  field.column !== null && field.domain === null && (field.type === "float32" || field.type === "float64");

/** Lays out the columns of one input; all of them as `isFloatColumn` has it. */
export function layOutColumns(
  input: number,
  fields: readonly { readonly column: number | null; readonly interval: Interval }[],
): CleanColumns {
  const columns = Int32Array.from(fields, ({ column }) => column ?? 0);
  return {
    input,
    width: 1 + columns.reduce((widest, column) => Math.max(widest, column), -1),
    columns,
    least: Float64Array.from(fields, ({ interval }) => interval.least),
    greatest: Float64Array.from(fields, ({ interval }) => interval.greatest),
  };
}

/** True when every value of these columns is a number in its interval: no rule of theirs has anything to say. */
export function areClean(plan: CleanColumns, { data, nulls, shape }: CheckedTensor): boolean {
  const { columns, least, greatest } = plan;
  const stride = shape.at(-1) ?? 0;
  const hasNulls = nulls !== null && nulls !== undefined;
  if (hasNulls || stride < plan.width || !(data instanceof Float32Array || data instanceof Float64Array)) return false;
  for (let row = 0; row < data.length; row += stride) {
    for (let at = 0; at < columns.length; at += 1) {
      const value = data[row + (columns[at] ?? 0)] ?? Number.NaN;
      // Written so that NaN, which is null here, is not passed.
      if (!(value >= (least[at] ?? 0) && value <= (greatest[at] ?? 0))) return false;
    }
  }
  return true;
}
