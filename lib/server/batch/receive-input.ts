import { createReadStream } from "node:fs";
import { parse } from "csv-parse/sync";
import { asyncBufferFromFile, parquetMetadataAsync, parquetSchema } from "hyparquet";
import type { BatchFormat } from "#lib/contracts/batch.ts";
import { scanRecords, type Cut, type RecordCuts } from "#lib/domain/batch/record-cuts.ts";
import { AppError } from "#lib/domain/errors.ts";
import { MOST_EVALUATED_BYTES } from "#lib/domain/evaluation/limits.ts";
import { authorise } from "../access.ts";
import type { ArtifactStore, StagedArtifact } from "../artifacts/artifact-store.ts";
import type { BatchInputRecord } from "../db/batch-repository.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { recordBatchInput, recordEvaluationData } from "./record-input.ts";

export type BatchParts = { readonly store: Store; readonly artifacts: ArtifactStore; readonly maxUploadBytes: number };

const MAX_COLUMNS = 4096;
const MAX_HEADER_BYTES = 1024 * 1024;
/** A row group with more rows is worked off in pieces. */
const MAX_GROUP_ROWS = 50_000;

const refuse = (message: string, hint: string, cause?: unknown): AppError =>
  new AppError("invalid_input", message, { hint, errors: [{ pointer: "/input", message }], cause });

const FORMATS: Readonly<Record<string, BatchFormat>> = { csv: "csv", jsonl: "jsonl", ndjson: "jsonl", parquet: "parquet" };

/** The format that the end of a name says. Throws `invalid_input`. */
export function formatOfName(name: string): BatchFormat {
  const format = FORMATS[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ""];
  if (format === undefined)
    throw refuse(`The name ${name.slice(0, 80)} does not say what the file is.`, "Use a name that ends in .csv, .jsonl or .parquet.");
  return format;
}

type Shape = RecordCuts & { readonly columns: string[]; readonly delimiter: string | null };

/** The separator that the line of names has most of; quoted names do not count. */
function delimiterOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  return [",", ";", "\t"].reduce((best, next) => (bare.split(next).length > bare.split(best).length ? next : best));
}

function namesOf(header: Buffer): { columns: string[]; delimiter: string } {
  const text = header.toString("utf8").replace(/^\uFEFF/, "");
  const delimiter = delimiterOf(text);
  let columns: string[];
  try {
    const rows: string[][] = parse(text, { delimiter, skip_empty_lines: true });
    columns = (rows[0] ?? []).map((name) => name.trim());
  } catch (cause) {
    throw refuse("The first line of the file is no line of column names.", "Send a CSV file (RFC 4180) in UTF-8.", cause);
  }
  checkColumns(columns);
  return { columns, delimiter };
}

function checkColumns(columns: readonly string[]): void {
  const repeated = columns.find((name, index) => columns.indexOf(name) !== index);
  if (columns.length === 0 || columns.includes("")) throw refuse("A column has no name.", "Name each column once.");
  if (columns.some((name) => name.length > 200)) throw refuse("A column's name is longer than 200 characters.", "Shorten it.");
  if (repeated !== undefined) throw refuse(`Two columns are called ${repeated.slice(0, 80)}.`, "Name each column once.");
  if (columns.length > MAX_COLUMNS) throw refuse(`The file has ${columns.length} columns; at most ${MAX_COLUMNS} are read.`, "Send the columns that the model needs.");
}

/** The names in the first record of a JSON Lines file. Later records may have others; those are read by name as well. */
function namesOfRecord(line: string): string[] {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record === "object" && record !== null && !Array.isArray(record)) {
      const columns = Object.keys(record);
      checkColumns(columns);
      return columns;
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
  }
  throw refuse("The first line is not a JSON object.", "Each line of a JSON Lines file is one object: {\"column\": value, ...}.");
}

async function shapeOfText(path: string, format: "csv" | "jsonl"): Promise<Shape> {
  const scanner = scanRecords(format);
  const head: Buffer[] = [];
  let held = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      if (!Buffer.isBuffer(chunk)) continue;
      scanner.push(chunk);
      if (held < MAX_HEADER_BYTES) head.push(chunk);
      held += chunk.length;
    }
  } catch (cause) {
    if (cause instanceof Error && cause.name === "RecordTooLongError") throw refuse(cause.message, "A row holds at most 1 MiB.", cause);
    throw cause;
  }
  const cuts = scanner.finish();
  if (cuts.rows === 0) throw refuse("The file has no rows.", format === "csv" ? "Send a line of column names and at least one row." : "Send at least one line.");
  const bytes = Buffer.concat(head);
  if (format === "csv") return { ...cuts, ...namesOf(bytes.subarray(0, cuts.headerBytes)) };
  const [first = ""] = bytes.toString("utf8").replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) => line !== "");
  return { ...cuts, columns: namesOfRecord(first), delimiter: null };
}

async function shapeOfParquet(path: string): Promise<Shape> {
  try {
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    checkColumns(columns);
    const cuts: Cut[] = [];
    let rows = 0;
    for (const group of metadata.row_groups) {
      const size = Number(group.num_rows);
      for (let at = 0; at < size; at += MAX_GROUP_ROWS) cuts.push([rows + at, 0]);
      rows += size;
    }
    if (rows === 0) throw refuse("The file has no rows.", "Send a Parquet file with at least one row.");
    return { rows, cuts, end: 0, headerBytes: 0, columns, delimiter: null };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw refuse("The file is not a Parquet file that can be read.", "Write it with plain columns and Snappy or no compression.", cause);
  }
}

/** Reads what a staged file is; keeps it in the store when it is a file of rows. Throws `invalid_input`. */
async function keepInput(parts: BatchParts, actor: Actor, staged: StagedArtifact, name: string, record: typeof recordBatchInput): Promise<BatchInputRecord> {
  try {
    const format = formatOfName(name);
    const shape = format === "parquet" ? await shapeOfParquet(staged.path) : await shapeOfText(staged.path, format);
    const input: BatchInputRecord = { digest: staged.digest, name, format, sizeBytes: staged.sizeBytes, ...shape };
    await staged.keep();
    await record(parts.store)(actor, input);
    return input;
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

type FileOfRows = { readonly name: string; readonly bytes: AsyncIterable<Uint8Array>; readonly sizeBytes: number | null };

async function receiveRows(parts: BatchParts, actor: Actor, file: FileOfRows, maxBytes: number, record: typeof recordBatchInput): Promise<BatchInputRecord> {
  formatOfName(file.name);
  const staged = await parts.artifacts.stage(file.bytes, {
    maxBytes,
    name: file.name,
    pointer: "/input",
    declaredBytes: file.sizeBytes,
  });
  return keepInput(parts, actor, staged, file.name, record);
}

/** Takes a file of rows into the store while hashing it, and finds where it may be cut. Nothing stays behind when it is refused. */
export async function receiveBatchInput(parts: BatchParts, actor: Actor, file: FileOfRows): Promise<BatchInputRecord> {
  authorise(actor, "batch:run", null);
  return receiveRows(parts, actor, file, parts.maxUploadBytes, recordBatchInput);
}

/** The same for held-out rows and the rows a version was trained on, by those who may evaluate. */
export async function receiveEvaluationData(parts: BatchParts, actor: Actor, file: FileOfRows): Promise<BatchInputRecord> {
  authorise(actor, "version:evaluate", null);
  return receiveRows(parts, actor, file, Math.min(parts.maxUploadBytes, MOST_EVALUATED_BYTES), recordEvaluationData);
}
