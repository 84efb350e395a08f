import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from "hyparquet-writer";
import type { BatchFormat } from "#lib/contracts/batch.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { outputColumns, type OutputColumn } from "#lib/domain/batch/output-columns.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { DonePartition } from "../db/batch-work.ts";

export type Assembled = { readonly digest: string; readonly sizeBytes: number };

type Part = { readonly digest: string };

async function* bytesOf(artifacts: ArtifactStore, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  for (const { digest } of parts) {
    const stream = await artifacts.open(digest);
    if (stream === null) throw new Error(`A part of the output is missing: ${digest}.`);
    for await (const chunk of stream) if (chunk instanceof Uint8Array) yield chunk;
  }
}

async function keep(artifacts: ArtifactStore, bytes: AsyncIterable<Uint8Array>): Promise<Assembled> {
  const staged = await artifacts.stage(bytes, { maxBytes: Number.MAX_SAFE_INTEGER, name: "The output", pointer: "" });
  await staged.keep();
  return { digest: staged.digest, sizeBytes: staged.sizeBytes };
}

type Row = Readonly<Record<string, unknown>>;
type Column = { readonly name: string; readonly type: "INT64" | "DOUBLE" | "BOOLEAN" | "STRING"; readonly valueOf: (row: Row) => unknown };

const TYPES: Readonly<Record<OutputColumn["type"], Column["type"]>> = {
  integer: "INT64",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  text: "STRING",
  json: "STRING",
};

function stored(type: Column["type"], value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type === "INT64") return typeof value === "number" || typeof value === "string" ? BigInt(value) : null;
  if (type === "STRING") return typeof value === "string" ? value : JSON.stringify(value);
  return value;
}

/** The row number, the copied column where there is one, and the outputs; values are found in the parts' JSON by the output's name. */
function parquetColumns(signature: ModelSignature, hasId: boolean): Column[] {
  const outputs = outputColumns(signature).map(({ name, output, position, type }): Column => {
    const source = signature.outputs[output]?.name ?? "";
    const valueOf = (row: Row): unknown => {
      const value = row[source];
      return position !== null && Array.isArray(value) ? (value as unknown[])[position] : value;
    };
    return { name, type: TYPES[type], valueOf };
  });
  const id: Column[] = hasId ? [{ name: "id", type: "STRING", valueOf: (row) => row["id"] }] : [];
  return [{ name: "row", type: "INT64", valueOf: (row) => row["row"] }, ...id, ...outputs];
}

const sourcesOf = (columns: readonly Column[], rows: readonly Row[]): ColumnSource[] =>
  columns.map(({ name, type, valueOf }) => ({ name, type, nullable: true, data: rows.map((row) => stored(type, valueOf(row))) }));

/** One row group for each part, written as it is read: never more than one part in memory. */
async function writeParquet(artifacts: ArtifactStore, parts: readonly Part[], columns: readonly Column[], file: string): Promise<void> {
  const writer = new ParquetWriter({ writer: fileWriter(file), schema: schemaFromColumnData({ columnData: sourcesOf(columns, []) }) });
  for (const { digest } of parts) {
    const lines = (await readFile(await artifacts.localPath(digest), "utf8")).split("\n").filter((line) => line !== "");
    const rows = lines.map((line) => JSON.parse(line) as Row);
    if (rows.length > 0) await writer.write({ columnData: sourcesOf(columns, rows), rowGroupSize: rows.length });
  }
  await writer.finish();
}

/** Puts the parts together, in the order of their rows. The same parts give the same bytes: it may be done again after a crash. */
export async function assembleOutput(
  artifacts: ArtifactStore,
  partitions: readonly DonePartition[],
  format: BatchFormat,
  table: { readonly signature: ModelSignature; readonly hasId: boolean },
): Promise<{ output: Assembled; errors: Assembled | null }> {
  const parts = partitions.map(({ outputDigest }) => ({ digest: outputDigest }));
  const failed = partitions.flatMap(({ errorsDigest }) => (errorsDigest === null ? [] : [{ digest: errorsDigest }]));
  const errors = failed.length === 0 ? null : await keep(artifacts, bytesOf(artifacts, failed));
  if (format !== "parquet") {
    return { output: await keep(artifacts, format === "csv" ? csvBytes(artifacts, parts) : bytesOf(artifacts, parts)), errors };
  }
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-batch-"));
  try {
    const file = path.join(directory, "output.parquet");
    await writeParquet(artifacts, parts, parquetColumns(table.signature, table.hasId), file);
    return { output: await keep(artifacts, createReadStream(file)), errors };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Each part begins with the line of names; the file has it once. */
async function* csvBytes(artifacts: ArtifactStore, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  let hasHeader = false;
  for (const part of parts) {
    let isInHeader = hasHeader;
    for await (const chunk of bytesOf(artifacts, [part])) {
      if (!isInHeader) {
        yield chunk;
        continue;
      }
      const end = chunk.indexOf(0x0a);
      if (end < 0) continue;
      isInHeader = false;
      if (end + 1 < chunk.length) yield chunk.subarray(end + 1);
    }
    hasHeader = true;
  }
}
