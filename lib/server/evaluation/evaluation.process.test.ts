import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDataDirectory, removeDataDirectory, startRuntime, type RuntimeProcess } from "../../../runtime/testing/runtime-process.ts";
import { batchStage, type BatchStage } from "../batch/batch-stage.fixture.ts";

const example = (path: string): string => readFileSync(new URL(`../../../examples/credit-default/${path}`, import.meta.url), "utf8");
const HOLDOUT = example("holdout.csv").trimEnd();
const [HEADER = "", ...LINES] = HOLDOUT.split("\n");
const VERSION = { model: "credit-default", version: "1.1.0" } as const;

/** The same rows, model and figures by another implementation: numpy over onnxruntime, kept with the example. */
type Figures = Readonly<Record<string, { value: number; low: number; high: number }>>;
const REFERENCE = JSON.parse(example("1.1.0/evaluation.json")) as { metrics: Figures; confusion: { classes: string[]; counts: number[][] } };

describe("evaluation of a version by a real runtime", () => {
  let stage: BatchStage;
  let control: Awaited<ReturnType<BatchStage["serveRuntimes"]>>;
  let runtime: RuntimeProcess;
  let directory: string;

  beforeAll(async () => {
    stage = await batchStage();
    control = await stage.serveRuntimes();
    directory = await makeDataDirectory();
    runtime = await startRuntime(directory, control, { SLIPWAY_RUNTIME_ROLE: "batch" });
  });
  afterAll(async () => {
    await runtime.stop();
    await control.close();
    await stage.close();
    await removeDataDirectory(directory);
  });

  const begin = async (data: string, more: Record<string, unknown> = {}) => (await stage.app.evaluations.createEvaluation(stage.engineer, { ...VERSION, data, labelColumn: "outcome", ...more })).number;
  const read = (number: number) => stage.app.evaluations.readEvaluation(stage.lead, { number });
  const ended = async (number: number) => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const view = await read(number);
      if (view.row.finishedAt !== null) return view;
      if (performance.now() > deadline) throw new Error(`Evaluation ${number} did not end: ${JSON.stringify(view.row)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it("gives the figures and intervals that another implementation gives over the same rows, and keeps them as evidence", async () => {
    const data = await stage.upload("holdout.csv", HOLDOUT);
    const view = await ended(await begin(data, { thresholds: { accuracy: { min: 0.95 }, logLoss: { max: 0.3 } }, sliceColumns: ["employment_type", "loan_amount"], gapLimit: 0.2 }));
    expect(view.problem).toBeNull();
    const { report } = view;
    expect(report?.rows).toMatchObject({ total: 3000, measured: 3000, withoutAnswer: 0, withoutLabel: 0 });
    for (const [name, expected] of Object.entries(REFERENCE.metrics)) {
      const measure = report?.measures.find((one) => one.name === name);
      for (const part of ["value", "low", "high"] as const) expect(measure?.[part], `${name} ${part}`).toBeCloseTo(expected[part], 5);
    }
    expect(report?.confusion).toEqual({ classes: REFERENCE.confusion.classes, counts: REFERENCE.confusion.counts });
    expect(report?.slices.map(({ column, metric }) => [column, metric])).toEqual([["employment_type", "accuracy"], ["loan_amount", "accuracy"]]);
    for (const slice of report?.slices ?? []) expect(slice.rows.reduce((sum, { n }) => sum + n, 0)).toBe(3000);
    expect(view.row).toMatchObject({ state: "succeeded", passed: true });
    expect(view.say).toContain("right on 96.6 % of 3,000 held-out rows of holdout.csv (95 % interval 95.9 % to 97.2 %)");
    expect(view.say).toContain("All 2 limits agreed before the run are kept.");

    const page = await stage.app.views.readVersionView(stage.lead, VERSION);
    const found = page.evidence.find(({ kind }) => kind === "held_out_evaluation");
    expect(found).toMatchObject({ verdict: "passed", producer: "Evaluation" });
    expect(page.evaluation).toEqual({ dataset: "holdout.csv", datasetSha256: data.slice("sha256:".length), rows: 3000, ranBySlipway: 1 });
    expect(page.metrics.find(({ name }) => name === "areaUnderRoc")?.points.at(-1)?.value).toBeCloseTo(0.98939, 5);
    expect(page.evidence.find(({ kind }) => kind === "validation_report_passed")).toMatchObject({ producer: "Evaluation" });
    expect(page.evidence.find(({ kind }) => kind === "subgroup_performance_report")).toMatchObject({ verdict: "passed" });
    const card = await stage.app.cards.readCard(stage.lead, VERSION);
    expect(JSON.stringify(card)).toContain("metric:areaUnderRoc");
  });

  it("does not pass what misses a limit agreed before, nor rows that are in the training data", async () => {
    const data = await stage.upload("later.csv", [HEADER, ...LINES.slice(0, 1000)].join("\n"));
    const training = await stage.upload("training.csv", [HEADER, ...LINES.slice(900, 1500)].join("\n"));
    const view = await ended(await begin(data, { training, thresholds: { accuracy: { min: 0.999 } } }));
    expect(view.report?.overlap).toMatchObject({ trainingRows: 600, sharedRows: 100 });
    expect(view.row.passed).toBe(false);
    expect(view.faults.join(" ")).toMatch(/Accuracy is 0\.9\d+; at least 0\.999 was agreed.*10 % of the rows are in the training data too; at most 1 % may be/);
    const { evidence } = await stage.app.views.readVersionView(stage.lead, VERSION);
    expect(evidence.find(({ kind }) => kind === "held_out_evaluation")).toMatchObject({ verdict: "failed" });
    expect(evidence.find(({ kind }) => kind === "validation_report_passed")).toMatchObject({ verdict: "failed" });
  });

  it("reads Parquet as it reads CSV, counts rows without an answer or a true value, and answers a number kept as text", async () => {
    const columns = HEADER.split(",");
    const cells = LINES.slice(0, 400).map((line) => line.split(","));
    const numeric = columns.map((_, at) => cells.every((row) => row[at] === "" || Number.isFinite(Number(row[at]))));
    const parquet = parquetWriteBuffer({
      columnData: columns.map((name, at) => ({ name, data: cells.map((row) => (row[at] === "" ? null : numeric[at] ? Number(row[at]) : row[at])), type: numeric[at] ? ("DOUBLE" as const) : ("STRING" as const), nullable: true })),
    });
    const fromParquet = await ended(await begin(await stage.upload("rows.parquet", new Uint8Array(parquet))));
    const lines = LINES.slice(0, 400);
    const fromCsv = await ended(await begin(await stage.upload("rows.csv", [HEADER, ...lines].join("\n"))));
    expect(fromParquet.problem).toBeNull();
    expect(fromParquet.report?.measures).toEqual(fromCsv.report?.measures);

    const worse = [...lines, "lots,1193,7097,7591,6100,12,49,0,126,permanent,tenant,home_improvement,repaid", "1,2,3", (lines[0] ?? "").replace(/[^,]+$/, "")];
    const view = await ended(await begin(await stage.upload("worse.csv", [HEADER, ...worse].join("\n"))));
    expect(view.report?.rows).toEqual({ total: 403, measured: 400, withoutLabel: 1, withoutAnswer: 2, repeated: 1 });
    expect(view.report?.measures).toEqual(fromCsv.report?.measures);
  });

  it("says why it cannot be carried out, and can be cancelled", async () => {
    const nothing = await ended(await begin(await stage.upload("blank.csv", [HEADER, ...LINES.slice(0, 50).map((line) => line.replace(/[^,]+$/, ""))].join("\n"))));
    expect(nothing.row).toMatchObject({ state: "failed", passed: null });
    expect(nothing.problem).toBe("No row has a value in outcome.");

    const large = await stage.upload("large.csv", [HEADER, ...Array.from({ length: 60 }, () => LINES).flat()].join("\n"));
    const number = await begin(large);
    while ((await read(number)).row.state === "waiting") await new Promise((resolve) => setTimeout(resolve, 20));
    await stage.app.evaluations.cancelEvaluation(stage.engineer, { number, reason: "The wrong file." });
    expect((await read(number)).row.state).toBe("cancelled");
    // The next one is taken: the runtime has put the cancelled one down.
    const next = await ended(await begin(await stage.upload("next.csv", [HEADER, ...LINES.slice(0, 200)].join("\n"))));
    expect(next.row.state).toBe("succeeded");
    expect((await read(number)).report).toBeNull();
  });

  it("refuses what cannot be measured before a runtime is bothered", async () => {
    const data = await stage.upload("holdout.csv", HOLDOUT);
    const refused = (more: Record<string, unknown>) => expect(begin(data, more)).rejects;
    await refused({ labelColumn: "verdict" }).toThrow("has no column verdict");
    await refused({ sliceColumns: ["colour"] }).toThrow("has no column colour");
    await refused({ training: `sha256:${createHash("sha256").update("never sent").digest("hex")}` }).toThrow("no such file of rows");
    await expect(begin(await stage.upload("short.csv", "outcome,monthly_income\nrepaid,1\n"))).rejects.toThrow("does not fit credit-default 1.1.0");
    await expect(stage.app.evaluations.createEvaluation(stage.admin, { ...VERSION, data, labelColumn: "outcome" })).rejects.toThrow();
  });
});
