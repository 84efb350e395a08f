import { around, meanOver, Z95, type Measure } from "./measure.ts";

/** Numbers that a model answered, beside the true ones. */
export type NumberSample = { readonly truth: Float64Array; readonly predicted: Float64Array };

export const pickNumbers = ({ truth, predicted }: NumberSample, rows: readonly number[]): NumberSample => ({
  truth: Float64Array.from(rows, (row) => truth[row] ?? Number.NaN),
  predicted: Float64Array.from(rows, (row) => predicted[row] ?? Number.NaN),
});

/** The root of the mean square, by the variance of its logarithm: so the interval stays above 0. */
function rootOf(square: Measure | null): Measure | null {
  if (square === null) return null;
  const name = "rootMeanSquareError";
  const value = Math.sqrt(square.value);
  if (square.low === null || square.high === null || square.value === 0) return { ...square, name, value, method: "none", low: null, high: null };
  const standardError = (square.high - square.value) / Z95;
  const spread = Math.exp((Z95 * standardError) / square.value / 2);
  return { name, value, low: value / spread, high: value * spread, n: square.n, method: "delta" };
}

/** Share of the spread of the true values that the answers account for. A ratio of two means, so by its linear form. */
function explained({ truth, predicted }: NumberSample, mean: number): Measure | null {
  let [unexplained, spread] = [0, 0];
  truth.forEach((actual, row) => {
    unexplained += (actual - (predicted[row] ?? 0)) ** 2;
    spread += (actual - mean) ** 2;
  });
  if (spread === 0) return null;
  const ratio = unexplained / spread;
  let variance = 0;
  truth.forEach((actual, row) => {
    variance += ((actual - (predicted[row] ?? 0)) ** 2 - ratio * (actual - mean) ** 2) ** 2;
  });
  return around("rSquared", 1 - ratio, Math.sqrt(variance) / spread, truth.length, "delta", { most: 1 });
}

/** Every figure of answers that are numbers, in the order they are shown. */
export function measureNumbers(sample: NumberSample): Measure[] {
  const { truth, predicted } = sample;
  const n = truth.length;
  if (n === 0) return [];
  const errorOf = (row: number): number => (predicted[row] ?? 0) - (truth[row] ?? 0);
  const mean = truth.reduce((sum, value) => sum + value / n, 0);
  return [
    meanOver("meanAbsoluteError", n, (row) => Math.abs(errorOf(row)), { least: 0 }),
    rootOf(meanOver("square", n, (row) => errorOf(row) ** 2)),
    meanOver("meanError", n, errorOf),
    explained(sample, mean),
  ].filter((measure) => measure !== null);
}
