/** What true labels say about predictions, from counts only. Every share is null where its denominator is 0: no positive seen is no recall of 0. */

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/** `[predicted, actual, count]`. */
export type LabelPair = readonly [predicted: string, actual: string, count: number];

export type ClassPerformance = {
  readonly label: string;
  readonly support: number;
  readonly predicted: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
};

export type ClassificationPerformance = {
  readonly labels: number;
  readonly correct: number;
  readonly accuracy: number | null;
  /** Unweighted means over the classes that occur as true labels. */
  readonly macroPrecision: number | null;
  readonly macroRecall: number | null;
  readonly macroF1: number | null;
  readonly classes: readonly ClassPerformance[];
};

const mean = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value): value is number => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** F1 = 2 TP / (2 TP + FP + FN): 0 when all are wrong, null when the class neither occurs nor is predicted. */
const f1Of = (hits: number, predicted: number, support: number): number | null =>
  share(2 * hits, predicted + support);

export function classificationPerformance(pairs: readonly LabelPair[]): ClassificationPerformance {
  const names = [...new Set(pairs.flatMap(([predicted, actual]) => [predicted, actual]))].sort();
  const add = (of: (pair: LabelPair) => boolean): number =>
    pairs.reduce((sum, pair) => (of(pair) ? sum + pair[2] : sum), 0);
  const classes = names.map((label): ClassPerformance => {
    const hits = add(([predicted, actual]) => predicted === label && actual === label);
    const predicted = add((pair) => pair[0] === label);
    const support = add((pair) => pair[1] === label);
    const precision = share(hits, predicted);
    return { label, support, predicted, precision, recall: share(hits, support), f1: f1Of(hits, predicted, support) };
  });
  const labels = add(() => true);
  const correct = add(([predicted, actual]) => predicted === actual);
  const occurring = classes.filter(({ support }) => support > 0);
  return {
    labels,
    correct,
    accuracy: share(correct, labels),
    macroPrecision: mean(occurring.map(({ precision }) => precision)),
    macroRecall: mean(occurring.map(({ recall }) => recall)),
    macroF1: mean(occurring.map(({ f1 }) => f1)),
    classes,
  };
}

/** Labelled predictions in one bin of the score: how many were of the class that the score speaks for, and how many were not. */
export type ScoreBin = { readonly score: number; readonly positives: number; readonly negatives: number };

/**
 * Area under the ROC curve from score bins in rising order; pairs inside one bin count half. Off by at most half the share of pairs
 * that fall into one bin. Null when only one class was seen.
 */
export function rocAuc(bins: readonly ScoreBin[]): number | null {
  let positives = 0;
  let negatives = 0;
  let below = 0;
  for (const bin of bins) {
    below += bin.positives * (negatives + bin.negatives / 2);
    positives += bin.positives;
    negatives += bin.negatives;
  }
  return share(below, positives * negatives);
}

const LEAST_PROBABILITY = 1e-6;

/** Mean logarithmic loss (natural), with each bin's own score as its probability. */
export function logLoss(bins: readonly ScoreBin[]): number | null {
  let sum = 0;
  let all = 0;
  for (const { score, positives, negatives } of bins) {
    const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, score));
    sum -= positives * Math.log(p) + negatives * Math.log(1 - p);
    all += positives + negatives;
  }
  return share(sum, all);
}

/** Expected calibration error: mean distance of score and observed share, weighted by the bins' labels (Naeini et al. 2015). */
export function calibrationError(bins: readonly ScoreBin[]): number | null {
  const all = bins.reduce((sum, { positives, negatives }) => sum + positives + negatives, 0);
  const gap = bins.reduce((sum, { score, positives, negatives }) => {
    const labels = positives + negatives;
    return labels === 0 ? sum : sum + Math.abs(positives - score * labels);
  }, 0);
  return share(gap, all);
}

/** Sums over numeric labels, error = answer - label. */
export type ErrorSums = { readonly n: number; readonly sum: number; readonly sumAbsolute: number; readonly sumSquares: number };

export type RegressionPerformance = {
  readonly labels: number;
  readonly meanAbsoluteError: number | null;
  readonly rootMeanSquareError: number | null;
  /** Mean error: positive = answers too high. */
  readonly bias: number | null;
};

export function regressionPerformance({ n, sum, sumAbsolute, sumSquares }: ErrorSums): RegressionPerformance {
  const squares = share(sumSquares, n);
  return {
    labels: n,
    meanAbsoluteError: share(sumAbsolute, n),
    rootMeanSquareError: squares === null ? null : Math.sqrt(squares),
    bias: share(sum, n),
  };
}

/** Wilson's interval of a share (1927): stays inside 0 to 1 and is not empty at 0 or 1. `z` 1.96 = 95 %. */
export function wilsonInterval(part: number, whole: number, z = 1.959964): { low: number; high: number } | null {
  if (whole <= 0) return null;
  const p = part / whole;
  const z2 = z * z;
  const centre = (p + z2 / (2 * whole)) / (1 + z2 / whole);
  const half = (z / (1 + z2 / whole)) * Math.sqrt((p * (1 - p)) / whole + z2 / (4 * whole * whole));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Mean of values with its standard error; null without values. */
export function meanWithError(n: number, sum: number, sumSquares: number): { mean: number; standardError: number | null } | null {
  if (n <= 0) return null;
  const average = sum / n;
  if (n < 2) return { mean: average, standardError: null };
  const variance = Math.max(0, (sumSquares - n * average * average) / (n - 1));
  return { mean: average, standardError: Math.sqrt(variance / n) };
}
