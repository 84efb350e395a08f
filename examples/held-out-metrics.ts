/**
 * Metrics of a classifier with 95 % confidence intervals, the same figures as `training/evaluation.py` writes.
 * Proportions: Wilson score interval (Wilson 1927). Brier score: mean +- z standard errors. Area under the ROC curve: DeLong et al. 1988.
 */

const Z95 = 1.959963984540054;

export type Metric = { readonly value: number; readonly low: number; readonly high: number };
export type Answers = {
  readonly truth: readonly string[];
  readonly predicted: readonly string[];
  /** Row by row, one probability for each of `classes`. */
  readonly probabilities: readonly (readonly number[])[];
  readonly classes: readonly string[];
};

/** Counts by [truth][prediction], both in the order of `classes`. */
export function confusionCounts({ truth, predicted, classes }: Answers): number[][] {
  return classes.map((actual) =>
    classes.map((said) => truth.filter((t, row) => t === actual && predicted[row] === said).length),
  );
}

/** Every metric by name; a share of nothing is left out. */
export function heldOutMetrics(answers: Answers): Record<string, Metric> {
  const counts = confusionCounts(answers);
  const rows = answers.truth.length;
  const correct = sum(counts.map((row, index) => row[index] ?? 0));
  const metrics: [string, Metric | null][] = [
    ["wrongLabelRate", proportion(rows - correct, rows)],
    ["accuracy", proportion(correct, rows)],
    ["brierScore", brierScore(answers)],
  ];
  answers.classes.forEach((name, index) => {
    const hits = counts[index]?.[index] ?? 0;
    metrics.push([`recall:${name}`, proportion(hits, sum(counts[index] ?? []))]);
    metrics.push([
      `precision:${name}`,
      proportion(hits, sum(counts.map((row) => row[index] ?? 0))),
    ]);
  });
  if (answers.classes.length === 2) metrics.push(["areaUnderRoc", areaUnderRoc(answers)]);
  return Object.fromEntries(metrics.flatMap(([name, metric]) => (metric ? [[name, metric]] : [])));
}

function proportion(hits: number, n: number): Metric | null {
  if (n === 0) return null;
  const share = hits / n;
  const shrink = 1 + Z95 ** 2 / n;
  const centre = (share + Z95 ** 2 / (2 * n)) / shrink;
  const half = (Z95 / shrink) * Math.sqrt((share * (1 - share)) / n + Z95 ** 2 / (4 * n * n));
  return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function brierScore({ truth, probabilities, classes }: Answers): Metric {
  const losses = probabilities.map((row, index) =>
    sum(row.map((p, place) => (p - (classes[place] === truth[index] ? 1 : 0)) ** 2)),
  );
  const value = mean(losses);
  const half = Z95 * Math.sqrt(variance(losses) / losses.length);
  return { value, low: Math.max(0, value - half), high: value + half };
}

function areaUnderRoc({ truth, probabilities, classes }: Answers): Metric {
  const scoresOf = (isFirst: boolean): number[] =>
    probabilities
      .filter((_, row) => (truth[row] === classes[0]) === isFirst)
      .map((row) => row[0] ?? 0);
  const [hits, misses] = [scoresOf(true), scoresOf(false)];
  const above = (a: number, b: number): number => (a > b ? 1 : a === b ? 0.5 : 0);
  const byHit = hits.map((hit) => mean(misses.map((miss) => above(hit, miss))));
  const byMiss = misses.map((miss) => mean(hits.map((hit) => above(hit, miss))));
  const value = mean(byHit);
  const half = Z95 * Math.sqrt(variance(byHit) / hits.length + variance(byMiss) / misses.length);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1);
}
