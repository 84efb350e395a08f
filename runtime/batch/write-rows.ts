import { outputColumns, type OutputColumn } from "#lib/domain/batch/output-columns.ts";
import { halfToNumber } from "#lib/domain/contract/half-float.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { Tensor } from "../oip/tensor.ts";
import type { RowAnswer } from "./answer-rows.ts";

type Answered = Extract<RowAnswer, { ok: true }>;

function valueAt({ datatype, data }: Tensor, index: number): unknown {
  const value = data[index];
  if (datatype === "FP16" && typeof value === "number") return halfToNumber(value);
  if (datatype === "BOOL") return value === 1;
  // The shortest decimal that is the same 32-bit number: 0.1, not 0.10000000149011612.
  if (datatype === "FP32" && typeof value === "number") return shortest(value);
  return value;
}

/** 10^0 to 10^22: the powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** The number with the fewest digits, from 7, that rounds to this 32-bit float. Nine digits are always enough. */
export function shortest(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value;
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  for (let digits = 7; digits <= 9; digits += 1) {
    const power = POWERS[digits - 1 - exponent];
    // Far from 1 a power of ten is not exact: there the slow way is right.
    const short = power === undefined ? Number(value.toPrecision(digits)) : Math.round(value * power) / power;
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** Values of one row of an output. */
export function rowValues(output: Tensor, at: number): unknown[] {
  const perRow = output.data.length / (output.shape[0] ?? 1);
  return Array.from({ length: perRow }, (_, index) => valueAt(output, at * perRow + index));
}

/** A row of one output: a value where the tensor has one for each row, else a list. */
export function rowValue(output: Tensor, at: number): unknown {
  if (output.shape.length === 1) return valueAt(output, at);
  return rowValues(output, at);
}

const jsonText = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));

/** Integers beyond 2^53 go as text, which keeps their digits. */
function jsonOf(value: unknown): unknown {
  if (typeof value === "bigint") return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value.toString();
  return Array.isArray(value) ? value.map(jsonOf) : value;
}

/** A cell by RFC 4180. */
export function csvCell(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : typeof value === "object" ? jsonText(value) : String(value as bigint | boolean);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export type RowWriter = {
  /** The beginning of a part: the line of names for CSV. */
  readonly header: string;
  line(row: number, id: unknown, answer: Answered): string;
};

function csvWriter(columns: readonly OutputColumn[], hasId: boolean): RowWriter {
  const names = ["row", ...(hasId ? ["id"] : []), ...columns.map(({ name }) => name)];
  return {
    header: `${names.map(csvCell).join(",")}\n`,
    line(row, id, { outputs, at }) {
      let text = String(row);
      if (hasId) text += `,${csvCell(id)}`;
      for (const { output: index, position, type } of columns) {
        const output = outputs[index];
        if (output === undefined) text += ",";
        else if (type === "json") text += `,${csvCell(jsonText(rowValues(output, at)))}`;
        else {
          const perRow = position === null ? 1 : output.data.length / (output.shape[0] ?? 1);
          const value = valueAt(output, at * perRow + (position ?? 0));
          text += typeof value === "number" ? `,${value}` : `,${csvCell(value)}`;
        }
      }
      return `${text}\n`;
    },
  };
}

/** How answered rows are written. Parts of a Parquet output are JSON Lines; the control plane makes one file of them. */
export function rowWriter(format: "csv" | "jsonl" | "parquet", signature: ModelSignature, hasId: boolean): RowWriter {
  if (format === "csv") return csvWriter(outputColumns(signature), hasId);
  return {
    header: "",
    line: (row, id, { outputs, at }) =>
      `${jsonText({
        row,
        ...(hasId ? { id: id === null || id === undefined ? null : typeof id === "string" ? id : jsonText(id) } : {}),
        ...Object.fromEntries(outputs.map((output) => [output.name, jsonOf(rowValue(output, at))])),
      })}\n`,
  };
}
