import { emptyCounts, type BinCounts, type Bins, type CategoricalBins, type NumericBins } from "./bins.ts";

/**
 * A training profile: counts of each column of the data that a version was trained on, as its author sends them along.
 * Values themselves are not in it.
 */
export type ProfileColumn =
  | {
      readonly name: string;
      readonly type: "number";
      readonly nulls: number;
      readonly mean: number | null;
      readonly sd: number | null;
      /** One more than counts; strictly rising. */
      readonly binEdges: readonly number[];
      readonly binCounts: readonly number[];
    }
  | {
      readonly name: string;
      readonly type: "integer" | "text";
      readonly nulls: number;
      readonly values: readonly { readonly value: string | number; readonly count: number }[];
    };

export type TrainingProfile = {
  readonly rows: number;
  readonly features: readonly ProfileColumn[];
  readonly classes: readonly { readonly label: string; readonly count: number }[];
};

/** Bins with the counts of the reference. */
export type BaselineColumn = {
  readonly bins: Bins;
  readonly counts: BinCounts;
};

/** Categories beyond the most frequent ones share a cell with those never seen: a bound on what windows carry. */
export const MAX_PROFILE_VALUES = 50;

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

function numericColumn(column: Extract<ProfileColumn, { type: "number" }>): BaselineColumn {
  const bins: NumericBins = { kind: "numeric", name: column.name, edges: column.binEdges };
  const n = total(column.binCounts);
  const moments =
    column.mean === null || column.sd === null ? null : { n, mean: column.mean, m2: column.sd * column.sd * n };
  return { bins, counts: { ...emptyCounts(bins), cells: column.binCounts, nulls: column.nulls, moments } };
}

function categoricalColumn(column: Extract<ProfileColumn, { type: "integer" | "text" }>): BaselineColumn {
  const byCount = [...column.values].sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1));
  const kept = byCount.slice(0, MAX_PROFILE_VALUES);
  const bins: CategoricalBins = { kind: "categorical", name: column.name, values: kept.map(({ value }) => String(value)) };
  const rest = total(byCount.slice(MAX_PROFILE_VALUES).map(({ count }) => count));
  return {
    bins,
    counts: { ...emptyCounts(bins), cells: kept.map(({ count }) => count), unseen: rest, nulls: column.nulls },
  };
}

/** Whether the edges and counts of a column can be counted by. */
function isUsable(column: ProfileColumn): boolean {
  if (column.type !== "number") return column.values.length > 0;
  const { binEdges, binCounts } = column;
  return (
    binEdges.length === binCounts.length + 1 &&
    binCounts.length > 0 &&
    binEdges.every((edge, index) => Number.isFinite(edge) && (index === 0 || edge > (binEdges[index - 1] ?? edge)))
  );
}

/** The columns that can be counted by, as bins with their reference counts; the others are named. */
export function baselineColumns(profile: TrainingProfile): {
  readonly columns: readonly BaselineColumn[];
  readonly unusable: readonly string[];
} {
  return {
    columns: profile.features
      .filter(isUsable)
      .map((column) => (column.type === "number" ? numericColumn(column) : categoricalColumn(column))),
    unusable: profile.features.filter((column) => !isUsable(column)).map(({ name }) => name),
  };
}
