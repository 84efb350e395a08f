import type { ClassSample } from "./classification.ts";
import { share, type Measure } from "./measure.ts";

/** Rows of about the same score: what the model said on average, and how often it was so. */
export type CalibrationBin = { readonly said: number; readonly share: number; readonly low: number; readonly high: number; readonly n: number };

export type Calibration = {
  /** Whose probability: the second of two classes, or null for the class that was answered. */
  readonly of: string | null;
  readonly bins: readonly CalibrationBin[];
  readonly error: Measure;
};

const BINS = 10;
const FEWEST_IN_BIN = 20;

/**
 * Ten bins of equally many rows, fewer where a bin would have under 20. The error is the mean distance of what was said from what came
 * true. It has no interval: it is biased upwards by as much as the bins scatter, so each bin has its own. Null without probabilities.
 */
export function calibrationOf({ classes, truth, predicted, scores, areProbabilities }: ClassSample): Calibration | null {
  const n = truth.length;
  const binTotal = Math.min(BINS, Math.floor(n / FEWEST_IN_BIN));
  if (scores === null || !areProbabilities || binTotal < 1) return null;
  const width = classes.length;
  const isTwo = width === 2;
  const said = Float64Array.from(truth, (_, row) => scores[row * width + (isTwo ? 1 : (predicted[row] ?? 0))] ?? 0);
  const cameTrue = (row: number): boolean => (isTwo ? truth[row] === 1 : truth[row] === predicted[row]);
  const order = Uint32Array.from({ length: n }, (_, index) => index).sort((a, b) => (said[a] ?? 0) - (said[b] ?? 0));
  const bins: CalibrationBin[] = [];
  let error = 0;
  for (let bin = 0; bin < binTotal; bin += 1) {
    const rows = order.subarray(Math.floor((bin * n) / binTotal), Math.floor(((bin + 1) * n) / binTotal));
    let [sum, hits] = [0, 0];
    for (const row of rows) {
      sum += said[row] ?? 0;
      if (cameTrue(row)) hits += 1;
    }
    const observed = share("calibration", hits, rows.length);
    if (observed === null) continue;
    const mean = sum / rows.length;
    error += (Math.abs(mean - observed.value) * rows.length) / n;
    bins.push({ said: mean, share: observed.value, low: observed.low ?? 0, high: observed.high ?? 1, n: rows.length });
  }
  return { of: isTwo ? (classes[1] ?? null) : null, bins, error: { name: "calibrationError", value: error, low: null, high: null, n, method: "none" } };
}
