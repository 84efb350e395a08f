import type { FieldCounts } from "#lib/domain/batch/report.ts";
import type { ColumnPlan } from "#lib/domain/batch/row-columns.ts";
import type { ContractCheck } from "#lib/domain/contract/types.ts";
import { countNonFinite } from "../oip/encode-outputs.ts";
import { InferenceError } from "../oip/inference-error.ts";
import type { Tensor } from "../oip/tensor.ts";
import type { Pool } from "../model-host/pool.ts";
import type { VersionPlan } from "../versions/load-version.ts";
import type { ReadRow, Row } from "./read-rows.ts";
import { tensorsOfRows } from "./row-tensors.ts";

/** A loaded version with what turns rows into its inputs. */
export type BatchModel = {
  readonly plan: VersionPlan;
  readonly pool: Pool;
  readonly columns: Extract<ColumnPlan, { ok: true }>["tensors"];
  /** Rows in one run; 1 for a model whose answers depend on what else is in the batch. */
  readonly batchRows: number;
};

export type RowError = { readonly code: string; readonly message: string };
/** What became of one row: the outputs of the run it was in and its place there, or why there is none. */
export type RowAnswer = { readonly ok: true; readonly outputs: readonly Tensor[]; readonly at: number } | { readonly ok: false; readonly error: RowError };

export type Tally = { modelUs: number; refused: number; flagged: FieldCounts; imputed: FieldCounts };

const errorOf = (thrown: unknown): RowError =>
  thrown instanceof InferenceError ? { code: thrown.reason, message: thrown.message } : { code: "internal", message: "The row could not be read." };

function count(into: FieldCounts, counts: Extract<ContractCheck, { ok: true }>["flags"]): FieldCounts {
  if (counts.length === 0) return into;
  const sum = new Map(Object.entries(into));
  for (const { field, rule, count: more } of counts) {
    const own = sum.get(field) ?? { null: 0, range: 0, domain: 0 };
    sum.set(field, { ...own, [rule]: own[rule] + more });
  }
  return Object.fromEntries(sum);
}

type Prepared = { readonly tensors: Tensor[]; readonly checked: Extract<ContractCheck, { ok: true }> };

function prepare({ plan, columns }: BatchModel, names: readonly string[], rows: readonly Row[]): Prepared {
  const tensors = tensorsOfRows(columns, names, rows);
  return { tensors, checked: plan.checkContract(tensors) };
}

function nameOutputs({ plan }: BatchModel, outputs: readonly Pick<Tensor, "datatype" | "shape" | "data">[]): Tensor[] {
  return outputs.map((output, index) => ({ ...output, name: plan.spec.outputs[index]?.name ?? "", nulls: null }));
}

/** Runs good rows as one batch; a batch that fails is halved until the row that fails it is alone. */
async function runRows(model: BatchModel, names: readonly string[], rows: readonly Row[], tally: Tally, ready?: Prepared): Promise<RowAnswer[]> {
  let prepared: Prepared;
  try {
    prepared = ready ?? prepare(model, names, rows);
  } catch (thrown) {
    return rows.map(() => ({ ok: false, error: errorOf(thrown) }));
  }
  const outcome = await model.pool.run(prepared.tensors);
  if (outcome.ok) {
    tally.modelUs += outcome.runUs;
    tally.flagged = count(tally.flagged, prepared.checked.flags);
    tally.imputed = count(tally.imputed, prepared.checked.imputed);
    const outputs = nameOutputs(model, outcome.outputs);
    if (outputs.every((output) => output.shape[0] === rows.length)) {
      if (outputs.every((output) => countNonFinite(output) === 0)) return rows.map((_, at) => ({ ok: true, outputs, at }));
      if (rows.length === 1)
        return [{ ok: false, error: { code: "not_finite", message: "The model's answer holds NaN or infinity." } }];
    } else if (rows.length === 1) {
      return [{ ok: false, error: { code: "model_error", message: "The model did not answer one row with one row." } }];
    }
  } else if (rows.length === 1) return [{ ok: false, error: errorOf(outcome.error) }];
  const middle = Math.ceil(rows.length / 2);
  return [
    ...(await runRows(model, names, rows.slice(0, middle), tally)),
    ...(await runRows(model, names, rows.slice(middle), tally)),
  ];
}

/** Answers rows in order, each exactly once: by the model, or by the reason why not. */
export async function answerBatch(model: BatchModel, names: readonly string[], read: readonly ReadRow[], tally: Tally): Promise<RowAnswer[]> {
  const answers = new Array<RowAnswer | undefined>(read.length);
  let good: { row: Row; index: number }[] = [];
  read.forEach((row, index) => {
    if (row instanceof Error) answers[index] = { ok: false, error: { code: "unreadable", message: row.message } };
    else good.push({ row, index });
  });
  let ready: Prepared | undefined;
  try {
    if (good.length > 0) ready = prepare(model, names, good.map(({ row }) => row));
  } catch {
    // Some row is refused: find out which, one by one, and run the others together.
    good = good.filter(({ row, index }) => {
      try {
        prepare(model, names, [row]);
        return true;
      } catch (thrown) {
        const error = errorOf(thrown);
        if (error.code === "contract") tally.refused += 1;
        answers[index] = { ok: false, error };
        return false;
      }
    });
  }
  if (good.length > 0) {
    const answered = await runRows(model, names, good.map(({ row }) => row), tally, ready);
    good.forEach(({ index }, position) => {
      answers[index] = answered[position];
    });
  }
  return answers.map((answer) => answer ?? { ok: false, error: { code: "internal", message: "The row was not answered." } });
}
