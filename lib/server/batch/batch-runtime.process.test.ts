import { readFileSync } from "node:fs";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDataDirectory, removeDataDirectory, startRuntime, type RuntimeProcess } from "../../../runtime/testing/runtime-process.ts";
import { batchStage, type BatchStage } from "./batch-stage.fixture.ts";
import { finishDueJobs } from "./finish-job.ts";

const HOLDOUT = readFileSync(new URL("../../../examples/credit-default/holdout.csv", import.meta.url), "utf8").trimEnd();
const [HEADER = "", ...LINES] = HOLDOUT.split("\n");
const COLUMNS = HEADER.split(",");

/** The answers by the request path of another implementation: the golden file of the example, made in Python. */
type Golden = { name: string; response: { outputs: { name: string; data: (string | number)[] }[] } }[];
const GOLDEN = JSON.parse(readFileSync(new URL("../../../examples/credit-default/1.0.0/golden.json", import.meta.url), "utf8")) as Golden;

describe("batch jobs on a real runtime", () => {
  let stage: BatchStage;
  let control: Awaited<ReturnType<BatchStage["serveRuntimes"]>>;
  let runtime: RuntimeProcess;

  let directory: string;

  const start = (): Promise<RuntimeProcess> => startRuntime(directory, control, { SLIPWAY_RUNTIME_ROLE: "batch" });

  beforeAll(async () => {
    stage = await batchStage();
    control = await stage.serveRuntimes();
    directory = await makeDataDirectory();
    runtime = await start();
  });
  afterAll(async () => {
    await runtime.stop();
    await control.close();
    await stage.close();
    await removeDataDirectory(directory);
  });

  const begin = (digest: string, more: Record<string, unknown> = {}) =>
    stage.app.startBatchJob(stage.engineer, { endpoint: "credit-nightly", source: { kind: "upload", digest }, ...more });
  const view = (number: number) => stage.app.batch.readBatchJob(stage.lead, { number });
  const until = async (number: number, holds: (done: Awaited<ReturnType<typeof view>>) => boolean): Promise<Awaited<ReturnType<typeof view>>> => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      await finishDueJobs(stage.app.store, () => stage.app.artifacts());
      const now = await view(number);
      if (holds(now)) return now;
      if (performance.now() > deadline) throw new Error(`Job ${number} did not get there: ${JSON.stringify(now.job)} ${now.problem ?? ""}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const ended = (number: number) => until(number, ({ job }) => job.state === "succeeded" || job.state === "failed");
  const output = async (number: number): Promise<Buffer> => stage.read((await view(number)).output?.digest ?? "");

  it("answers each row of a CSV file exactly once, as requests would be answered, and puts what it cannot answer aside", async () => {
    const bad = [...LINES];
    bad[8] = (bad[8] ?? "").replace(/^[^,]+/, "lots");
    bad[250] = "1,2,3";
    const { number } = await begin(await stage.upload("loans.csv", [HEADER, ...bad].join("\n")), { idColumn: "purpose", partitionRows: 500 });
    const done = await ended(number);
    expect(done.job).toMatchObject({ state: "succeeded", rowsTotal: 3000, failedRows: 2 });
    const [head, ...rows] = (await output(number)).toString().trimEnd().split("\n");
    expect(head).toBe("row,id,label,probabilities.0,probabilities.1");
    const found = await stage.app.batch.findBatchOutput(stage.lead, { number });
    const errors = (await stage.read(found?.errorsDigest ?? "")).toString().trimEnd().split("\n").map((line) => JSON.parse(line) as { row: number; code: string });
    const answered = rows.map((row) => Number(row.split(",")[0]));
    expect([...answered, ...errors.map(({ row }) => row)].sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, row) => row));
    expect(errors.map(({ row, code }) => [row, code])).toEqual([[8, "bad_request"], [250, "unreadable"]]);
    // "held-out row N" counts from 1.
    for (const { name, response } of GOLDEN.filter(({ name: title }) => title.startsWith("held-out row"))) {
      const row = Number(/\d+$/.exec(name)?.[0]) - 1;
      const cells = (rows[answered.indexOf(row)] ?? "").split(",");
      const [label, probabilities] = response.outputs.map(({ data }) => data);
      expect(cells[2]).toBe(String(label?.[0]));
      expect(Number(cells[3])).toBeCloseTo(Number(probabilities?.[0]), 5);
    }
    expect(Object.values(done.report.predictions).reduce((sum, count) => sum + count, 0)).toBe(2998);
  });

  it("gives the same answers for JSON Lines and Parquet, and writes either", async () => {
    const records = LINES.slice(0, 900).map((line) => Object.fromEntries(line.split(",").map((cell, index) => [COLUMNS[index] ?? "", index < 9 ? Number(cell) : cell])));
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    const columnData = COLUMNS.map((name, index) => ({ name, type: index < 9 ? ("DOUBLE" as const) : ("STRING" as const), data: records.map((record) => record[name]) }));
    const parquet = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 400 }));
    const fromLines = await begin(await stage.upload("loans.jsonl", lines), { outputFormat: "parquet", outputName: "as-parquet" });
    const fromParquet = await begin(await stage.upload("loans.parquet", parquet), { outputFormat: "jsonl", outputName: "as-lines" });
    expect([(await ended(fromLines.number)).job.failedRows, (await ended(fromParquet.number)).job.failedRows]).toEqual([0, 0]);
    const bytes = await output(fromLines.number);
    const table = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer });
    const json = (await output(fromParquet.number)).toString().trimEnd().split("\n").map((line) => JSON.parse(line) as { row: number; label: string; probabilities: number[] });
    expect(table).toHaveLength(900);
    expect(table.map((row) => [Number(row["row"]), row["label"], row["probabilities.0"]])).toEqual(json.map(({ row, label, probabilities }) => [row, label, probabilities[0]]));
  });

  it("loses no row and repeats none when the runtime is killed in the middle and starts again", async () => {
    const rows = 15_000;
    const many = Array.from({ length: rows }, (_, index) => LINES[index % LINES.length] ?? "");
    const { number } = await begin(await stage.upload("many.csv", [HEADER, ...many].join("\n")), { partitionRows: 1000 });
    await until(number, ({ job }) => job.rowsDone > 2000);
    for (let kill = 0; kill < 2; kill += 1) {
      await runtime.kill9();
      const before = (await view(number)).job.rowsDone;
      runtime = await start();
      await until(number, ({ job }) => job.rowsDone > before || job.state === "succeeded");
    }
    const done = await ended(number);
    expect(done.job).toMatchObject({ state: "succeeded", failedRows: 0 });
    const written = (await output(number)).toString().trimEnd().split("\n").slice(1).map((line) => Number(line.split(",")[0]));
    expect(written).toEqual(Array.from({ length: rows }, (_, row) => row));
  });

  it("compares two versions over the same rows", async () => {
    const digest = await stage.upload("slice.csv", HOLDOUT);
    const change = await stage.app.startBatchChange(stage.engineer, { endpoint: "credit-nightly", version: "1.1.0", source: { kind: "upload", digest }, sliceRows: 1000 });
    const done = await ended(change.jobNumber);
    const tally = done.report.difference;
    expect(tally?.rows).toBe(1000);
    expect(tally?.bothAnswered).toBe(1000);
    const lines = (await output(change.jobNumber)).toString().trimEnd().split("\n").map((line) => JSON.parse(line) as { current: { label: string }; new: { label: string } });
    const other = lines.filter((line) => line.current.label !== line.new.label).length;
    expect(tally?.otherClass).toBe(other);
    expect(Object.values(tally?.moves ?? {}).reduce((sum, count) => sum + count, 0)).toBe(other);
    expect((await stage.app.batch.readBatchChange(stage.lead, { number: change.number })).change.state).toBe("awaiting_approval");
  });
});
