import { cellOf, NAN, OVER, type Place, UNDER } from "./monitor-layout.ts";

/** Steps of the grid over a place's range, for each of its cells: enough that most values need no step from where the grid puts them. */
const GRID_PER_CELL = 4;

/**
 * The numeric columns of one float tensor, side by side in flat arrays, so that a row is counted by one loop over numbers.
 * Position `p` of each list is one place; `numbers[p]` is its position among the layout's features.
 */
export type ColumnRun = {
  readonly tensor: number;
  readonly length: number;
  /** A row must be at least this wide. */
  readonly width: number;
  readonly numbers: Int32Array;
  readonly columns: Int32Array;
  /** Where a place's counts begin in the window's one array. */
  readonly offsets: Int32Array;
  readonly cells: Int32Array;
  readonly edges: Float64Array;
  readonly edgesAt: Int32Array;
  /** For each step of a place's grid, the lowest cell that reaches into it. */
  readonly grid: Int32Array;
  readonly gridAt: Int32Array;
  readonly gridSteps: Int32Array;
  /** Grid steps in a unit of the value. */
  readonly gridScale: Float64Array;
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** Bits of surprise by slot, laid out like the edges; `surpriseAt` is -1 for a place that takes no part. */
  readonly surprise: Float64Array;
  readonly surpriseAt: Int32Array;
};

/** Whether a place is counted by runs: a column of numbers with bins. */
export const isColumnOfNumbers = (
  place: Place,
): place is Place & { readonly edges: Float64Array; readonly column: number } =>
  place.edges !== null && place.column !== null && place.datatype === "FP32";

function gridOf(edges: Float64Array): { readonly cells: Int32Array; readonly scale: number } {
  const bins = edges.length - 1;
  const [low, high] = [edges[0] ?? 0, edges[bins] ?? 0];
  const steps = bins * GRID_PER_CELL;
  const scale = steps / (high - low);
  // Too narrow or too wide for a grid: the search then walks from the first cell.
  if (!Number.isFinite(scale) || scale === 0) return { cells: new Int32Array(1), scale: 0 };
  const cells = Int32Array.from({ length: steps }, (_, step) =>
    Math.min(bins - 1, Math.max(0, cellOf(edges, low + step / scale))),
  );
  return { cells, scale };
}

/** Lays the places out; `numbers` are their positions among the layout's features. */
export function compileRun(
  tensor: number,
  places: readonly (Place & { readonly edges: Float64Array; readonly column: number })[],
  numbers: readonly number[],
): ColumnRun {
  const grids = places.map(({ edges }) => gridOf(edges));
  const startsOf = (lengths: readonly number[]): Int32Array => {
    let at = 0;
    return Int32Array.from(lengths, (length) => (at += length) - length);
  };
  const joined = (parts: readonly ArrayLike<number>[]): number[] =>
    parts.flatMap((part) => Array.from(part));
  const surprises = places.map(({ surprise }) => surprise ?? new Float64Array(0));
  const surpriseStarts = startsOf(surprises.map(({ length }) => length));
  return {
    tensor,
    length: places.length,
    width: 1 + places.reduce((widest, { column }) => Math.max(widest, column), -1),
    numbers: Int32Array.from(numbers),
    columns: Int32Array.from(places, ({ column }) => column),
    offsets: Int32Array.from(places, ({ offset }) => offset),
    cells: Int32Array.from(places, ({ cells }) => cells),
    edges: Float64Array.from(joined(places.map(({ edges }) => edges))),
    edgesAt: startsOf(places.map(({ edges }) => edges.length)),
    grid: Int32Array.from(joined(grids.map(({ cells }) => cells))),
    gridAt: startsOf(grids.map(({ cells }) => cells.length)),
    gridSteps: Int32Array.from(grids, ({ cells }) => cells.length),
    gridScale: Float64Array.from(grids, ({ scale }) => scale),
    lowest: Float64Array.from(places, ({ edges }) => edges[0] ?? 0),
    highest: Float64Array.from(places, ({ edges }) => edges.at(-1) ?? 0),
    surprise: Float64Array.from(joined(surprises)),
    surpriseAt: Int32Array.from(places, ({ surprise }, index) =>
      surprise === null ? -1 : (surpriseStarts[index] ?? 0),
    ),
  };
}

/** The cell of a number between a place's lowest and highest edge: a grid says where to look, comparisons with the edges decide. */
function cellInside(run: ColumnRun, p: number, value: number): number {
  const { edges, grid } = run;
  const distance = value - (run.lowest[p] ?? 0);
  const step = Math.min((run.gridSteps[p] ?? 1) - 1, (distance * (run.gridScale[p] ?? 0)) | 0);
  let cell = grid[(run.gridAt[p] ?? 0) + step] ?? 0;
  const edge = run.edgesAt[p] ?? 0;
  while (value < (edges[edge + cell] ?? 0)) cell -= 1;
  while (value >= (edges[edge + cell + 1] ?? Number.POSITIVE_INFINITY)) cell += 1;
  return cell;
}

/** The slot of a value within its place: the same as `cellOf` finds. */
function slotOfColumn(run: ColumnRun, p: number, value: number): number {
  const bins = run.cells[p] ?? 0;
  const high = run.highest[p] ?? 0;
  if (value >= (run.lowest[p] ?? 0) && value < high) return cellInside(run, p, value);
  if (value !== value) return bins + NAN;
  if (value === high) return bins - 1;
  return bins + (value > high ? OVER : UNDER);
}

/**
 * Bins the row that begins at `from` and answers its bits of surprise. From `at` on, `slots` takes positions in the window's one array of counts and
 * `values` the numbers, NaN for what is none or not finite.
 */
export function scanColumns(
  run: ColumnRun,
  data: Float32Array,
  from: number,
  slots: Int32Array,
  values: Float64Array,
  at: number,
): number {
  const { length, columns, offsets, surprise, surpriseAt } = run;
  let bits = 0;
  for (let p = 0; p < length; p += 1) {
    const value = data[from + (columns[p] ?? 0)] ?? Number.NaN;
    const slot = slotOfColumn(run, p, value);
    slots[at + p] = (offsets[p] ?? 0) + slot;
    values[at + p] = value - value === 0 ? value : Number.NaN;
    const own = surpriseAt[p] ?? -1;
    if (own >= 0) bits += surprise[own + slot] ?? 0;
  }
  return bits;
}

/** How many places of a run take part in the out-of-distribution flag. */
export const surprisedPlaces = ({ surpriseAt }: ColumnRun): number =>
  surpriseAt.reduce((sum, start) => sum + (start >= 0 ? 1 : 0), 0);
