import type { Measure } from "./measure.ts";

/** Rows that Slipway evaluates at once; a sample of a larger file says as much. */
export const MOST_EVALUATED_ROWS = 200_000;
export const MOST_EVALUATED_BYTES = 512 * 1_048_576;
/** Scores are held until the figures are made: rows times classes. */
export const MOST_SCORES = 10_000_000;
/** Above this share of rows without an answer the figures are of too few of them. */
export const UNANSWERED_LIMIT = 0.05;
/** Rows that may also be in the training data when nothing else was agreed: repeated measurements happen. */
export const OVERLAP_LIMIT = 0.01;

export type Limits = Readonly<Record<string, { readonly min: number | null; readonly max: number | null }>>;

/** Names of the figures that are outside what was agreed on before; one that was not measured is outside. */
export function outsideLimits(measures: readonly Pick<Measure, "name" | "value">[], limits: Limits): string[] {
  return Object.entries(limits).flatMap(([name, { min, max }]) => {
    const value = measures.find((measure) => measure.name === name)?.value;
    return value === undefined || (min !== null && value < min) || (max !== null && value > max) ? [name] : [];
  });
}
