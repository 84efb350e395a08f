import { createHash, randomUUID } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { BatchWork } from "#lib/contracts/batch.ts";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { planPartitions } from "#lib/domain/batch/partition-plan.ts";
import { scanRecords } from "#lib/domain/batch/record-cuts.ts";
import { loadModel, withColumns } from "../../runtime/batch/load-model.ts";
import { workPartition } from "../../runtime/batch/work-partition.ts";
import { openContract, tensor } from "../../runtime/testing/desired.ts";
import { openArtifactStore } from "../../runtime/versions/artifact-store.ts";

/** Rows a second of the batch worker and of a bare loop over the same rows with the same model and batch size, round by round. */
export type BatchResult = {
  readonly rows: number;
  readonly batchRows: number;
  readonly rounds: number;
  /** Medians. */
  readonly workerRowsPerSecond: number;
  readonly bareRowsPerSecond: number;
  /** Worker over bare loop: the median of the rounds' ratios. */
  readonly share: number;
};

const MODEL = join(import.meta.dirname, "..", "..", "examples", "digits", "2.0.0", "model.onnx");
const FEATURES = 64;
/** As jobs have it unless told otherwise. */
const PARTITION_ROWS = 5000;
const COLUMNS = Array.from({ length: FEATURES }, (_, index) => `pixel_${index}`);

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function makeRows(rows: number): string {
  let state = 1;
  const lines: string[] = [COLUMNS.join(",")];
  for (let row = 0; row < rows; row += 1) {
    const cells: number[] = [];
    for (let index = 0; index < FEATURES; index += 1) {
      // Lehmer's generator: the same rows each time.
      state = (state * 48_271) % 2_147_483_647;
      cells.push(state % 17);
    }
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}

function versionOf(file: string): DesiredVersion {
  const bytes = readFileSync(file);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const signature = {
    inputs: [tensor("image", "FP32", ["N", 1, 8, 8])],
    outputs: [tensor("label", "INT64", ["N"]), tensor("probabilities", "FP32", ["N", 10])],
  };
  const request = (value: number) => ({ inputs: [{ name: "image", shape: [1, 1, 8, 8], datatype: "FP32", data: Array<number>(FEATURES).fill(value) }] });
  return {
    versionId: randomUUID(),
    modelName: "digits",
    versionName: "2.0.0",
    digest,
    files: [{ name: "model.onnx", digest, sizeBytes: bytes.length }],
    signature,
    contract: openContract(signature),
    golden: [1, 5, 9].map((value) => ({ request: request(value), response: {}, tolerance: 1 })),
    session: { intraOpThreads: 1, hosts: 1, memoryLimitBytes: null, timeoutMs: 60_000 },
    labelOutput: "label",
  } as DesiredVersion;
}

/** What somebody would write in ten minutes: read lines, fill a tensor, run, write lines. */
async function bareLoop(session: InferenceSession, text: string, size: number): Promise<number> {
  const lines = text.split("\n").slice(1, -1);
  const out: string[] = [];
  for (let first = 0; first < lines.length; first += size) {
    const batch = lines.slice(first, first + size);
    const data = new Float32Array(batch.length * FEATURES);
    batch.forEach((line, row) => {
      line.split(",").forEach((cell, index) => {
        data[row * FEATURES + index] = Number(cell);
      });
    });
    const answers = await session.run({ image: new Tensor("float32", data, [batch.length, 1, 8, 8]) });
    const labels = answers["label"]?.data as BigInt64Array;
    const probabilities = answers["probabilities"]?.data as Float32Array;
    for (let row = 0; row < batch.length; row += 1) out.push(`${first + row},${labels[row] ?? ""},${probabilities.slice(row * 10, row * 10 + 10).join(",")}\n`);
  }
  return out.join("").length;
}

/** Measures both, one after the other in each round, in one process and on one file. */
export async function benchBatch(rows: number, rounds: number): Promise<BatchResult> {
  const text = makeRows(rows);
  const bytes = Buffer.from(text);
  const directory = mkdtempSync(join(tmpdir(), "slipway-bench-batch-"));
  copyFileSync(MODEL, join(directory, "model.onnx"));
  const version = versionOf(MODEL);
  const store = await openArtifactStore(join(directory, "versions"));
  const body = async function* (): AsyncGenerator<Uint8Array> { yield readFileSync(MODEL); };
  // Jobs stand back for whatever else runs; the bare loop does not, and on a busy machine that alone would be what is measured.
  const source = { store, openArtifact: () => Promise.resolve({ offset: 0, body: body() }), onHostSpawn: () => undefined, niceness: 0 };
  const kept = await loadModel(version, source, new AbortController().signal);
  const session = await InferenceSession.create(MODEL, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const scanner = scanRecords("csv");
  scanner.push(bytes.subarray(0, 1 << 20));
  for (let at = 1 << 20; at < bytes.length; at += 1 << 20) scanner.push(bytes.subarray(at, at + (1 << 20)));
  const works = planPartitions(scanner.finish(), PARTITION_ROWS).map(
    ({ index, ...part }): BatchWork => ({
      jobId: randomUUID(), jobNumber: 1, index, leaseToken: randomUUID(), leaseSeconds: 30,
      version, compareWith: null, mapping: {}, idColumn: null, outputFormat: "csv",
      input: { digest: version.digest, format: "csv", sizeBytes: bytes.length, columns: COLUMNS, delimiter: ",", ...part },
    }),
  );
  const model = withColumns(kept, COLUMNS, {});
  const ours = async (): Promise<number> => {
    let answered = 0;
    for (const work of works) {
      const worked = await workPartition({ work, model, other: null, read: (start, end) => Promise.resolve(bytes.subarray(start, end)), signal: new AbortController().signal, onProgress: () => undefined });
      answered += worked.report.answered;
    }
    if (answered !== rows) throw new Error("The worker did not answer every row.");
    return answered;
  };
  const timed = async (run: () => Promise<number>): Promise<number> => {
    const startMs = performance.now();
    await run();
    return (rows * 1000) / (performance.now() - startMs);
  };
  try {
    await ours();
    await bareLoop(session, text, model.batchRows);
    const [worker, bare]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      worker.push(await timed(ours));
      bare.push(await timed(() => bareLoop(session, text, model.batchRows)));
    }
    const share = median(worker.map((value, round) => value / (bare[round] ?? value)));
    return { rows, batchRows: model.batchRows, rounds, workerRowsPerSecond: Math.round(median(worker)), bareRowsPerSecond: Math.round(median(bare)), share };
  } finally {
    await kept.pool.close();
    await session.release();
    rmSync(directory, { recursive: true, force: true });
  }
}

