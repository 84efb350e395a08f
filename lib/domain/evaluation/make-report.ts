import { calibrationOf, type Calibration } from "./calibration.ts";
import { confusionOf, measureClasses, MOST_CLASSES_NAMED, pickRows } from "./classification.ts";
import type { Measure } from "./measure.ts";
import { EvaluationProblem, readSample, type Answers, type ReadSample } from "./read-answers.ts";
import { measureNumbers, pickNumbers } from "./regression.ts";
import { reportSlices, sliceRows, type SliceReport } from "./slices.ts";

/** All that a run over held-out rows leaves for its figures. */
export type Collected = Answers & {
  readonly total: number;
  readonly withoutLabel: number;
  readonly withoutAnswer: number;
  /** One cell for each measured row. */
  readonly slices: readonly { readonly column: string; readonly cells: readonly (string | null)[] }[];
  readonly sliceMetric: string | null;
  /** A key of each row's input, measured or not. */
  readonly keys: Float64Array;
  readonly trainingKeys: Float64Array | null;
  readonly modelUs: number;
};

export type Report = {
  readonly task: "classification" | "regression";
  readonly rows: { readonly total: number; readonly measured: number; readonly withoutLabel: number; readonly withoutAnswer: number; readonly repeated: number };
  readonly measures: readonly Measure[];
  readonly confusion: { readonly classes: readonly string[]; readonly counts: readonly (readonly number[])[] } | null;
  readonly calibration: Pick<Calibration, "of" | "bins"> | null;
  readonly slices: readonly SliceReport[];
  readonly overlap: { readonly trainingRows: number; readonly sharedRows: number } | null;
  readonly notes: readonly string[];
  readonly modelUs: number;
};

function measureSome(read: ReadSample, rows: readonly number[]): readonly Measure[] {
  return read.task === "classification" ? measureClasses(pickRows(read.sample, rows)) : measureNumbers(pickNumbers(read.sample, rows));
}

/** The metric that slices are compared by: the one asked for, which must be one that the whole has. */
function sliceMetricOf(asked: string | null, { task }: ReadSample, measures: readonly Measure[]): string {
  const name = asked ?? (task === "classification" ? "accuracy" : "meanAbsoluteError");
  if (measures.some((measure) => measure.name === name)) return name;
  throw new EvaluationProblem(`There is no figure called ${name.slice(0, 80)} to compare slices by; there are ${measures.slice(0, 12).map((measure) => measure.name).join(", ")}.`);
}

/** Every figure of a run. The same rows and answers give the same report, bit for bit. Throws `EvaluationProblem`. */
export function makeReport(collected: Collected): Report {
  const read = readSample(collected);
  const isClasses = read.task === "classification";
  const measures = isClasses ? measureClasses(read.sample) : measureNumbers(read.sample);
  const calibration = isClasses ? calibrationOf(read.sample) : null;
  const metric = collected.slices.length === 0 ? null : sliceMetricOf(collected.sliceMetric, read, measures);
  const classTotal = isClasses ? read.sample.classes.length : 0;
  const training = collected.trainingKeys === null ? null : new Set(collected.trainingKeys);
  return {
    task: read.task,
    rows: {
      total: collected.total,
      measured: collected.truth.length,
      withoutLabel: collected.withoutLabel,
      withoutAnswer: collected.withoutAnswer,
      repeated: collected.keys.length - new Set(collected.keys).size,
    },
    measures: calibration === null ? measures : [...measures, calibration.error],
    confusion: isClasses && classTotal <= MOST_CLASSES_NAMED ? { classes: read.sample.classes.map((name) => name.slice(0, 200)), counts: confusionOf(read.sample) } : null,
    calibration: calibration === null ? null : { of: calibration.of, bins: calibration.bins },
    slices: metric === null ? [] : collected.slices.map(({ column, cells }) => reportSlices(column, sliceRows(cells), metric, (rows) => measureSome(read, rows))),
    overlap: training === null ? null : { trainingRows: collected.trainingKeys?.length ?? 0, sharedRows: collected.keys.reduce((sum, key) => sum + (training.has(key) ? 1 : 0), 0) },
    notes: [
      ...read.notes,
      ...(classTotal > MOST_CLASSES_NAMED ? [`There are ${classTotal} classes; figures by class are shown for up to ${MOST_CLASSES_NAMED}.`] : []),
    ],
    modelUs: collected.modelUs,
  };
}
