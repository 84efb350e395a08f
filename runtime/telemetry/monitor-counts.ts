import type { BinCounts, MonitoringCounts } from "#lib/contracts/runtime-telemetry.ts";
import { OTHER_CLASS } from "#lib/domain/release/window.ts";
import { halfToNumber } from "#lib/domain/contract/half-float.ts";
import type { Tensor } from "../oip/tensor.ts";
import { compileRun, isColumnOfNumbers, scanColumns, type ColumnRun } from "./column-run.ts";
import { cellOf, NAN, NULL, OVER, UNDER, UNSEEN } from "./monitor-layout.ts";
import type { MonitorLayout, Place } from "./monitor-layout.ts";

/** Rows of one request that are counted; more are served, and only their number is kept. */
const MAX_ROWS = 1024;
/** Values of a place without a column that are counted of each row, evenly spread: an image has thousands. */
const MAX_VALUES_A_ROW = 64;
/** Below so many values a mean would come near to telling them. */
const FEWEST_FOR_MOMENTS = 5;
const MAX_LABELS = 16;

/** What the answer's score was, so that a label can be counted by it later. */
export type Score = { value: number; cell: number };

/** The counts of one window by one layout. Counting a request allocates nothing. */
export type MonitorCounts = {
  readonly layout: MonitorLayout;
  /** Reads the inputs as they came, before the contract may replace values. Counts nothing yet. */
  scan(tensors: readonly Pick<Tensor, "shape" | "data" | "nulls">[]): void;
  /** The contract let them pass: counts what was read last, and answers how many rows were out of distribution. */
  commit(): number;
  /** Counts the answer; `outputIndexes` are the outputs' positions in the signature, null = all in order. Answers the score of a single row; the object is reused. */
  countOutputs(
    outputs: readonly Pick<Tensor, "shape" | "data" | "nulls">[],
    outputIndexes: readonly number[] | null,
  ): Score;
  countLabel(label: string, cell: number): void;
  report(): MonitoringCounts;
  reset(): void;
};

export const NO_CELL = 0xffff;

type Data = Pick<Tensor, "shape" | "data" | "nulls">;

/** Slot of a value in its place, and the value itself in `found.value` (NaN when it is no finite number). */
const found = { value: Number.NaN };

function slotOf(place: Place, { data, nulls }: Data, index: number): number {
  const { cells, edges, datatype } = place;
  found.value = Number.NaN;
  if (nulls !== null && nulls[index] === 1) return cells + NULL;
  if (Array.isArray(data)) {
    const text = data[index] ?? "";
    if (text === "") return cells + NULL;
    return edges === null ? (place.texts.get(text) ?? cells + UNSEEN) : cells + UNSEEN;
  }
  const raw = data[index] ?? 0;
  const value = datatype === "FP16" ? halfToNumber(Number(raw)) : Number(raw);
  if (Number.isNaN(value)) return cells + NAN;
  if (value - value === 0) found.value = value;
  return edges === null ? (place.numbers.get(value) ?? cells + UNSEEN) : cellOf(edges, value);
}

/** How many rows a tensor holds, and how many values each: without a batch dimension everything is one row. */
function rowsOf({ shape, data }: Data): number {
  const rows = shape.length === 0 ? 1 : (shape[0] ?? 1);
  return data.length === 0 || rows === 0 || data.length % rows !== 0 ? 0 : rows;
}

/** Sums are taken of distances from the middle of a place's range: near zero they lose no digits, and a sum costs less than a running mean. */
const middleOf = ({ edges }: Place): number => (edges === null ? 0 : (edges[edges.length >> 1] ?? 0));

/** Features that are columns of numbers, by tensor, with their positions; and the positions of the rest. */
type Grouping = {
  readonly groups: readonly { readonly run: ColumnRun; readonly members: readonly number[] }[];
  readonly loose: readonly number[];
};

function groupFeatures(features: readonly Place[]): Grouping {
  const columns = features.flatMap((place, number) => (isColumnOfNumbers(place) ? [{ place, number }] : []));
  const groups = [...new Set(columns.map(({ place }) => place.tensor))].map((tensor) => {
    const own = columns.filter(({ place }) => place.tensor === tensor);
    const members = own.map(({ number }) => number);
    return { run: compileRun(tensor, own.map(({ place }) => place), members), members };
  });
  return { groups, loose: features.flatMap((place, number) => (isColumnOfNumbers(place) ? [] : [number])) };
}

/** Where the rows of a tensor begin, when a run can be read from it: rows of plain floats, wide enough. Null when it cannot. */
function rowsForRun({ width }: ColumnRun, { shape, data, nulls }: Data): { readonly rows: number; readonly width: number } | null {
  if (!(data instanceof Float32Array) || nulls !== null || data.length === 0) return null;
  const [first = 0, second = 0] = shape;
  // A vector with named columns is one row.
  if (shape.length === 1 && first >= width) return { rows: 1, width: first };
  return shape.length === 2 && second >= width ? { rows: first, width: second } : null;
}

export function createMonitorCounts(layout: MonitorLayout): MonitorCounts {
  const { features, outputs, oodThresholdBits } = layout;
  const counts = new Float64Array(layout.slots);
  const places = [...features, ...outputs];
  const { groups, loose } = groupFeatures(features);
  const middles = Float64Array.from(places, middleOf);
  /** Number, sum and sum of squares of each place's distances from its middle. */
  const momentN = new Float64Array(places.length);
  const momentSum = new Float64Array(places.length);
  const momentSquares = new Float64Array(places.length);
  const labels = new Map<string, Float64Array>();
  const score: Score = { value: Number.NaN, cell: NO_CELL };
  /** What was scanned and is not counted yet: where it counts, for which place, and the value. */
  let slots = new Int32Array(64);
  let numbers = new Int32Array(64);
  let values = new Float64Array(64);
  let scanned = 0;
  let scannedRows = 0;
  let skipped = 0;
  const bits = new Float64Array(MAX_ROWS);
  const bitsOf = new Uint32Array(MAX_ROWS);
  let [rows, rowsSkipped, oodRows, oodScanned] = [0, 0, 0, 0];

  /** Makes room for `more` values. */
  const reserve = (more: number): void => {
    if (scanned + more <= slots.length) return;
    const length = 2 ** Math.ceil(Math.log2(scanned + more));
    const [oldSlots, oldNumbers, oldValues] = [slots, numbers, values];
    slots = new Int32Array(length);
    numbers = new Int32Array(length);
    values = new Float64Array(length);
    slots.set(oldSlots);
    numbers.set(oldNumbers);
    values.set(oldValues);
  };
  const note = (slot: number, place: number): void => {
    reserve(1);
    slots[scanned] = slot;
    numbers[scanned] = place;
    values[scanned] = found.value;
    scanned += 1;
  };
  /** Counts a run by its flat arrays; false when the tensor is not of the kind it takes. */
  const scanRun = (run: ColumnRun, tensor: Data): boolean => {
    const rowsHere = rowsForRun(run, tensor);
    if (rowsHere === null || !(tensor.data instanceof Float32Array)) return false;
    const rowCount = Math.min(rowsHere.rows, MAX_ROWS);
    reserve(rowCount * run.columns.length);
    for (let row = 0; row < rowCount; row += 1) {
      bits[row] = (bits[row] ?? 0) + scanColumns(run, tensor.data, row * rowsHere.width, slots, values, scanned);
      bitsOf[row] = (bitsOf[row] ?? 0) + run.surprised;
      numbers.set(run.numbers, scanned);
      scanned += run.columns.length;
    }
    return true;
  };
  const scanPlace = (place: Place, number: number, tensor: Data): void => {
    const all = rowsOf(tensor);
    const isVector = place.column !== null && tensor.shape.length === 1;
    const rowCount = isVector ? 1 : Math.min(all, MAX_ROWS);
    const width = all === 0 ? 0 : tensor.data.length / (isVector ? 1 : all);
    const from = place.column ?? 0;
    const stride =
      place.column === null
        ? Math.max(1, Math.ceil(width / MAX_VALUES_A_ROW))
        : (tensor.shape.at(-1) ?? 1);
    for (let row = 0; row < rowCount; row += 1) {
      for (let at = from; at < width; at += stride) {
        const slot = slotOf(place, tensor, row * width + at);
        note(place.offset + slot, number);
        if (place.surprise === null) continue;
        bits[row] = (bits[row] ?? 0) + (place.surprise[slot] ?? 0);
        bitsOf[row] = (bitsOf[row] ?? 0) + 1;
      }
    }
  };
  const scanPlaces = (members: readonly number[], tensors: readonly Data[]): void => {
    for (const number of members) {
      const place = features[number];
      const tensor = place === undefined ? undefined : tensors[place.tensor];
      if (place !== undefined && tensor !== undefined) scanPlace(place, number, tensor);
    }
  };
  const addScanned = (): void => {
    for (let index = 0; index < scanned; index += 1) {
      const slot = slots[index] ?? 0;
      counts[slot] = (counts[slot] ?? 0) + 1;
      const value = values[index] ?? Number.NaN;
      if (value !== value) continue;
      const place = numbers[index] ?? 0;
      const distance = value - (middles[place] ?? 0);
      momentN[place] = (momentN[place] ?? 0) + 1;
      momentSum[place] = (momentSum[place] ?? 0) + distance;
      momentSquares[place] = (momentSquares[place] ?? 0) + distance * distance;
    }
    scanned = 0;
  };
  const countOod = (): void => {
    oodScanned = 0;
    if (oodThresholdBits === null) return;
    for (let row = 0; row < scannedRows; row += 1)
      if ((bits[row] ?? 0) > oodThresholdBits * (bitsOf[row] ?? 0)) oodScanned += 1;
  };
  /** Null also where numbers are too large for their squares. */
  const momentsOf = (number: number): BinCounts["moments"] => {
    const n = momentN[number] ?? 0;
    if (n < FEWEST_FOR_MOMENTS) return null;
    const sum = momentSum[number] ?? 0;
    const mean = (middles[number] ?? 0) + sum / n;
    const m2 = Math.max(0, (momentSquares[number] ?? 0) - (sum * sum) / n);
    return Number.isFinite(mean) && Number.isFinite(m2) ? { n, mean, m2 } : null;
  };
  const countsOf = (place: Place, number: number): BinCounts => {
    const { name, offset, cells } = place;
    const at = (slot: number): number => counts[offset + cells + slot] ?? 0;
    return {
      name,
      cells: Array.from(counts.subarray(offset, offset + cells)),
      under: at(UNDER),
      over: at(OVER),
      unseen: at(UNSEEN),
      nulls: at(NULL),
      nan: at(NAN),
      moments: momentsOf(number),
    };
  };

  return {
    layout,
    scan(tensors) {
      scanned = 0;
      const [first] = tensors;
      const all = first === undefined ? 0 : first.shape.length === 0 ? 1 : rowsOf(first);
      scannedRows = Math.min(all, MAX_ROWS);
      skipped = all - scannedRows;
      bits.fill(0, 0, scannedRows);
      bitsOf.fill(0, 0, scannedRows);
      for (const { run, members } of groups) {
        const tensor = tensors[run.tensor];
        if (tensor !== undefined && !scanRun(run, tensor)) scanPlaces(members, tensors);
      }
      scanPlaces(loose, tensors);
      countOod();
    },
    commit() {
      addScanned();
      rows += scannedRows;
      rowsSkipped += skipped;
      oodRows += oodScanned;
      return oodScanned;
    },
    countOutputs(given, outputIndexes) {
      score.value = Number.NaN;
      score.cell = NO_CELL;
      outputs.forEach((place, number) => {
        const position =
          outputIndexes === null ? place.tensor : outputIndexes.indexOf(place.tensor);
        const tensor = given[position];
        if (tensor === undefined) return;
        scanned = 0;
        scanPlace(place, features.length + number, tensor);
        if (number === 0 && scanned === 1) {
          const cell = (slots[0] ?? 0) - place.offset;
          score.value = values[0] ?? Number.NaN;
          // Unseen, null and not-a-number scores say nothing about a label.
          score.cell = cell <= place.cells + OVER ? cell : NO_CELL;
        }
        addScanned();
      });
      return score;
    },
    countLabel(label, cell) {
      const [place] = outputs;
      if (place === undefined || cell > place.cells + OVER) return;
      const name = labels.has(label) || labels.size < MAX_LABELS ? label : OTHER_CLASS;
      const row = labels.get(name) ?? new Float64Array(place.cells + 2);
      row[cell] = (row[cell] ?? 0) + 1;
      labels.set(name, row);
    },
    report: () => ({
      binsHash: layout.binsHash,
      rows,
      rowsSkipped,
      oodRows,
      features: features.map(countsOf),
      outputs: outputs.map((place, number) => countsOf(place, features.length + number)),
      labelsByScore: [...labels].map(([label, row]) => [label, Array.from(row)]),
    }),
    reset() {
      counts.fill(0);
      momentN.fill(0);
      momentSum.fill(0);
      momentSquares.fill(0);
      labels.clear();
      [rows, rowsSkipped, oodRows] = [0, 0, 0];
    },
  };
}
