import type { BinCounts, MonitoringCounts } from "#lib/contracts/runtime-telemetry.ts";
import { OTHER_CLASS } from "#lib/domain/release/window.ts";
import { halfToNumber } from "#lib/domain/contract/half-float.ts";
import type { Tensor } from "../oip/tensor.ts";
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
  // What most features are, without the questions that the others need.
  if (edges !== null && data instanceof Float32Array) {
    const value = data[index] ?? Number.NaN;
    if (value !== value) {
      found.value = Number.NaN;
      return cells + NAN;
    }
    found.value = value - value === 0 ? value : Number.NaN;
    return cellOf(edges, value);
  }
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

export function createMonitorCounts(layout: MonitorLayout): MonitorCounts {
  const { features, outputs, oodThresholdBits } = layout;
  const counts = new Float64Array(layout.slots);
  const places = [...features, ...outputs];
  /** n, mean and m2 of each place. */
  const moments = new Float64Array(3 * places.length);
  const labels = new Map<string, Float64Array>();
  const score: Score = { value: Number.NaN, cell: NO_CELL };
  let scannedSlots = new Int32Array(64);
  let scannedValues = new Float64Array(64);
  let scanned = 0;
  let scannedRows = 0;
  let skipped = 0;
  const bits = new Float64Array(MAX_ROWS);
  const bitsOf = new Uint32Array(MAX_ROWS);
  let [rows, rowsSkipped, oodRows, oodScanned] = [0, 0, 0, 0];

  const addMoment = (place: number, value: number): void => {
    const at = 3 * place;
    const n = (moments[at] ?? 0) + 1;
    const mean = moments[at + 1] ?? 0;
    const delta = value - mean;
    const next = mean + delta / n;
    moments[at] = n;
    moments[at + 1] = next;
    moments[at + 2] = (moments[at + 2] ?? 0) + delta * (value - next);
  };
  const note = (slot: number, place: number): void => {
    if (scanned === scannedSlots.length / 2) {
      const [slots, values] = [scannedSlots, scannedValues];
      scannedSlots = new Int32Array(slots.length * 2);
      scannedSlots.set(slots);
      scannedValues = new Float64Array(values.length * 2);
      scannedValues.set(values);
    }
    scannedSlots[2 * scanned] = slot;
    scannedSlots[2 * scanned + 1] = place;
    scannedValues[scanned] = found.value;
    scanned += 1;
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
  const addScanned = (): void => {
    for (let index = 0; index < scanned; index += 1) {
      const slot = scannedSlots[2 * index] ?? 0;
      counts[slot] = (counts[slot] ?? 0) + 1;
      const value = scannedValues[index] ?? Number.NaN;
      if (value === value) addMoment(scannedSlots[2 * index + 1] ?? 0, value);
    }
    scanned = 0;
  };
  const countOod = (): void => {
    oodScanned = 0;
    if (oodThresholdBits === null) return;
    for (let row = 0; row < scannedRows; row += 1)
      if ((bits[row] ?? 0) > oodThresholdBits * (bitsOf[row] ?? 0)) oodScanned += 1;
  };
  const countsOf = (place: Place, number: number): BinCounts => {
    const { name, offset, cells } = place;
    const at = (slot: number): number => counts[offset + cells + slot] ?? 0;
    const [n, mean, m2] = [0, 1, 2].map((part) => moments[3 * number + part] ?? 0);
    return {
      name,
      cells: Array.from(counts.subarray(offset, offset + cells)),
      under: at(UNDER),
      over: at(OVER),
      unseen: at(UNSEEN),
      nulls: at(NULL),
      nan: at(NAN),
      moments:
        n === undefined || n < FEWEST_FOR_MOMENTS
          ? null
          : { n, mean: mean ?? 0, m2: Math.max(0, m2 ?? 0) },
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
      features.forEach((place, number) => {
        const tensor = tensors[place.tensor];
        if (tensor !== undefined) scanPlace(place, number, tensor);
      });
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
          const cell = (scannedSlots[0] ?? 0) - place.offset;
          score.value = scannedValues[0] ?? Number.NaN;
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
      moments.fill(0);
      labels.clear();
      [rows, rowsSkipped, oodRows] = [0, 0, 0];
    },
  };
}
