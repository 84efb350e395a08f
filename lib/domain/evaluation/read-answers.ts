import { nameScores, sortClasses } from "./name-scores.ts";
import type { ClassSample } from "./classification.ts";
import { MOST_SCORES } from "./limits.ts";
import type { NumberSample } from "./regression.ts";

/** An evaluation that cannot be made of these rows, in words for whoever asked for it. */
export class EvaluationProblem extends Error {
  override readonly name = "EvaluationProblem";
}

/** What was read and answered, row by row, of the rows with a true value and an answer. */
export type Answers = {
  readonly task: "classification" | "regression" | null;
  readonly truth: readonly string[];
  /** The class that was answered; null for a model that names none. */
  readonly labels: readonly string[] | null;
  /** How the model writes classes, so that 1, 1.0 and true in the file are read as it writes them. */
  readonly labelKind: "text" | "number" | "bool" | null;
  /** Scores row by row; null for a model that gives none. */
  readonly scores: { readonly width: number; readonly values: Float64Array } | null;
};

export type ReadSample =
  | { readonly task: "classification"; readonly sample: ClassSample; readonly notes: readonly string[] }
  | { readonly task: "regression"; readonly sample: NumberSample; readonly notes: readonly string[] };

const MOST_CLASSES = 1000;
const ROUNDING = 1e-3;
const TRUE_WORDS: ReadonlySet<string> = new Set(["true", "1", "1.0"]);
const FALSE_WORDS: ReadonlySet<string> = new Set(["false", "0", "0.0"]);

const asNumber = (text: string): string => {
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? String(value) : text;
};

/** A true class as the model would write it. */
function asAnswered(text: string, kind: Answers["labelKind"]): string {
  const plain = text.trim();
  if (kind === "number") return asNumber(plain);
  if (kind === "bool") {
    const word = plain.toLowerCase();
    return TRUE_WORDS.has(word) ? "true" : FALSE_WORDS.has(word) ? "false" : plain;
  }
  return plain;
}

const isWithinOne = (value: number): boolean => value >= -ROUNDING && value <= 1 + ROUNDING;

function taskOf({ task, truth, labels, scores }: Answers): "classification" | "regression" {
  if (task !== null) return task;
  if (labels !== null || scores === null || scores.width > 1) return "classification";
  return new Set(truth).size === 2 && scores.values.every(isWithinOne) ? "classification" : "regression";
}

function readNumbers({ truth, labels, labelKind, scores }: Answers): NumberSample {
  if (scores !== null && scores.width > 1) throw new EvaluationProblem(`The model answers ${scores.width} numbers a row; regression is of one.`);
  if (scores === null && labelKind !== "number") throw new EvaluationProblem("The model answers no number, so there is nothing to take errors of.");
  const predicted = scores?.values ?? Float64Array.from(labels ?? [], Number);
  const wrong = truth.find((text) => !Number.isFinite(Number(text)));
  if (wrong !== undefined) throw new EvaluationProblem(`The label column holds ${JSON.stringify(wrong.slice(0, 40))}, which is not a number.`);
  return { truth: Float64Array.from(truth, Number), predicted };
}

function largestPlaces({ width, values }: { width: number; values: Float64Array }, rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let place = 1; place < width; place += 1) if ((values[row * width + place] ?? 0) > (values[row * width + best] ?? 0)) best = place;
    return best;
  });
}

/** One score a row is that of the second of two classes. */
function asPairs(scores: NonNullable<Answers["scores"]>): NonNullable<Answers["scores"]> {
  const values = new Float64Array(scores.values.length * 2);
  scores.values.forEach((value, row) => {
    values[row * 2] = 1 - value;
    values[row * 2 + 1] = value;
  });
  return { width: 2, values };
}

/** The scores in the order of `classes`, of which some may have no score of their own. */
function inOrderOf(classes: readonly string[], names: readonly string[], { width, values }: NonNullable<Answers["scores"]>, rows: number): Float64Array {
  const places = names.map((name) => classes.indexOf(name));
  const ordered = new Float64Array(rows * classes.length);
  for (let row = 0; row < rows; row += 1)
    places.forEach((place, from) => {
      ordered[row * classes.length + place] = values[row * width + from] ?? 0;
    });
  return ordered;
}

function areProbabilities(scores: Float64Array, width: number): boolean {
  for (let row = 0; row < scores.length; row += width) {
    let sum = 0;
    for (let at = row; at < row + width; at += 1) {
      const value = scores[at] ?? 0;
      if (!isWithinOne(value)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > ROUNDING) return false;
  }
  return true;
}

type NamedScores = { readonly scores: Answers["scores"]; readonly largest: readonly number[]; readonly names: string[] | null; readonly notes: string[] };

/** Whose scores they are, as far as it can be told. Throws `EvaluationProblem` for a model that names no class when it cannot. */
function nameOwnScores({ labels, scores: given }: Answers, seen: readonly string[], rows: number): NamedScores {
  const scores = given?.width === 1 ? (seen.length === 2 ? asPairs(given) : null) : given;
  const largest = scores === null ? [] : largestPlaces(scores, rows);
  const names = scores === null ? null : nameScores(scores.width, seen, largest, labels ?? []);
  if (labels === null && names === null)
    throw new EvaluationProblem(
      scores === null
        ? `The model names no class and gives one score a row, but the label column has ${seen.length} different values, not 2.`
        : `The model gives ${scores.width} scores a row and names no classes, and the label column has ${seen.length} different values: which is which cannot be told.`,
    );
  if (scores === null) return { scores, largest, names, notes: ["The model gives no scores by class, so there is no area under the ROC curve, log loss or calibration."] };
  return { scores, largest, names, notes: names === null ? ["Which score belongs to which class cannot be told from the answers, so nothing is made of the scores."] : [] };
}

function readClasses(answers: Answers): { sample: ClassSample; notes: string[] } {
  const isNumbered = answers.labels === null && answers.truth.every((text) => Number.isFinite(Number(text)));
  const truth = answers.truth.map((text) => asAnswered(text, isNumbered ? "number" : answers.labelKind));
  const rows = truth.length;
  const seen = [...new Set([...truth, ...(answers.labels ?? [])])];
  if (seen.length > MOST_CLASSES) throw new EvaluationProblem(`There are ${seen.length} classes, more than ${MOST_CLASSES}. If the label is a number, ask for regression.`);
  const { scores, largest, names, notes } = nameOwnScores(answers, seen, rows);
  const classes = sortClasses(new Set([...seen, ...(names ?? [])]));
  const isTooMuch = rows * classes.length > MOST_SCORES;
  if (names !== null && isTooMuch) notes.push(`${rows} rows of ${classes.length} scores are more than are kept at once, so nothing is made of them.`);
  const place = new Map(classes.map((name, at) => [name, at]));
  const answered = answers.labels ?? largest.map((at) => names?.[at] ?? "");
  const ordered = scores === null || names === null || isTooMuch ? null : inOrderOf(classes, names, scores, rows);
  const probable = ordered !== null && areProbabilities(ordered, classes.length);
  if (ordered !== null && !probable) notes.push("The scores are no probabilities (between 0 and 1, together 1), so there is no log loss, Brier score or calibration.");
  return {
    notes,
    sample: {
      classes,
      truth: Int32Array.from(truth, (name) => place.get(name) ?? -1),
      predicted: Int32Array.from(answered, (name) => place.get(name) ?? -1),
      scores: ordered,
      areProbabilities: probable,
    },
  };
}

/** The rows as what they are a sample of. Throws `EvaluationProblem` when truth and answers cannot be compared. */
export function readSample(answers: Answers): ReadSample {
  if (answers.truth.length === 0) throw new EvaluationProblem("No row has both a true value and an answer.");
  if (taskOf(answers) === "regression") return { task: "regression", sample: readNumbers(answers), notes: [] };
  return { task: "classification", ...readClasses(answers) };
}
