import type { Measure } from "./measure.ts";

/** Rows of one column's value, or of one range of it. */
export type SliceRows = { readonly name: string; readonly rows: readonly number[] };

/** Slices whose figure is of fewer rows (of a recall: rows of that class) are shown and not judged: it says more of chance than of the model. */
export const SMALLEST_SLICE = 20;
const MOST_SLICES = 20;
const RANGES = 5;
/** A column of numbers with more values than this is cut into ranges. */
const MOST_VALUES = 20;
const MISSING = "no value";
const OTHERS = "other values";

const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** Ranges of about equally many rows; a value lies in one range only, so ties do not divide it. */
function rangesOf(values: readonly (number | null)[]): SliceRows[] {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const edges = new Set<number>();
  for (let cut = 1; cut < RANGES; cut += 1) edges.add(known[Math.floor((cut * known.length) / RANGES)] ?? 0);
  const starts = [known[0] ?? 0, ...[...edges].filter((edge) => edge !== known[0])];
  const ranges = starts.map((): number[] => []);
  const missing: number[] = [];
  values.forEach((value, row) => {
    if (value === null) {
      missing.push(row);
      return;
    }
    let at = starts.length - 1;
    while (at > 0 && value < (starts[at] ?? 0)) at -= 1;
    ranges[at]?.push(row);
  });
  const named = ranges.map((rows, at) => {
    const [from, next] = [figure(starts[at] ?? 0), starts[at + 1]];
    return { name: next === undefined ? `${from} and more` : `${from} to under ${figure(next)}`, rows };
  });
  return missing.length === 0 ? named : [...named, { name: MISSING, rows: missing }];
}

/** The rows of a column by its values: the twenty most frequent, the others together. Columns of many numbers by five ranges. */
export function sliceRows(cells: readonly (string | null)[]): SliceRows[] {
  const byValue = new Map<string, number[]>();
  cells.forEach((cell, row) => {
    const name = cell === null || cell.trim() === "" ? MISSING : cell.trim();
    const rows = byValue.get(name);
    if (rows === undefined) byValue.set(name, [row]);
    else rows.push(row);
  });
  const numbers = cells.map((cell) => (cell === null || cell.trim() === "" ? null : Number(cell)));
  if (byValue.size > MOST_VALUES && numbers.every((value) => value === null || Number.isFinite(value))) return rangesOf(numbers);
  const sorted = [...byValue].map(([name, rows]) => ({ name, rows })).sort((a, b) => b.rows.length - a.rows.length || (a.name < b.name ? -1 : 1));
  if (sorted.length <= MOST_SLICES) return sorted;
  const rest = sorted.slice(MOST_SLICES - 1).flatMap(({ rows }) => rows);
  return [...sorted.slice(0, MOST_SLICES - 1), { name: OTHERS, rows: rest }];
}

export type SliceFigure = { readonly name: string; readonly n: number; readonly value: number | null; readonly low: number | null; readonly high: number | null; readonly isJudged: boolean };
export type SliceReport = {
  readonly column: string;
  readonly metric: string;
  readonly rows: readonly SliceFigure[];
  /** Best judged slice less the worst; null with fewer than two. */
  readonly gap: number | null;
};

/** One metric over the slices of a column. `measureRows` takes the figures of some rows. */
export function reportSlices(column: string, slices: readonly SliceRows[], metric: string, measureRows: (rows: readonly number[]) => readonly Measure[]): SliceReport {
  const rows = slices.map(({ name, rows: own }): SliceFigure => {
    const found = measureRows(own).find((measure) => measure.name === metric);
    return { name, n: own.length, value: found?.value ?? null, low: found?.low ?? null, high: found?.high ?? null, isJudged: found !== undefined && found.n >= SMALLEST_SLICE };
  });
  const judged = rows.flatMap(({ isJudged, value }) => (isJudged && value !== null ? [value] : []));
  return { column, metric, rows, gap: judged.length < 2 ? null : Math.max(...judged) - Math.min(...judged) };
}
