import type { RecordCuts } from "./record-cuts.ts";

/** A part of an input that one runtime works off at a time. */
export type PartitionPlan = {
  readonly index: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly byteStart: number;
  readonly byteEnd: number;
};

type Span = Omit<PartitionPlan, "index">;

function spansOf({ cuts, rows, end }: RecordCuts): Span[] {
  return cuts.map(([firstRow, byteStart], index) => {
    const [nextRow, nextOffset] = cuts[index + 1] ?? [rows, end];
    return { firstRow, rows: nextRow - firstRow, byteStart, byteEnd: nextOffset };
  });
}

/** Cuts an input into partitions of about `rowsEach` rows. They cover every row once, in order. */
export function planPartitions(input: RecordCuts, rowsEach: number): PartitionPlan[] {
  const partitions: PartitionPlan[] = [];
  for (const span of spansOf(input)) {
    const last = partitions.at(-1);
    if (last === undefined || last.rows + span.rows > rowsEach) partitions.push({ index: partitions.length, ...span });
    else partitions[partitions.length - 1] = { ...last, rows: last.rows + span.rows, byteEnd: span.byteEnd };
  }
  return partitions;
}

/**
 * A slice of about `rows` rows spread evenly over the input: files are often sorted, so their beginning is no sample of them.
 * Whole spans between cuts are taken; the answer has at least one.
 */
export function planSlice(input: RecordCuts, rows: number): PartitionPlan[] {
  const spans = spansOf(input);
  const largest = Math.max(1, ...spans.map((span) => span.rows));
  const wanted = Math.min(spans.length, Math.max(1, Math.ceil(rows / largest)));
  return Array.from({ length: wanted }, (_, index) => {
    const span = spans[Math.floor(((index + 0.5) * spans.length) / wanted)];
    if (span === undefined) throw new Error("A slice lies within its input.");
    return { index, ...span };
  });
}
