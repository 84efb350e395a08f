import { around, meanOver, share, type Measure } from "./measure.ts";
import { areaOfSeveral, areaOfTwo, placeRows } from "./roc-area.ts";

/** What a classifier said of rows whose class is known. Classes by their place in `classes`. */
export type ClassSample = {
  readonly classes: readonly string[];
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  /** Row by row one score for each class; null when the model gives none. */
  readonly scores: Float64Array | null;
  /** The scores of a row lie between 0 and 1 and add up to 1. */
  readonly areProbabilities: boolean;
};

/** Classes beyond these are measured together only. */
export const MOST_CLASSES_NAMED = 50;
/** Areas of more classes would be a sort for each of them. */
const MOST_AREAS = 50;
/** A probability of nothing for what then happened would be an infinite loss: the smallest step of a double stands in its place. */
const LEAST_PROBABILITY = 2.220446049250313e-16;

/** The rows of a sample that a slice is made of. */
export function pickRows(sample: ClassSample, rows: readonly number[]): ClassSample {
  const width = sample.classes.length;
  const { scores } = sample;
  let picked: Float64Array | null = null;
  if (scores !== null) {
    const part = new Float64Array(rows.length * width);
    rows.forEach((row, at) => part.set(scores.subarray(row * width, (row + 1) * width), at * width));
    picked = part;
  }
  return {
    ...sample,
    truth: Int32Array.from(rows, (row) => sample.truth[row] ?? -1),
    predicted: Int32Array.from(rows, (row) => sample.predicted[row] ?? -1),
    scores: picked,
  };
}

/** Counts by [truth][answer], in the order of the classes. */
export function confusionOf({ classes, truth, predicted }: ClassSample): number[][] {
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  truth.forEach((actual, row) => {
    const line = counts[actual];
    const said = predicted[row] ?? -1;
    if (line?.[said] !== undefined) line[said] = (line[said] ?? 0) + 1;
  });
  return counts;
}

/**
 * F1 of one class. F1 = 2J / (1 + J) with J the share of hits among the rows that are of the class or were called so, which rises with J:
 * so Wilson's interval of J, carried over, is an interval of F1 (Hand, Christen and Kirielle 2021).
 */
function f1(name: string, hits: number, either: number): Measure | null {
  const jaccard = share(name, hits, either);
  if (jaccard === null) return null;
  const carry = (j: number): number => (2 * j) / (1 + j);
  return { ...jaccard, value: carry(jaccard.value), low: carry(jaccard.low ?? 0), high: carry(jaccard.high ?? 1) };
}

/** Mean of the classes' F1. The counts of the confusion table are multinomial; F1 does not change with their sum, so the variance is the sum of count times slope squared. */
function macroF1(counts: readonly (readonly number[])[], rowSums: readonly number[], columnSums: readonly number[]): Measure | null {
  const present = rowSums.map((sum, k) => (sum + (columnSums[k] ?? 0) > 0 ? k : -1)).filter((k) => k >= 0);
  if (present.length === 0) return null;
  const both = (k: number): number => (rowSums[k] ?? 0) + (columnSums[k] ?? 0);
  const f1Of = (k: number): number => (both(k) === 0 ? 0 : (2 * (counts[k]?.[k] ?? 0)) / both(k));
  let variance = 0;
  let n = 0;
  counts.forEach((row, i) => {
    row.forEach((count, j) => {
      if (count === 0) return;
      n += count;
      const slope = i === j ? (2 - 2 * f1Of(i)) / both(i) : -(f1Of(i) / both(i)) - f1Of(j) / both(j);
      variance += count * (slope / present.length) ** 2;
    });
  });
  const value = present.reduce((sum, k) => sum + f1Of(k), 0) / present.length;
  return around("macroF1", value, Math.sqrt(variance), n, "delta", { least: 0, most: 1 });
}

function areaOf({ classes, truth, scores }: ClassSample): Measure | null {
  if (scores === null || classes.length < 2 || classes.length > MOST_AREAS) return null;
  const width = classes.length;
  const columnOf = (k: number): { column: Float64Array; isHit: Uint8Array } => ({
    column: Float64Array.from(truth, (_, row) => scores[row * width + k] ?? 0),
    isHit: Uint8Array.from(truth, (actual) => (actual === k ? 1 : 0)),
  });
  if (width === 2) {
    const { column, isHit } = columnOf(0);
    return areaOfTwo(column, isHit);
  }
  return areaOfSeveral(
    classes.flatMap((_, k) => {
      const { column, isHit } = columnOf(k);
      const placed = placeRows(column, isHit);
      return placed === null ? [] : [{ placed, isHit }];
    }),
  );
}

function lossesOf({ classes, truth, scores }: ClassSample): (Measure | null)[] {
  if (scores === null) return [];
  const width = classes.length;
  return [
    meanOver("logLoss", truth.length, (row) => -Math.log(Math.max(LEAST_PROBABILITY, scores[row * width + (truth[row] ?? 0)] ?? 0)), { least: 0 }),
    meanOver(
      "brierScore",
      truth.length,
      (row) => {
        let sum = 0;
        for (let k = 0; k < width; k += 1) sum += ((scores[row * width + k] ?? 0) - (truth[row] === k ? 1 : 0)) ** 2;
        return sum;
      },
      { least: 0, most: 2 },
    ),
  ];
}

/** Every figure of a classifier that these rows allow, in the order they are shown. A share of nothing is left out. */
export function measureClasses(sample: ClassSample): Measure[] {
  const { classes, truth } = sample;
  if (truth.length === 0) return [];
  const counts = confusionOf(sample);
  const rowSums = counts.map((row) => row.reduce((a, b) => a + b, 0));
  const columnSums = classes.map((_, k) => counts.reduce((sum, row) => sum + (row[k] ?? 0), 0));
  const hits = counts.reduce((sum, row, k) => sum + (row[k] ?? 0), 0);
  const named = classes.length > MOST_CLASSES_NAMED ? [] : classes;
  const byClass = named.flatMap((name, k) => {
    const own = counts[k]?.[k] ?? 0;
    const [row, column] = [rowSums[k] ?? 0, columnSums[k] ?? 0];
    return [share(`recall:${name}`, own, row), share(`precision:${name}`, own, column), f1(`f1:${name}`, own, row + column - own)];
  });
  const all = [
    share("accuracy", hits, truth.length),
    share("wrongLabelRate", truth.length - hits, truth.length),
    macroF1(counts, rowSums, columnSums),
    areaOf(sample),
    ...(sample.areProbabilities ? lossesOf(sample) : []),
    ...byClass,
  ];
  return all.filter((measure) => measure !== null);
}
