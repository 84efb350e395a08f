import type { ColumnPlan } from "#lib/domain/batch/row-columns.ts";
import type { FieldType } from "#lib/domain/contract/types.ts";
import { badRequest } from "../oip/inference-error.ts";
import { decodeValues } from "../oip/decode-values.ts";
import { allocateUncleared, type Tensor } from "../oip/tensor.ts";
import type { Row } from "./read-rows.ts";

type Tensors = Extract<ColumnPlan, { ok: true }>["tensors"];

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false, "1": true, "0": false };
const NULL_WORDS: ReadonlySet<string> = new Set(["", "NaN", "nan", "null", "NULL", "None", "NA", "N/A"]);

/** A cell of a text file as the value that it stands for. What it cannot stand for is refused with the column's name. */
function valueOfText(text: string, type: FieldType, column: string): unknown {
  if (type === "string") return text === "" ? null : text;
  const value = Number(text);
  const isPlain = value - value === 0 && text.charCodeAt(0) > SPACE;
  if (!isPlain && NULL_WORDS.has(text)) return null;
  if (isPlain && type !== "bool" && !isWide(type)) return value;
  return valueOfOddText(text, value, type, column);
}

const SPACE = 0x20;
const isWide = (type: FieldType): boolean => type === "int64" || type === "uint64";

/** What is no plain number: truth values, integers whose digits a double would lose, infinities, and what is wrong. */
function valueOfOddText(text: string, value: number, type: FieldType, column: string): unknown {
  if (type === "bool") {
    const truth = BOOLEANS[text.toLowerCase()];
    if (truth === undefined) throw badRequest(`Column ${column} holds ${JSON.stringify(text.slice(0, 40))}, which is not true or false.`);
    return truth;
  }
  if (isWide(type)) {
    if (!/^\s*[+-]?\d+\s*$/.test(text)) throw badRequest(`Column ${column} holds ${JSON.stringify(text.slice(0, 40))}, which is not a whole number.`);
    return BigInt(text);
  }
  if (Number.isNaN(value) || text.trim() === "") throw badRequest(`Column ${column} holds ${JSON.stringify(text.slice(0, 40))}, which is not a number.`);
  return value;
}

const valueOf = (cell: unknown, type: FieldType, column: string): unknown => (typeof cell === "string" ? valueOfText(cell, type, column) : cell);

/** The list that one cell holds: an array, or its JSON in a text file. */
function listOf(cell: unknown, count: number, column: string): unknown[] {
  let list = cell;
  if (typeof cell === "string") {
    try {
      list = JSON.parse(cell);
    } catch {
      throw badRequest(`Column ${column} holds no list in JSON.`);
    }
  }
  const flat: unknown = Array.isArray(list) ? list.flat(8) : ArrayBuffer.isView(list) && !(list instanceof DataView) ? Array.from(list as Float64Array) : null;
  if (!Array.isArray(flat) || flat.length !== count) throw badRequest(`Column ${column} should hold a list of ${count} values.`);
  return flat as unknown[];
}

/**
 * Texts of numbers straight into a float tensor, without a list of values between: nearly every table. Null where some cell is no plain
 * number and no word for null; the general way then reads all of them, and says what is wrong.
 */
function plainFloats(datatype: "FP32" | "FP64", positions: readonly number[], rows: readonly Row[]): Tensor["data"] | null {
  const data = allocateUncleared(datatype, rows.length * positions.length);
  let at = 0;
  for (const row of rows) {
    for (const position of positions) {
      const cell = row[position];
      if (typeof cell !== "string") return null;
      const value = Number(cell);
      data[at] = value;
      const stored = Number(data[at]);
      if (stored - stored !== 0 || cell.charCodeAt(0) <= SPACE || cell === "") {
        if (!NULL_WORDS.has(cell)) return null;
        data[at] = Number.NaN;
      }
      at += 1;
    }
  }
  return data;
}

/** The tensors of some rows, one batch. Throws `InferenceError` 400 when a cell is not what its field takes: then rows are tried one by one. */
export function tensorsOfRows(plan: Tensors, columns: readonly string[], rows: readonly Row[]): Tensor[] {
  return plan.map(({ tensor, type, valuesPerRow, columns: positions, isList }) => {
    const { name, datatype } = tensor;
    const shape = [rows.length, ...tensor.shape.slice(1)];
    const plain = !isList && (datatype === "FP32" || datatype === "FP64") ? plainFloats(datatype, positions, rows) : null;
    if (plain !== null) return { name, datatype, shape, data: plain, nulls: null };
    const values = new Array<unknown>(rows.length * valuesPerRow);
    let at = 0;
    for (const row of rows) {
      if (isList) {
        const [position = 0] = positions;
        for (const value of listOf(row[position], valuesPerRow, columns[position] ?? "")) {
          values[at] = value;
          at += 1;
        }
        continue;
      }
      for (const position of positions) {
        values[at] = valueOf(row[position], type, columns[position] ?? "");
        at += 1;
      }
    }
    const { data, nulls } = decodeValues(datatype, values, shape, values.length, JSON.stringify(name));
    return { name, datatype, shape, data, nulls };
  });
}
