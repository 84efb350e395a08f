import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import {
  addCell,
  finishColumn,
  startColumn,
  type ColumnTally,
} from "#lib/domain/contract/summarise-column.ts";
import type { SampleSummary } from "#lib/domain/contract/types.ts";
import { AppError } from "#lib/domain/errors.ts";
import { shownBytes } from "./shown-bytes.ts";

export type SampleLimits = {
  readonly maxBytes: number;
  readonly maxRows: number;
  readonly maxColumns: number;
};

export const defaultSampleLimits: SampleLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxRows: 200_000,
  maxColumns: 1000,
};

/** A sample file boiled down to its columns. The rows themselves are kept nowhere but for the first few. */
export type SampleFile = {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly summary: SampleSummary;
  /** The first rows as text, in the order of `summary.columns`, for trying the model. */
  readonly firstRows: readonly (readonly string[])[];
};

const FIRST_ROWS = 64;
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_SHOWN_CELL = 256;
/** Numbers and texts held at once over all columns. */
const NUMBERS_HELD = 2_000_000;
const TEXTS_HELD = 200_000;

const POINTER = "/sample";
const refuse = (message: string, hint: string | null, cause?: unknown): AppError =>
  new AppError("invalid_input", message, {
    ...(hint === null ? {} : { hint }),
    errors: [{ pointer: POINTER, message }],
    cause,
  });

/**
 * Reads a CSV file (RFC 4180; comma, semicolon or tab; first line = names) as it streams in and summarises its columns.
 * Throws `payload_too_large` past the byte limit and `invalid_input` for what is no such table, with the line.
 */
export async function summariseSample(
  bytes: AsyncIterable<Uint8Array>,
  limits: SampleLimits = defaultSampleLimits,
): Promise<SampleFile> {
  const hash = createHash("sha256");
  const seen = { bytes: 0 };
  const metered = meter(bytes, limits.maxBytes, (chunk) => {
    seen.bytes += chunk.length;
    hash.update(chunk);
  });
  try {
    const table = await readTable(metered, limits);
    return { digest: `sha256:${hash.digest("hex")}`, sizeBytes: seen.bytes, ...table };
  } catch (error) {
    throw error instanceof CsvError ? csvRefusal(error) : error;
  }
}

async function* meter(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
  note: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    if (total > maxBytes) {
      const message = `The sample is larger than the ${shownBytes(maxBytes)} allowed.`;
      throw new AppError("payload_too_large", message, {
        errors: [{ pointer: POINTER, message }],
        hint: "Send a part of it: some thousand rows are enough.",
      });
    }
    note(chunk);
    yield chunk;
  }
}

async function readTable(
  bytes: AsyncGenerator<Uint8Array>,
  limits: SampleLimits,
): Promise<Pick<SampleFile, "summary" | "firstRows">> {
  const start = await firstLine(bytes);
  const records = parse({
    bom: true,
    delimiter: delimiterOf(start.line),
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  // Its failure comes out of the loop below as well, and there it counts.
  const fed = pipeline(start.bytes, records).catch(() => undefined);
  let columns: ColumnTally[] | null = null;
  let rows = 0;
  const firstRows: string[][] = [];
  for await (const record of records as AsyncIterable<string[]>) {
    if (columns === null) {
      columns = startColumns(record, limits);
      continue;
    }
    rows += 1;
    if (rows > limits.maxRows) {
      throw refuse(
        `The sample has more than ${limits.maxRows} rows.`,
        "Send a part of it: some thousand rows are enough.",
      );
    }
    if (firstRows.length < FIRST_ROWS)
      firstRows.push(
        record.map((cell) => cell.slice(0, MAX_SHOWN_CELL).replaceAll("\0", "").toWellFormed()),
      );
    for (const [index, column] of columns.entries()) addCell(column, record[index] ?? "");
  }
  await fed;
  if (columns === null || rows === 0) {
    throw refuse(
      "The sample has no rows.",
      "Send a CSV file with a line of column names and at least one row.",
    );
  }
  return { summary: { rows, columns: columns.map(finishColumn) }, firstRows };
}

/** Reads until the first line break (or 64 KiB) and answers that line beside a stream that still has it. */
async function firstLine(
  bytes: AsyncGenerator<Uint8Array>,
): Promise<{ readonly line: string; readonly bytes: AsyncGenerator<Uint8Array> }> {
  const held: Uint8Array[] = [];
  let size = 0;
  while (size < 65_536) {
    const next = await bytes.next();
    if (next.done === true) break;
    held.push(next.value);
    size += next.value.length;
    if (next.value.includes(0x0a)) break;
  }
  const [line = ""] = Buffer.concat(held).toString("utf8").split(/\r?\n/, 1);
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* held;
    yield* bytes;
  }
  return { line, bytes: whole() };
}

/** The separator that the line of names has most of; quoted names do not count. */
function delimiterOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  const counts = [",", ";", "\t"].map(
    (separator) => [separator, bare.split(separator).length] as const,
  );
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

function startColumns(names: readonly string[], limits: SampleLimits): ColumnTally[] {
  if (names.length > limits.maxColumns) {
    throw refuse(
      `The sample has ${names.length} columns; at most ${limits.maxColumns} are read.`,
      null,
    );
  }
  const trimmed = names.map((name) => name.trim());
  const repeated = trimmed.find((name, index) => trimmed.indexOf(name) !== index);
  if (repeated !== undefined || trimmed.includes("")) {
    throw refuse(
      repeated === undefined || repeated === ""
        ? "The first line of the sample has an empty column name."
        : `The sample has two columns called ${repeated.slice(0, 80)}.`,
      "The first line must name each column once.",
    );
  }
  const maxNumbers = Math.floor(NUMBERS_HELD / trimmed.length);
  const maxTexts = Math.max(101, Math.min(1000, Math.floor(TEXTS_HELD / trimmed.length)));
  return trimmed.map((name) => startColumn(name, maxNumbers, maxTexts));
}

function csvRefusal(error: CsvError): AppError {
  const line = typeof error["lines"] === "number" ? ` at line ${error["lines"]}` : "";
  const reasons: Readonly<Record<string, string>> = {
    CSV_RECORD_INCONSISTENT_FIELDS_LENGTH:
      "a row has more or fewer cells than there are column names",
    CSV_RECORD_INCONSISTENT_COLUMNS: "a row has more or fewer cells than there are column names",
    CSV_QUOTE_NOT_CLOSED: "a quotation mark is not closed",
    CSV_INVALID_CLOSING_QUOTE: "text follows a closing quotation mark",
    INVALID_OPENING_QUOTE: "a quotation mark stands inside a cell that is not quoted",
    CSV_MAX_RECORD_SIZE: `a row is longer than ${shownBytes(MAX_RECORD_BYTES)}`,
  };
  const reason = reasons[error.code] ?? "it is not a CSV table";
  return refuse(
    `The sample cannot be read${line}: ${reason}.`,
    "Send a CSV file (RFC 4180) in UTF-8 with one line of column names.",
    error,
  );
}
