import type { EvaluationRows, EvaluationWork } from "#lib/contracts/evaluation.ts";
import type { Collected } from "#lib/domain/evaluation/make-report.ts";
import { MOST_SCORES } from "#lib/domain/evaluation/limits.ts";
import { EvaluationProblem } from "#lib/domain/evaluation/read-answers.ts";
import { rowKey } from "#lib/domain/evaluation/row-key.ts";
import { answerBatch, type BatchModel, type RowAnswer, type Tally } from "../batch/answer-rows.ts";
import { readRows, type ReadRange, type ReadRow, type Row } from "../batch/read-rows.ts";
import { rowValues } from "../batch/write-rows.ts";
import type { Tensor } from "../oip/tensor.ts";

export type CollectOptions = {
  readonly work: EvaluationWork;
  readonly model: BatchModel;
  readonly readData: ReadRange;
  readonly readTraining: ReadRange | null;
  readonly signal: AbortSignal;
  readonly onProgress: (rowsDone: number) => void;
};

/** What tables write where there is no value. */
const NO_VALUE: ReadonlySet<string> = new Set(["", "nan", "null", "none", "na", "n/a"]);

function cellText(cell: unknown): string | null {
  if (cell === null || cell === undefined) return null;
  const text = (typeof cell === "string" ? cell : typeof cell === "object" ? JSON.stringify(cell) : String(cell as number | bigint | boolean)).trim();
  return NO_VALUE.has(text.toLowerCase()) ? null : text.slice(0, 200);
}

type Outputs = { readonly label: number | null; readonly scores: number | null; readonly labelKind: Collected["labelKind"] };

const isFloat = ({ datatype }: Pick<Tensor, "datatype">): boolean => datatype === "FP16" || datatype === "FP32" || datatype === "FP64";
const valuesInRow = ({ data, shape }: Tensor): number => data.length / (shape[0] ?? 1);

/** Which output names the class, and which gives the scores. A label output of several floats is scores. */
function chooseOutputs(outputs: readonly Tensor[], labelOutput: string | null): Outputs {
  const named = outputs.findIndex(({ name }) => name === labelOutput);
  const output = outputs[named];
  const isScores = output !== undefined && isFloat(output) && valuesInRow(output) > 1;
  const label = output === undefined || isScores ? null : named;
  const scores = isScores ? named : outputs.findIndex((other, index) => index !== label && isFloat(other));
  return {
    label,
    scores: scores < 0 ? null : scores,
    labelKind: label === null || output === undefined ? null : output.datatype === "BYTES" ? "text" : output.datatype === "BOOL" ? "bool" : "number",
  };
}

/** Reads a file of rows part by part; only one part is held at a time. */
async function eachPart(rows: EvaluationRows, read: ReadRange, signal: AbortSignal, use: (part: readonly ReadRow[]) => Promise<void>): Promise<void> {
  for (const part of rows.parts) {
    signal.throwIfAborted();
    await use(await readRows({ ...rows, ...part }, read));
  }
}

const keyOf = (places: readonly number[], row: Row): number => rowKey(places.map((place) => row[place]));

/** Keys of the training rows over the same inputs, by the names of their columns. */
async function trainingKeysOf({ work, readTraining, signal }: CollectOptions, names: readonly string[]): Promise<Float64Array | null> {
  const { training } = work;
  if (training === null || readTraining === null) return null;
  const places = names.map((name) => training.columns.indexOf(name));
  const missing = names.find((_, index) => (places[index] ?? -1) < 0);
  if (missing !== undefined) throw new EvaluationProblem(`The training data has no column ${missing}, so its rows cannot be compared with these.`);
  const keys: number[] = [];
  await eachPart(training, readTraining, signal, (part) => {
    for (const row of part) if (!(row instanceof Error)) keys.push(keyOf(places, row));
    return Promise.resolve();
  });
  return Float64Array.from(keys);
}

type Growing = { readonly truth: string[]; readonly labels: string[]; scores: number[] | null; width: number | null; outputs: Outputs | null };

/** Notes one answered row with a true value. */
function take(into: Growing, truth: string, answer: Extract<RowAnswer, { ok: true }>, labelOutput: string | null): void {
  into.outputs ??= chooseOutputs(answer.outputs, labelOutput);
  const { label, scores } = into.outputs;
  into.truth.push(truth);
  if (label !== null) {
    const output = answer.outputs[label];
    const [value] = output === undefined ? [] : rowValues(output, answer.at);
    into.labels.push(typeof value === "string" ? value.trim() : String(value as number | bigint | boolean));
  }
  const output = scores === null ? undefined : answer.outputs[scores];
  if (output === undefined || into.scores === null) return;
  const values = rowValues(output, answer.at);
  into.width ??= values.length;
  if (values.length !== into.width) throw new EvaluationProblem("The model gives a different number of scores from row to row.");
  if (into.scores.length + values.length > MOST_SCORES) {
    // More than is held: figures of the classes stay, those of the scores are left out.
    into.scores = null;
    return;
  }
  for (const value of values) into.scores.push(Number(value));
}

/** Answers every held-out row in the sandbox's model host and keeps truth, answer and scores: what figures are made of. Throws `EvaluationProblem`. */
export async function collectAnswers(options: CollectOptions): Promise<Collected> {
  const { work, model, readData, signal, onProgress } = options;
  const { data, settings } = work;
  const { columns } = data;
  const labelAt = columns.indexOf(settings.labelColumn);
  const slices = settings.sliceColumns.map((column) => ({ column, at: columns.indexOf(column), cells: [] as (string | null)[] }));
  const inputs = model.columns.flatMap((tensor) => tensor.columns);
  const inputNames = inputs.map((place) => columns[place] ?? "");
  if (inputs.includes(labelAt)) throw new EvaluationProblem(`${settings.labelColumn} is an input of the model, so it cannot be the true value as well.`);
  const trainingKeys = await trainingKeysOf(options, inputNames);
  const { labelOutput } = model.plan.version;
  const growing: Growing = { truth: [], labels: [], scores: [], width: null, outputs: null };
  const keys: number[] = [];
  const tally: Tally = { modelUs: 0, refused: 0, flagged: {}, imputed: {} };
  const counts = { total: 0, withoutLabel: 0, withoutAnswer: 0 };
  let firstProblem: string | null = null;

  const note = (row: Row | Error, answer: RowAnswer): void => {
    counts.total += 1;
    // A row that cannot be read is like no other.
    keys.push(row instanceof Error ? -counts.total : keyOf(inputs, row));
    const truth = row instanceof Error ? null : cellText(row[labelAt]);
    if (!answer.ok) {
      counts.withoutAnswer += 1;
      firstProblem ??= answer.error.message;
    } else if (truth === null || row instanceof Error) counts.withoutLabel += 1;
    else {
      take(growing, truth, answer, labelOutput);
      for (const slice of slices) slice.cells.push(cellText(row[slice.at]));
    }
  };
  await eachPart(data, readData, signal, async (part) => {
    for (let from = 0; from < part.length; from += model.batchRows) {
      signal.throwIfAborted();
      const rows = part.slice(from, from + model.batchRows);
      const answers = await answerBatch(model, columns, rows, tally);
      rows.forEach((row, index) => {
        const answer = answers[index];
        if (answer !== undefined) note(row, answer);
      });
      onProgress(counts.total);
    }
  });
  if (growing.truth.length === 0) {
    throw new EvaluationProblem(
      firstProblem === null ? `No row has a value in ${settings.labelColumn}.` : `The model answered none of the rows. The first problem: ${String(firstProblem)}`,
    );
  }
  const { outputs, scores, width } = growing;
  return {
    ...counts,
    task: settings.task,
    truth: growing.truth,
    labels: outputs?.label === null || outputs === null ? null : growing.labels,
    labelKind: outputs?.labelKind ?? null,
    scores: scores === null || width === null ? null : { width, values: Float64Array.from(scores) },
    slices: slices.map(({ column, cells }) => ({ column, cells })),
    sliceMetric: settings.sliceMetric,
    keys: Float64Array.from(keys),
    trainingKeys,
    modelUs: tally.modelUs,
  };
}
