import type { SampleColumn } from "./types.ts";

/** Builds the summary of one sample column from its cells, in bounded memory, whatever the number of rows. */
export type ColumnTally = {
  readonly name: string;
  /** How many numbers may be held at once; beyond it an even, repeatable choice of rows is kept. */
  readonly maxNumbers: number;
  /** How many different texts may be counted; a column with more has no categories. */
  readonly maxTexts: number;
  rows: number;
  emptyCells: number;
  nullWords: number;
  numbers: number;
  allIntegers: boolean;
  min: number;
  max: number;
  kept: number[];
  keptRows: number[];
  /** Of 2^thinning rows one is kept. */
  thinning: number;
  /** Counts by text; given up, i.e. no longer added to, once it holds too many. */
  readonly texts: Map<string, number>;
  hasMoreTexts: boolean;
};

const MAX_CATEGORIES = 100;
const MAX_TEXT_LETTERS = 256;
const MAX_KNOTS = 256;
/** Distinct values kept one by one at each end: rules cut there. */
const END_KNOTS = 32;

export function startColumn(name: string, maxNumbers: number, maxTexts = 1000): ColumnTally {
  return {
    name: name.slice(0, 512).replaceAll("\0", "").toWellFormed(),
    maxNumbers: Math.max(1, maxNumbers),
    maxTexts,
    rows: 0,
    emptyCells: 0,
    nullWords: 0,
    numbers: 0,
    allIntegers: true,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    kept: [],
    keptRows: [],
    thinning: 0,
    texts: new Map(),
    hasMoreTexts: false,
  };
}

const nullWords: ReadonlySet<string> = new Set(["NaN", "nan", "null", "NULL", "None", "NA", "N/A"]);

/** Whether a cell that is not empty stands for no number. */
export function isNullWord(cell: string): boolean {
  return nullWords.has(cell);
}

const decimalNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number a CSV cell stands for, or null; no hexadecimal, no grouping, no infinity. */
export function numberOfCell(cell: string): number | null {
  if (cell.length > 64 || !decimalNumber.test(cell)) return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}

export function addCell(column: ColumnTally, cell: string): void {
  const row = column.rows;
  column.rows += 1;
  const trimmed = cell.trim();
  if (trimmed === "") {
    column.emptyCells += 1;
    return;
  }
  addText(column, cell);
  if (isNullWord(trimmed)) {
    column.nullWords += 1;
    return;
  }
  const number = numberOfCell(trimmed);
  if (number === null) return;
  column.numbers += 1;
  column.allIntegers &&= Number.isInteger(number);
  if (number < column.min) column.min = number;
  if (number > column.max) column.max = number;
  keepNumber(column, row, number);
}

function addText(column: ColumnTally, text: string): void {
  const count = column.texts.get(text);
  if (text.includes("\0")) column.hasMoreTexts = true;
  else if (count !== undefined) column.texts.set(text, count + 1);
  else if (text.length > MAX_TEXT_LETTERS || column.texts.size >= column.maxTexts) {
    column.hasMoreTexts = true;
  } else column.texts.set(text, 1);
}

function keepNumber(column: ColumnTally, row: number, number: number): void {
  if (!isKept(row, column.thinning)) return;
  column.kept.push(number);
  column.keptRows.push(row);
  while (column.kept.length > column.maxNumbers) {
    column.thinning += 1;
    const stay = column.keptRows.map((keptRow) => isKept(keptRow, column.thinning));
    column.kept = column.kept.filter((_, index) => stay[index]);
    column.keptRows = column.keptRows.filter((_, index) => stay[index]);
  }
}

/** A choice that depends on nothing but the row number, spread so that no period of the file meets it (Knuth's multiplicative hash). */
function isKept(row: number, thinning: number): boolean {
  if (thinning === 0) return true;
  const mixed = Math.imul(row ^ (row >>> 15), 2_654_435_761) >>> 0;
  return (mixed ^ (mixed >>> 13)) % 2 ** thinning === 0;
}

export function finishColumn(column: ColumnTally): SampleColumn {
  const texts = [...column.texts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const { knots, isExact } = knotsOf(column);
  const hasMore = column.hasMoreTexts || texts.length > MAX_CATEGORIES;
  return {
    name: column.name,
    rows: column.rows,
    emptyCells: column.emptyCells,
    nullWords: column.nullWords,
    numbers: column.numbers,
    allIntegers: column.numbers > 0 && column.allIntegers,
    min: column.numbers > 0 ? column.min : null,
    max: column.numbers > 0 ? column.max : null,
    knots,
    knotsExact: isExact,
    categories: hasMore ? [] : texts,
    hasMoreCategories: hasMore,
  };
}

/** Every distinct value with the rows at or below it, or both ends one by one and even steps between. */
function knotsOf(column: ColumnTally): {
  readonly knots: readonly (readonly [number, number])[];
  readonly isExact: boolean;
} {
  const sorted = Float64Array.from(column.kept).sort();
  const scale = sorted.length === 0 ? 1 : column.numbers / sorted.length;
  const distinct: (readonly [number, number])[] = [];
  for (let index = 0; index < sorted.length; index += 1) {
    const value = sorted[index] ?? 0;
    if (value !== sorted[index + 1]) distinct.push([value, Math.round((index + 1) * scale)]);
  }
  const isWhole = sorted.length === column.numbers;
  if (distinct.length <= MAX_KNOTS) return { knots: distinct, isExact: isWhole };
  const inner = distinct.length - 2 * END_KNOTS;
  const steps = MAX_KNOTS - 2 * END_KNOTS;
  const middle = Array.from(
    { length: steps },
    (_, step) => END_KNOTS + Math.floor((step * inner) / steps),
  );
  const chosen = [
    ...Array.from({ length: END_KNOTS }, (_, index) => index),
    ...middle,
    ...Array.from({ length: END_KNOTS }, (_, index) => distinct.length - END_KNOTS + index),
  ];
  return { knots: pick(distinct, chosen), isExact: false };
}

function pick<T>(values: readonly T[], indices: readonly number[]): readonly T[] {
  return indices.flatMap((index) => {
    const value = values[index];
    return value === undefined ? [] : [value];
  });
}
