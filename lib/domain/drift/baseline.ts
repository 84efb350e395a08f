import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { InputContract, SampleColumn, SampleSummary } from "#lib/domain/contract/types.ts";
import { emptyCounts, type BinCounts, type Bins, type CategoricalBins, type NumericBins } from "./bins.ts";
import { baselineColumns, type ProfileColumn, type TrainingProfile } from "./training-profile.ts";

/** What a version's traffic is counted by and compared with: bins for its features and answers, placed in its tensors. */

/** Where a value lies: a column on the last axis of a tensor, or (null) every value of it. */
export type Place = { readonly tensor: string; readonly column: number | null };

export type PlacedBins = {
  readonly bins: Bins;
  readonly place: Place;
  /** Counts of the reference; null where it is still to be frozen from traffic. */
  readonly reference: BinCounts | null;
};

export type VersionBaseline = {
  readonly features: readonly PlacedBins[];
  /** The first one is the score, where the model gives one. */
  readonly outputs: readonly PlacedBins[];
  /** What could not be counted by, in words. */
  readonly notes: readonly string[];
};

/** Bins of a probability: 20 of equal width. */
export const PROBABILITY_BINS = 20;
const probabilityBins = (name: string): NumericBins => ({
  kind: "numeric",
  name,
  edges: Array.from({ length: PROBABILITY_BINS + 1 }, (_, index) => index / PROBABILITY_BINS),
});

const isFloat = ({ datatype }: TensorSignature): boolean => datatype === "FP32" || datatype === "FP64" || datatype === "FP16";
const SCORE_NAME = /prob|score/i;

/** The output that gives a probability, and of which class: the last of two columns, or the only column of one that is called so. */
function scoreOf(outputs: readonly TensorSignature[], classes: readonly string[], labelOutput: string | null): PlacedBins | null {
  for (const output of outputs) {
    if (output.name === labelOutput || !isFloat(output) || !SCORE_NAME.test(output.name)) continue;
    const width = output.shape.at(-1) ?? 1;
    const columns = output.shape.length < 2 ? 1 : width === -1 ? classes.length : width;
    if (columns === 2) {
      const positive = classes.length === 2 ? classes[1] : undefined;
      const name = positive === undefined ? `${output.name}[1]` : `${output.name} of ${positive}`;
      return { bins: probabilityBins(name), place: { tensor: output.name, column: 1 }, reference: null };
    }
    if (columns === 1) return { bins: probabilityBins(output.name), place: { tensor: output.name, column: null }, reference: null };
  }
  return null;
}

function labelBins(outputs: readonly TensorSignature[], classes: readonly string[], labelOutput: string | null): PlacedBins | null {
  const output = outputs.find(({ name }) => name === labelOutput);
  if (output === undefined || classes.length === 0 || isFloat(output)) return null;
  const bins: CategoricalBins = { kind: "categorical", name: output.name, values: classes.slice(0, 256) };
  return { bins, place: { tensor: output.name, column: null }, reference: null };
}

/** Places the columns of a profile by the field names of the contract. `classes`: in the order of the score's columns. */
export function baselineOfVersion(version: {
  readonly signature: ModelSignature;
  readonly contract: InputContract;
  readonly labelOutput: string | null;
  readonly classes: readonly string[];
  readonly profile: TrainingProfile | null;
}): VersionBaseline {
  const { signature, contract, labelOutput, profile } = version;
  const { columns, unusable } = profile === null ? { columns: [], unusable: [] } : baselineColumns(profile);
  const fields = new Map(contract.fields.map((field) => [field.field, field]));
  const classes = version.classes.length > 0 ? version.classes : (profile?.classes ?? []).map(({ label }) => label);
  const placed = columns.flatMap(({ bins, counts }): PlacedBins[] => {
    const field = fields.get(bins.name);
    return field === undefined ? [] : [{ bins, reference: counts, place: { tensor: field.input, column: field.column } }];
  });
  const strangers = columns.length - placed.length;
  const score = scoreOf(signature.outputs, classes, labelOutput);
  const label = labelBins(signature.outputs, classes, labelOutput);
  return {
    features: placed,
    outputs: [score, label].filter((one): one is PlacedBins => one !== null),
    notes: [
      ...(profile === null ? ["Neither a training profile nor a sample came with this version: its features are not compared."] : []),
      ...(strangers === 0 ? [] : [`${String(strangers)} of ${String(columns.length)} columns of the profile are no fields of the contract and are not compared.`]),
      ...(unusable.length === 0 ? [] : [`These columns of the profile have no usable bins: ${unusable.slice(0, 10).join(", ")}.`]),
    ],
  };
}

const SAMPLE_BINS = 10;

/** Edges that cut a sample's values into about equal parts; ties make fewer. Null for a constant. */
function edgesOf({ knots, min, max }: SampleColumn): readonly number[] | null {
  const all = knots.at(-1)?.[1] ?? 0;
  if (min === null || max === null || all === 0 || min === max) return null;
  const inner = Array.from({ length: SAMPLE_BINS - 1 }, (_, index) => {
    const rank = ((index + 1) * all) / SAMPLE_BINS;
    return knots.find(([, below]) => below >= rank)?.[0] ?? max;
  });
  const edges = [...new Set([min, ...inner, max])].sort((a, b) => a - b);
  return edges.length < 2 ? null : edges;
}

/** Values of a sample in [edges i, edges i+1), by its knots: `[value, values at or below it]`. */
function countsBetween(knots: SampleColumn["knots"], edges: readonly number[]): number[] {
  const below = (edge: number): number => {
    let count = 0;
    for (const [value, cumulative] of knots) {
      if (value >= edge) break;
      count = cumulative;
    }
    return count;
  };
  const all = knots.at(-1)?.[1] ?? 0;
  return edges.slice(0, -1).map((edge, index) => {
    const upper = index + 2 === edges.length ? all : below(edges[index + 1] ?? edge);
    return Math.max(0, upper - below(edge));
  });
}

const MAX_WHOLE_VALUES = 20;

function columnOfSample(column: SampleColumn): ProfileColumn | null {
  const nulls = column.emptyCells + column.nullWords;
  const isNumber = column.numbers > 0 && column.numbers + nulls === column.rows;
  const few = column.categories.length > 0 && !column.hasMoreCategories;
  if (few && (!isNumber || (column.allIntegers && column.categories.length <= MAX_WHOLE_VALUES))) {
    const values = column.categories.filter(([value]) => !isNumber || Number.isFinite(Number(value)));
    return { name: column.name, type: isNumber ? "integer" : "text", nulls: isNumber ? nulls : column.emptyCells, values: values.map(([value, count]) => ({ value: isNumber ? Number(value) : value, count })) };
  }
  const edges = isNumber ? edgesOf(column) : null;
  if (edges === null) return null;
  return { name: column.name, type: "number", nulls, mean: null, sd: null, binEdges: edges, binCounts: countsBetween(column.knots, edges) };
}

/** A profile of a sample file, for a version that came without one of its training data. */
export function profileOfSample(sample: SampleSummary): TrainingProfile {
  const features = sample.columns.map(columnOfSample).filter((column): column is ProfileColumn => column !== null);
  return { rows: sample.rows, features, classes: [] };
}

/**
 * Surprise, in bits, beyond which a row is called out of distribution: mean surprise of the reference plus three standard deviations, taken as if all
 * features moved together, so that correlated features raise no false flags. Surprise of a value in bin b: -log2((count b + 0.5) / (N + 0.5 B)).
 */
export function surpriseThreshold(features: readonly PlacedBins[]): number | null {
  const known = features.flatMap(({ reference }) => (reference === null ? [] : [reference.cells]));
  if (known.length === 0) return null;
  let mean = 0;
  let spread = 0;
  for (const cells of known) {
    const n = cells.reduce((sum, count) => sum + count, 0);
    if (n === 0) continue;
    const bits = cells.map((count) => -Math.log2((count + 0.5) / (n + 0.5 * cells.length)));
    const average = cells.reduce((sum, count, index) => sum + (count / n) * (bits[index] ?? 0), 0);
    const variance = cells.reduce((sum, count, index) => sum + (count / n) * ((bits[index] ?? 0) - average) ** 2, 0);
    mean += average;
    spread += Math.sqrt(variance);
  }
  const threshold = (mean + 3 * spread) / known.length;
  return threshold > 0 ? threshold : null;
}

/** The same bins with these counts as their reference: how a baseline is frozen from traffic. */
export function freezeReference(placed: readonly PlacedBins[], counts: readonly BinCounts[]): readonly PlacedBins[] {
  const byName = new Map(counts.map((one) => [one.name, one]));
  return placed.map((one) => ({ ...one, reference: one.reference ?? byName.get(one.bins.name) ?? emptyCounts(one.bins) }));
}
