import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { checkSample, matchColumns, nullsOf } from "./check-sample.ts";
import {
  contractSlots,
  integerBounds,
  isFloat,
  isNumeric,
  valuesPerRow,
  type ContractSlot,
} from "./contract-slots.ts";
import type {
  ContractField,
  FieldRange,
  FieldType,
  InferredContract,
  SampleColumn,
  SampleSummary,
} from "./types.ts";

/** Room left on each side of what the sample shows, as a share of its spread. */
export const RANGE_MARGIN = 0.1;

/** With fewer rows, or with categories seen only once, others are to be expected. */
const MIN_ROWS_FOR_CLOSED_DOMAIN = 100;

export type InferenceInput = {
  readonly signature: ModelSignature;
  /** Column names by input, as an inspection has them. */
  readonly features: Readonly<Record<string, readonly string[]>> | null;
  readonly sample?: SampleSummary | null;
};

/**
 * Proposes a contract. Types come from the signature. Without a sample every field refuses nulls and has no limits. With one: numeric fields get the observed range
 * widened by a tenth of its spread on each side and rounded outward, and flag what is outside; text fields with at most 100 values get them as domain, and refuse others
 * unless some were seen only once; floats and texts that are null in the sample may be null.
 */
export function inferContract({ signature, features, sample }: InferenceInput): InferredContract {
  const slots = contractSlots(signature, features);
  if (sample === undefined || sample === null) {
    return {
      contract: { fields: slots.map(unlimited) },
      sampleChecks: [],
      notes: ["No sample was given: nulls are refused, values have no limits yet."],
    };
  }
  const sizes = new Map(signature.inputs.map((tensor) => [tensor.name, valuesPerRow(tensor)]));
  const columns = matchColumns(
    slots.map(({ field, input, column }) => ({
      field,
      values: column === null ? (sizes.get(input) ?? null) : 1,
    })),
    sample,
  );
  const fields = slots.map((slot) => fieldFromSample(slot, columns.get(slot.field) ?? []));
  const contract = { fields };
  const used = new Set([...columns.values()].flat().map((column) => column.name));
  return {
    contract,
    sampleChecks: checkSample(contract, sample, columns),
    notes: notesOf(slots, sample, new Set(columns.keys()), used),
  };
}

function unlimited(slot: ContractSlot): ContractField {
  return {
    ...slot,
    nulls: "reject",
    imputeValue: null,
    range: null,
    domain: null,
    action: "flag",
    unit: null,
  };
}

function fieldFromSample(slot: ContractSlot, columns: readonly SampleColumn[]): ContractField {
  const field = unlimited(slot);
  if (columns.length === 0) return field;
  const hasNulls = columns.some((column) => nullsOf(slot.type, column) > 0);
  const canBeNull = isFloat(slot.type) || slot.type === "string";
  const nulls = hasNulls && canBeNull ? "allow" : "reject";
  if (isNumeric(slot.type)) return { ...field, nulls, range: observedRange(slot, columns) };
  return slot.type === "string"
    ? { ...field, nulls, ...observedDomain(columns) }
    : { ...field, nulls };
}

function observedRange(slot: ContractSlot, columns: readonly SampleColumn[]): FieldRange | null {
  const lows = columns.flatMap((column) => column.min ?? []);
  const highs = columns.flatMap((column) => column.max ?? []);
  if (lows.length === 0) return null;
  const least = Math.min(...lows);
  const greatest = Math.max(...highs);
  return widened(least, greatest, isFloat(slot.type) ? null : slot.type);
}

/**
 * Observed least and greatest, a tenth of the spread further out, rounded outward to a round number. What was never negative stays so.
 * For integers also whole and within the type.
 */
export function widened(
  least: number,
  greatest: number,
  integerType: FieldType | null,
): FieldRange {
  const spread = greatest - least;
  const margin =
    spread > 0
      ? spread * RANGE_MARGIN
      : Math.max(Math.abs(least) * RANGE_MARGIN, integerType === null ? 0.1 : 1);
  const step = 10 ** Math.floor(Math.log10(Math.max(spread, margin)) - 1);
  // Too wide or too narrow for a round number in between.
  if (!Number.isFinite(step) || step === 0) return { min: least, max: greatest };
  const unit = integerType === null ? step : Math.max(1, step);
  let min = tidy(Math.floor((least - margin) / unit) * unit, unit);
  let max = tidy(Math.ceil((greatest + margin) / unit) * unit, unit);
  if (least >= 0 && min < 0) min = 0;
  if (greatest <= 0 && max > 0) max = 0;
  if (integerType === null) {
    const limit = Number.MAX_VALUE;
    return {
      min: Math.min(least, Math.max(-limit, min)),
      max: Math.max(greatest, Math.min(limit, max)),
    };
  }
  const [lowest, highest] = integerBounds(integerType);
  const within = (value: number): number => Math.min(highest, Math.max(lowest, value));
  return {
    min: within(Math.min(min, Math.floor(least))),
    max: within(Math.max(max, Math.ceil(greatest))),
  };
}

/** Takes out the digits that binary fractions add: 0.30000000000000004 is 0.3. */
function tidy(value: number, unit: number): number {
  const decimals = unit < 1 ? Math.min(100, Math.ceil(-Math.log10(unit)) + 1) : 0;
  return Math.abs(value) < 1e21 ? Number(value.toFixed(decimals)) : value;
}

function observedDomain(
  columns: readonly SampleColumn[],
): Pick<ContractField, "domain" | "action"> {
  if (columns.some((column) => column.hasMoreCategories)) return { domain: null, action: "flag" };
  const categories = columns.flatMap((column) => column.categories);
  const domain = [...new Set(categories.map(([text]) => text))].sort();
  const rows = columns.reduce((sum, column) => sum + column.rows, 0);
  const isClosed = rows >= MIN_ROWS_FOR_CLOSED_DOMAIN && categories.every(([, count]) => count > 1);
  return domain.length === 0
    ? { domain: null, action: "flag" }
    : { domain, action: isClosed ? "reject" : "flag" };
}

const list = (names: readonly string[]): string =>
  names.length > 5
    ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`
    : names.join(", ");

function notesOf(
  slots: readonly ContractSlot[],
  sample: SampleSummary,
  matched: ReadonlySet<string>,
  used: ReadonlySet<string>,
): readonly string[] {
  const missing = slots.filter((slot) => !matched.has(slot.field)).map((slot) => slot.field);
  const spare = sample.columns
    .filter((column) => !used.has(column.name))
    .map((column) => column.name);
  const many = sample.columns.filter(
    (column) => used.has(column.name) && column.hasMoreCategories && column.numbers === 0,
  );
  return [
    `Ranges are what ${sample.rows} sample rows show, ${RANGE_MARGIN * 100} % of the spread wider on each side and rounded outward.`,
    ...(missing.length > 0
      ? [`The sample has no column for ${list(missing)}: no limits yet.`]
      : []),
    ...(spare.length > 0 ? [`Not used from the sample: ${list(spare)}.`] : []),
    ...many.map((column) => `${column.name} has more than 100 different values: no domain.`),
  ];
}
