import type { BatchReport, BatchWork } from "#lib/contracts/batch.ts";
import { answerBatch, type BatchModel, type RowAnswer, type Tally } from "./answer-rows.ts";
import { classOfAnswer, countName, createComparison } from "./compare-rows.ts";
import { readRows, type ReadRange, type ReadRow } from "./read-rows.ts";
import { rowWriter } from "./write-rows.ts";

/** Batches on their way at once: while the host runs one, the next is read and the last is written. */
const DEPTH = 3;

export type Worked = { readonly output: string; readonly errors: string; readonly report: BatchReport };

export type PartitionOptions = {
  readonly work: BatchWork;
  readonly model: BatchModel;
  /** Dual run. */
  readonly other: BatchModel | null;
  readonly read: ReadRange;
  readonly signal: AbortSignal;
  readonly onProgress: (rowsDone: number) => void;
};

const newTally = (): Tally => ({ modelUs: 0, refused: 0, flagged: {}, imputed: {} });

type Batch = { readonly first: number; readonly rows: readonly ReadRow[] };

function batchesOf(rows: readonly ReadRow[], size: number): Batch[] {
  const batches: Batch[] = [];
  for (let first = 0; first < rows.length; first += size) batches.push({ first, rows: rows.slice(first, first + size) });
  return batches;
}

/** Hands out batches to `answer` ahead of `write`, which sees the answers in the order of the rows. */
async function pipeline<T>(batches: readonly Batch[], signal: AbortSignal, answer: (batch: Batch) => Promise<T>, write: (batch: Batch, answers: T) => void): Promise<void> {
  const ahead: Promise<T>[] = [];
  for (let next = 0; next < batches.length; next += 1) {
    signal.throwIfAborted();
    while (ahead.length < DEPTH && next + ahead.length < batches.length) {
      const batch = batches[next + ahead.length];
      if (batch === undefined) break;
      const answers = answer(batch);
      // Waited for in turn; a failure must not count as unhandled until then.
      answers.catch(() => undefined);
      ahead.push(answers);
    }
    const [first] = ahead.splice(0, 1);
    const batch = batches[next];
    if (first !== undefined && batch !== undefined) write(batch, await first);
  }
}

/** Answers every row of a partition once and writes it down: answered rows in the output, the others in the side file. Throws when told to stop. */
export async function workPartition({ work, model, other, read, signal, onProgress }: PartitionOptions): Promise<Worked> {
  const rows = await readRows(work.input, read);
  const { columns, firstRow } = work.input;
  const writer = rowWriter(work.outputFormat, model.plan.signature, work.idColumn !== null);
  const idAt = work.idColumn === null ? -1 : columns.indexOf(work.idColumn);
  const [tally, otherTally] = [newTally(), newTally()];
  const comparison = other === null ? null : createComparison(model, other);
  const predictions: Record<string, number> = {};
  const lines: string[] = comparison === null ? [writer.header] : [];
  const errors: string[] = [];
  let answered = 0;

  const writeRow = (index: number, answer: RowAnswer): void => {
    const row = firstRow + index;
    if (!answer.ok) {
      errors.push(`${JSON.stringify({ row, code: answer.error.code, message: answer.error.message })}\n`);
      return;
    }
    answered += 1;
    const label = classOfAnswer(model, answer);
    if (label !== null) countName(predictions, label);
    if (comparison !== null) return;
    const source = rows[index];
    lines.push(writer.line(row, idAt < 0 || source === undefined || source instanceof Error ? null : source[idAt], answer));
  };
  const batchRows = Math.min(model.batchRows, other?.batchRows ?? model.batchRows);
  await pipeline(
    batchesOf(rows, Math.max(1, batchRows)),
    signal,
    (batch) =>
      Promise.all([
        answerBatch(model, columns, batch.rows, tally),
        other === null ? null : answerBatch(other, columns, batch.rows, otherTally),
      ]),
    (batch, [answers, others]) => {
      answers.forEach((answer, position) => {
        writeRow(batch.first + position, answer);
        const twin = others?.[position];
        if (comparison !== null && twin !== undefined) lines.push(comparison.add(firstRow + batch.first + position, answer, twin));
      });
      onProgress(batch.first + batch.rows.length);
    },
  );
  return {
    output: lines.join(""),
    errors: errors.join(""),
    report: {
      answered,
      failed: rows.length - answered,
      refused: tally.refused,
      flagged: tally.flagged,
      imputed: tally.imputed,
      predictions,
      modelUs: tally.modelUs,
      difference: comparison?.tally(tally.modelUs, otherTally.modelUs) ?? null,
    },
  };
}
