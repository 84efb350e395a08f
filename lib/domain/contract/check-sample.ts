import { isNumeric } from "./contract-slots.ts";
import type {
  ContractField,
  FieldType,
  FieldSampleCheck,
  InputContract,
  SampleColumn,
  SampleSummary,
} from "./types.ts";

/** At most this share of the sample may be refused by a contract before somebody should look, as on the register screen. */
export const MAX_REFUSED_SHARE = 0.01;

/** Which sample columns speak of which field. */
export type ColumnsOfField = ReadonlyMap<string, readonly SampleColumn[]>;

/**
 * Sample columns by field: by name, else by name without regard to case; for a tensor of several values under one rule, the group of columns whose names
 * differ only in their numbers and are as many as the tensor has values (`pixel_0_0` ... `pixel_7_7`).
 */
export function matchColumns(
  fields: readonly { readonly field: string; readonly values: number | null }[],
  sample: SampleSummary,
): ColumnsOfField {
  const byName = new Map(sample.columns.map((column) => [column.name, column]));
  const byLowerName = new Map(sample.columns.map((column) => [column.name.toLowerCase(), column]));
  const groups = numberedGroups(sample.columns);
  const matched = new Map<string, readonly SampleColumn[]>();
  for (const { field, values } of fields) {
    const column = byName.get(field) ?? byLowerName.get(field.toLowerCase());
    if (column !== undefined) matched.set(field, [column]);
    else if (values !== null && values > 1) {
      const fitting = groups.filter((group) => group.length === values);
      const [only] = fitting;
      if (only !== undefined && fitting.length === 1) matched.set(field, only);
    }
  }
  return matched;
}

function numberedGroups(columns: readonly SampleColumn[]): readonly (readonly SampleColumn[])[] {
  const groups = new Map<string, SampleColumn[]>();
  for (const column of columns) {
    const pattern = column.name.replace(/\d+/g, "#");
    const group = groups.get(pattern);
    if (group === undefined) groups.set(pattern, [column]);
    else group.push(column);
  }
  return [...groups.values()];
}

/**
 * What each field's rules would do to the sample; fields without a column in it are left out. For several columns under one rule the counts are
 * the sum over columns, at most the number of rows.
 */
export function checkSample(
  contract: InputContract,
  sample: SampleSummary,
  columns: ColumnsOfField,
): readonly FieldSampleCheck[] {
  return contract.fields.flatMap((field) => {
    const own = columns.get(field.field);
    return own === undefined ? [] : [checkColumns(field, own, sample.rows)];
  });
}

function checkColumns(
  field: ContractField,
  columns: readonly SampleColumn[],
  rows: number,
): FieldSampleCheck {
  let nullRows = 0;
  let outsideRows = 0;
  let isExact = columns.length === 1;
  for (const column of columns) {
    const outside = outsideOf(field, column);
    nullRows += nullsOf(field.type, column);
    outsideRows += outside.rows;
    isExact &&= outside.isExact;
  }
  nullRows = Math.min(rows, nullRows);
  outsideRows = Math.min(rows, outsideRows);
  const refused =
    (field.nulls === "reject" ? nullRows : 0) + (field.action === "reject" ? outsideRows : 0);
  return {
    field: field.field,
    rows,
    nullRows,
    outsideRows,
    refusedRows: Math.min(rows, refused),
    isExact: isExact || nullRows + outsideRows === 0,
  };
}

/** Cells that are null in a field of this type. */
export function nullsOf(type: FieldType, column: SampleColumn): number {
  return column.emptyCells + (type === "string" ? 0 : column.nullWords);
}

type Counted = { readonly rows: number; readonly isExact: boolean };

/** Rows outside range or domain; cells that are no number in a numeric field are outside whatever the rule. */
function outsideOf(field: ContractField, column: SampleColumn): Counted {
  const present = column.rows - nullsOf(field.type, column);
  const notNumbers = isNumeric(field.type) ? present - column.numbers : 0;
  if (field.domain !== null) return outsideDomain(field, column, present);
  if (field.range === null) return { rows: notNumbers, isExact: true };
  const { min, max } = field.range;
  const below = min === null ? { rows: 0, isExact: true } : rowsUpTo(column, min, false);
  const above =
    max === null ? { rows: column.numbers, isExact: true } : rowsUpTo(column, max, true);
  return {
    rows: notNumbers + below.rows + column.numbers - above.rows,
    isExact: below.isExact && above.isExact,
  };
}

function outsideDomain(field: ContractField, column: SampleColumn, present: number): Counted {
  if (column.hasMoreCategories) return { rows: present, isExact: false };
  const allowed = new Set<string | number>(field.domain ?? []);
  const isInside = (text: string): boolean =>
    allowed.has(field.type === "string" ? text : Number(text));
  const inside = column.categories.reduce(
    (sum, [text, rows]) => sum + (isInside(text) ? rows : 0),
    0,
  );
  return { rows: present - inside, isExact: true };
}

/** Rows with a number at most `value` (or below it), exact at and between exact knots, else by a straight line between two. */
export function rowsUpTo(column: SampleColumn, value: number, inclusive: boolean): Counted {
  if (column.min === null || column.max === null) return { rows: 0, isExact: true };
  if (value < column.min || (value === column.min && !inclusive)) return { rows: 0, isExact: true };
  if (value > column.max || (value === column.max && inclusive))
    return { rows: column.numbers, isExact: true };
  let before: readonly [number, number] = [column.min, 0];
  for (const knot of column.knots) {
    if (knot[0] === value && inclusive) return { rows: knot[1], isExact: column.knotsExact };
    if (knot[0] >= value) {
      if (column.knotsExact || knot[0] === before[0])
        return { rows: before[1], isExact: column.knotsExact };
      const share = (value - before[0]) / (knot[0] - before[0]);
      return { rows: Math.round(before[1] + share * (knot[1] - before[1])), isExact: false };
    }
    before = knot;
  }
  return { rows: before[1], isExact: column.knotsExact };
}
