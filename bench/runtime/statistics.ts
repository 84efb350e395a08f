/** Median and spread of rounds. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number };

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || least === undefined || most === undefined)
    throw new Error("No round was run.");
  return { median: (low + high) / 2, least, most };
}

const short = (value: number): string =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

/** `1.23 (1.1 to 1.4)`. */
export const spreadText = ({ median, least, most }: Spread): string =>
  `${short(median)} (${short(least)} to ${short(most)})`;

/** One line of the result table. */
export type Figure = {
  readonly name: string;
  readonly unit: string;
  readonly value: Spread;
  /** In words, as the issue states it; null for context. */
  readonly wanted: string | null;
  readonly isMet: boolean | null;
};
