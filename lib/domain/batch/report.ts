import { addCounts, addDifferences, type DifferenceTally } from "./difference.ts";

type Counts = Readonly<Record<string, number>>;
export type FieldCounts = Readonly<Record<string, { readonly null: number; readonly range: number; readonly domain: number }>>;

/** What was counted over rows: contract, answers by class, time in the model. */
export type RowReport = {
  readonly answered: number;
  readonly failed: number;
  readonly refused: number;
  readonly flagged: FieldCounts;
  readonly imputed: FieldCounts;
  readonly predictions: Counts;
  readonly modelUs: number;
  readonly difference: DifferenceTally | null;
};

export const EMPTY_REPORT: RowReport = {
  answered: 0,
  failed: 0,
  refused: 0,
  flagged: {},
  imputed: {},
  predictions: {},
  modelUs: 0,
  difference: null,
};

function addFields(a: FieldCounts, b: FieldCounts): FieldCounts {
  const sum = new Map(Object.entries(a));
  for (const [field, other] of Object.entries(b)) {
    const own = sum.get(field) ?? { null: 0, range: 0, domain: 0 };
    sum.set(field, { null: own.null + other.null, range: own.range + other.range, domain: own.domain + other.domain });
  }
  return Object.fromEntries(sum);
}

/** The report over the rows of both. */
export const addReports = (a: RowReport, b: RowReport): RowReport => ({
  answered: a.answered + b.answered,
  failed: a.failed + b.failed,
  refused: a.refused + b.refused,
  flagged: addFields(a.flagged, b.flagged),
  imputed: addFields(a.imputed, b.imputed),
  predictions: addCounts(a.predictions, b.predictions),
  modelUs: a.modelUs + b.modelUs,
  difference:
    a.difference === null || b.difference === null ? (a.difference ?? b.difference) : addDifferences(a.difference, b.difference),
});
