import { cellOf, NAN, OVER, type Place, UNDER } from "./monitor-layout.ts";

/** Steps of the grid over a place's range, for each of its cells: enough that most values lie where the grid puts them. */
const GRID_PER_CELL = 4;

/** One column of numbers with its bins, made so that a value finds its cell without a search. */
type Column = {
  readonly column: number;
  /** Where its counts begin in the window's one array. */
  readonly offset: number;
  readonly cells: number;
  readonly edges: Float64Array;
  readonly lowest: number;
  readonly highest: number;
  /** For each step of the grid, the lowest cell that reaches into it. */
  readonly grid: Int32Array;
  readonly lastStep: number;
  /** Grid steps in a unit of the value. */
  readonly scale: number;
  /** Bits of surprise by slot; all 0 for a place that takes no part. */
  readonly surprise: Float64Array;
};

/** The columns of numbers of one float tensor, counted row by row in one loop. */
export type ColumnRun = {
  readonly tensor: number;
  /** A row must be at least this wide. */
  readonly width: number;
  readonly columns: readonly Column[];
  /** Positions of the places among the layout's features. */
  readonly numbers: Int32Array;
  /** How many of the places take part in the out-of-distribution flag. */
  readonly surprised: number;
};

type ColumnPlace = Place & { readonly edges: Float64Array; readonly column: number };

/** Whether a place is counted by runs: a column of FP32 numbers with bins. */
export const isColumnOfNumbers = (place: Place): place is ColumnPlace =>
  place.edges !== null && place.column !== null && place.datatype === "FP32";

function gridOf(edges: Float64Array): { readonly grid: Int32Array; readonly scale: number } {
  const bins = edges.length - 1;
  const [low, high] = [edges[0] ?? 0, edges[bins] ?? 0];
  const steps = bins * GRID_PER_CELL;
  const scale = steps / (high - low);
  // Too narrow or too wide for a grid: the search then walks from the first cell.
  if (!Number.isFinite(scale) || scale === 0) return { grid: new Int32Array(1), scale: 0 };
  const cellAt = (step: number): number =>
    Math.min(bins - 1, Math.max(0, cellOf(edges, low + step / scale)));
  return { grid: Int32Array.from({ length: steps }, (_, step) => cellAt(step)), scale };
}

function columnOf({ column, offset, cells, edges, surprise }: ColumnPlace): Column {
  const { grid, scale } = gridOf(edges);
  return {
    column,
    offset,
    cells,
    edges,
    lowest: edges[0] ?? 0,
    highest: edges.at(-1) ?? 0,
    grid,
    lastStep: grid.length - 1,
    scale,
    surprise: surprise ?? new Float64Array(cells + NAN + 1),
  };
}

/** Lays the places of one tensor out; `numbers` are their positions among the layout's features. */
export function compileRun(
  tensor: number,
  places: readonly ColumnPlace[],
  numbers: readonly number[],
): ColumnRun {
  return {
    tensor,
    width: 1 + places.reduce((widest, { column }) => Math.max(widest, column), -1),
    columns: places.map(columnOf),
    numbers: Int32Array.from(numbers),
    surprised: places.filter(({ surprise }) => surprise !== null).length,
  };
}

/** The slot of a value within its place, as `cellOf` finds it: a grid says where to look, comparisons with the edges decide. */
function slotOf(column: Column, value: number): number {
  const { cells, edges, lowest, highest } = column;
  if (value >= lowest && value < highest) {
    const step = Math.min(column.lastStep, ((value - lowest) * column.scale) | 0);
    let cell = column.grid[step] ?? 0;
    while (value < (edges[cell] ?? lowest)) cell -= 1;
    while (value >= (edges[cell + 1] ?? highest)) cell += 1;
    return cell;
  }
  if (value !== value) return cells + NAN;
  if (value === highest) return cells - 1;
  return cells + (value > highest ? OVER : UNDER);
}

/**
 * Bins the row that begins at `from` and answers its bits of surprise. From `at` on, `slots` takes positions in the window's one array of counts and
 * `values` the numbers, NaN for what is none or not finite.
 */
export function scanColumns(
  { columns }: ColumnRun,
  data: Float32Array,
  from: number,
  slots: Int32Array,
  values: Float64Array,
  at: number,
): number {
  let bits = 0;
  let next = at;
  for (const column of columns) {
    const value = data[from + column.column] ?? Number.NaN;
    const slot = slotOf(column, value);
    slots[next] = column.offset + slot;
    values[next] = value - value === 0 ? value : Number.NaN;
    bits += column.surprise[slot] ?? 0;
    next += 1;
  }
  return bits;
}
