import type { BaselineBins, MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import type { OipDatatype, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { SignatureSpec } from "../oip/signature-spec.ts";

/** Where a value that is in no cell goes, counted from the end of a place's cells. */
export const UNDER = 0;
export const OVER = 1;
export const UNSEEN = 2;
export const NULL = 3;
export const NAN = 4;
export const BESIDES = 5;

/** One feature or output, ready for counting. */
export type Place = {
  readonly name: string;
  /** Position of the tensor in the signature. */
  readonly tensor: number;
  readonly datatype: OipDatatype;
  readonly column: number | null;
  readonly cells: number;
  /** Where its counts begin in the window's one array. */
  readonly offset: number;
  /** Strictly rising; null where the cells are values. */
  readonly edges: Float64Array | null;
  readonly numbers: ReadonlyMap<number, number>;
  readonly texts: ReadonlyMap<string, number>;
  /** Bits of surprise by slot; null when it takes no part in the out-of-distribution flag. */
  readonly surprise: Float64Array | null;
};

/** A version's bins over its signature. Shared by all windows that count by it. */
export type MonitorLayout = {
  /** Tells layouts of one process apart, also those of one version. */
  readonly id: number;
  readonly binsHash: string;
  readonly features: readonly Place[];
  readonly outputs: readonly Place[];
  /** Length of the counts. */
  readonly slots: number;
  readonly oodThresholdBits: number | null;
};

/** Surprise of each slot in bits, smoothed by a half: -log2((count + 1/2) / (N + B/2)); what lies outside the cells counts 0. */
function surpriseOf(baseline: readonly number[], cells: number): Float64Array {
  const total = baseline.reduce((sum, count) => sum + count, 0) + 0.5 * cells;
  return Float64Array.from(
    { length: cells + BESIDES },
    (_, slot) => -Math.log2(((slot < cells ? (baseline[slot] ?? 0) : 0) + 0.5) / total),
  );
}

const isRising = (edges: readonly number[]): boolean =>
  edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge));

function placeOf(
  bins: BaselineBins,
  signatures: readonly TensorSignature[],
  offset: number,
): Place | null {
  const tensor = signatures.findIndex(({ name }) => name === bins.tensor);
  const signature = signatures[tensor];
  if (signature === undefined) return null;
  if (bins.kind === "numeric" && !isRising(bins.edges)) return null;
  const cells = bins.kind === "numeric" ? bins.edges.length - 1 : bins.values.length;
  const values = bins.kind === "numeric" ? [] : bins.values;
  return {
    name: bins.name,
    tensor,
    datatype: signature.datatype,
    column: bins.column,
    cells,
    offset,
    edges: bins.kind === "numeric" ? Float64Array.from(bins.edges) : null,
    numbers: new Map(values.map((value, cell) => [Number(value), cell])),
    texts: new Map(values.map((value, cell) => [value, cell])),
    surprise: bins.baseline === null ? null : surpriseOf(bins.baseline, cells),
  };
}

let nextId = 0;

/** Fits a baseline to a loaded version; bins of tensors that the version does not have are left out. */
export function compileLayout(baseline: MonitoringBaseline, spec: SignatureSpec): MonitorLayout {
  let slots = 0;
  const place = (bins: readonly BaselineBins[], signatures: readonly TensorSignature[]): Place[] =>
    bins.flatMap((one) => {
      const made = placeOf(one, signatures, slots);
      if (made === null) return [];
      slots += made.cells + BESIDES;
      return [made];
    });
  const features = place(baseline.features, spec.inputs);
  const outputs = place(baseline.outputs, spec.outputs);
  nextId = (nextId % 255) + 1;
  return {
    id: nextId,
    binsHash: baseline.binsHash,
    features,
    outputs,
    slots,
    oodThresholdBits: baseline.oodThresholdBits,
  };
}

/** The cell of a finite or infinite number between edges: bin i holds [edge i, edge i+1), the last one its upper edge too. */
export function cellOf(edges: Float64Array, value: number): number {
  const bins = edges.length - 1;
  if (value < (edges[0] ?? 0)) return bins + UNDER;
  const last = edges[bins] ?? 0;
  if (value >= last) return value === last ? bins - 1 : bins + OVER;
  let low = 0;
  let high = bins;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value < (edges[middle] ?? 0)) high = middle;
    else low = middle;
  }
  return low;
}
