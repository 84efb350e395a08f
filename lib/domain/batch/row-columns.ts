import type { ModelSignature, TensorSignature } from "../artifact/types.ts";
import { fieldTypeOf, valuesPerRow } from "../contract/contract-slots.ts";
import type { FieldType, InputContract } from "../contract/types.ts";

/** Which columns of a table fill which values of a tensor's row. */
export type TensorColumns = {
  readonly tensor: TensorSignature;
  readonly type: FieldType;
  readonly valuesPerRow: number;
  /** One column for each value, in order; or one column that holds the whole row as a list. */
  readonly columns: readonly number[];
  readonly isList: boolean;
};

export type ColumnPlan =
  | { readonly ok: true; readonly tensors: readonly TensorColumns[] }
  | { readonly ok: false; readonly problems: readonly string[] };

export type ColumnRanges = Readonly<Record<string, { readonly from: string; readonly to: string }>>;

/** Column names of a tensor by the contract's fields; null when its values have no names of their own. */
function namedColumns(tensor: TensorSignature, contract: InputContract): string[] | null {
  const fields = contract.fields.filter(({ input, column }) => input === tensor.name && column !== null);
  if (fields.length === 0) return null;
  return [...fields].sort((a, b) => (a.column ?? 0) - (b.column ?? 0)).map(({ field }) => field);
}

function columnsInRange(columns: readonly string[], { from, to }: { from: string; to: string }): number[] {
  const [first, last] = [columns.indexOf(from), columns.indexOf(to)];
  return first < 0 || last < first ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Positions of the columns for one tensor, or in words why there are none. */
function findColumns(
  tensor: TensorSignature,
  perRow: number,
  names: readonly string[] | null,
  columns: readonly string[],
  range: ColumnRanges[string] | undefined,
  isOnlyTensor: boolean,
): { columns: number[]; isList: boolean } | string {
  if (range !== undefined) {
    const found = columnsInRange(columns, range);
    return found.length === perRow
      ? { columns: found, isList: false }
      : `Input ${tensor.name} takes ${perRow} values a row; the columns from ${range.from} to ${range.to} are ${found.length}.`;
  }
  if (names !== null) {
    const missing = names.find((name) => !columns.includes(name));
    return missing === undefined
      ? { columns: names.map((name) => columns.indexOf(name)), isList: false }
      : `There is no column ${missing}.`;
  }
  const own = columns.indexOf(tensor.name);
  if (own >= 0) return { columns: [own], isList: perRow > 1 };
  if (isOnlyTensor && columns.length === perRow) return { columns: columns.map((_, index) => index), isList: false };
  return perRow === 1
    ? `There is no column ${tensor.name}.`
    : `Input ${tensor.name} takes ${perRow} values a row: give it a range of columns, or one column ${tensor.name} that holds a list.`;
}

/**
 * How the columns of a table fill a model's inputs: by the field names of the contract, by a range of columns, by the input's own name
 * (a list where it takes several values), or all columns when there is one input and they are as many as it takes.
 */
export function planColumns(
  signature: ModelSignature,
  contract: InputContract,
  columns: readonly string[],
  ranges: ColumnRanges,
): ColumnPlan {
  const problems: string[] = [];
  const tensors: TensorColumns[] = [];
  for (const tensor of signature.inputs) {
    const names = namedColumns(tensor, contract);
    const perRow = valuesPerRow(tensor);
    if (perRow === null || perRow === 0 || tensor.shape[0] !== -1) {
      problems.push(`Input ${tensor.name} does not take rows.`);
      continue;
    }
    const found = findColumns(tensor, perRow, names, columns, ranges[tensor.name], signature.inputs.length === 1);
    if (typeof found === "string") problems.push(found);
    else tensors.push({ tensor, type: fieldTypeOf(tensor.datatype), valuesPerRow: perRow, ...found });
  }
  const unknown = Object.keys(ranges).find((name) => !signature.inputs.some((input) => input.name === name));
  if (unknown !== undefined) problems.push(`The model has no input ${unknown}.`);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, tensors };
}

/** What keeps a table from filling the model's inputs, in words; empty when nothing does. */
export function columnProblems(
  signature: ModelSignature,
  contract: InputContract,
  columns: readonly string[],
  ranges: ColumnRanges,
): string[] {
  const plan = planColumns(signature, contract, columns, ranges);
  return plan.ok ? [] : [...plan.problems];
}
