import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { Problem } from "#lib/domain/problem.ts";
import {
  checkFloats,
  checkHalves,
  checkIntegers,
  checkTexts,
  checkWideIntegers,
  numberRule,
  type CheckTally,
  type FieldCheck,
  type FieldLayout,
} from "./check-fields.ts";
import { matchInputs, planShapes } from "./check-shape.ts";
import { areClean, type CleanColumns, isFloatColumn, layOutColumns } from "./clean-columns.ts";
import type {
  CheckedTensor,
  ContractCheck,
  ContractField,
  FieldType,
  InputContract,
} from "./types.ts";
import { validateContract } from "./validate-contract.ts";

/** Checks the tensors of one request against signature and contract; imputes in place. */
export type InputCheck = (tensors: readonly CheckedTensor[]) => ContractCheck;

export type CompiledContract =
  | { readonly ok: true; readonly check: InputCheck }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const clean: ContractCheck = Object.freeze({
  ok: true,
  flags: Object.freeze([]),
  imputed: Object.freeze([]),
});

type FieldPlan = {
  readonly field: ContractField;
  readonly input: number;
  readonly column: number | null;
  readonly check: FieldCheck;
};

/**
 * Turns a contract into the check that runs on every request: shapes and datatypes first, then each field in one pass over its values, without allocating
 * unless a rule is broken. The order of the tensors does not matter. When the request is refused, values imputed before stay imputed: throw the tensors away.
 */
export function compileContract(
  contract: InputContract,
  signature: ModelSignature,
): CompiledContract {
  const problems = validateContract(contract, signature);
  if (problems.length > 0) return { ok: false, problems };
  const shapes = planShapes(signature);
  const fields: FieldPlan[] = contract.fields.map((field) => ({
    field,
    input: shapes.indexByName.get(field.input) ?? 0,
    column: field.column,
    check: fieldCheck(field),
  }));
  const plan: RequestPlan = {
    shapes,
    fields,
    columns: columnsOf(fields),
    others: fields.filter(({ field }) => !isFloatColumn(field)),
  };
  return { ok: true, check: (tensors) => checkRequest(plan, tensors) };
}

type RequestPlan = {
  readonly shapes: ReturnType<typeof planShapes>;
  readonly fields: readonly FieldPlan[];
  readonly columns: readonly CleanColumns[];
  /** The fields that `columns` does not speak of. */
  readonly others: readonly FieldPlan[];
};

function columnsOf(fields: readonly FieldPlan[]): CleanColumns[] {
  const columns = fields.filter(({ field }) => isFloatColumn(field));
  return [...new Set(columns.map(({ input }) => input))].map((input) =>
    layOutColumns(
      input,
      columns
        .filter((one) => one.input === input)
        .map(({ field, column }) => ({ column, interval: numberRule(field, roundingOf(field)) })),
    ),
  );
}

/** Whether all float columns of a request are in order. */
function areAllClean(columns: readonly CleanColumns[], ordered: readonly CheckedTensor[]): boolean {
  for (const plan of columns) {
    const tensor = ordered[plan.input];
    if (tensor === undefined || !areClean(plan, tensor)) return false;
  }
  return true;
}

function checkRequest({ shapes, fields, columns, others }: RequestPlan, tensors: readonly CheckedTensor[]): ContractCheck {
  const matched = matchInputs(shapes, tensors);
  if ("refusals" in matched) {
    return {
      ok: false,
      refusals: matched.refusals.slice(0, 20),
      refusedCount: matched.refusals.length,
    };
  }
  const remaining = areAllClean(columns, matched.ordered) ? others : fields;
  if (remaining.length === 0) return clean;
  const tally: CheckTally = { refusals: [], refusedCount: 0, flags: [], imputed: [] };
  for (const { input, column, check } of remaining) {
    const tensor = matched.ordered[input];
    if (tensor !== undefined)
      check(tensor.data, tensor.nulls ?? null, layoutOf(tensor, column), tally);
  }
  const { refusals, refusedCount, flags, imputed } = tally;
  if (refusedCount > 0) return { ok: false, refusals, refusedCount };
  return flags.length + imputed.length === 0 ? clean : { ok: true, flags, imputed };
}

function layoutOf(tensor: CheckedTensor, column: number | null): FieldLayout {
  const { shape } = tensor;
  let rowValues = 1;
  for (let axis = 1; axis < shape.length; axis += 1) rowValues *= shape[axis] ?? 1;
  // A tensor without values has no row to speak of; a scalar, and a vector with named columns, is one row.
  if (rowValues === 0) rowValues = 1;
  if (column === null) return { start: 0, stride: 1, rowValues };
  const stride = shape.at(-1) ?? 1;
  return { start: column, stride, rowValues: Math.max(rowValues, stride) };
}

/** How a field's numbers were rounded on their way here. */
const roundingOf = ({ type }: ContractField): ((value: number) => number) =>
  type === "float32" ? Math.fround : (value) => value;

const checkOfType: Readonly<Record<FieldType, (field: ContractField) => FieldCheck>> = {
  bool: checkIntegers,
  uint8: checkIntegers,
  uint16: checkIntegers,
  uint32: checkIntegers,
  int8: checkIntegers,
  int16: checkIntegers,
  int32: checkIntegers,
  uint64: checkWideIntegers,
  int64: checkWideIntegers,
  float16: checkHalves,
  float32: (field) => checkFloats(field, roundingOf(field)),
  float64: (field) => checkFloats(field, roundingOf(field)),
  string: checkTexts,
};

function fieldCheck(field: ContractField): FieldCheck {
  return checkOfType[field.type](field);
}
