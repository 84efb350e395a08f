import { describe, expect, it } from "vitest";
import { outsideLimits } from "./limits.ts";
import { makeReport, type Collected } from "./make-report.ts";
import { nameScores } from "./name-scores.ts";
import { readSample, type Answers } from "./read-answers.ts";
import { rowKey } from "./row-key.ts";
import { SMALLEST_SLICE, sliceRows } from "./slices.ts";

const answers = (more: Partial<Answers>): Answers => ({ task: null, truth: [], labels: null, labelKind: null, scores: null, ...more });
const collected = (more: Partial<Collected>): Collected => ({
  ...answers(more), total: 0, withoutLabel: 0, withoutAnswer: 0, slices: [], sliceMetric: null, keys: new Float64Array(), trainingKeys: null, modelUs: 0, ...more,
});
const scored = (width: number, values: readonly number[]) => ({ width, values: Float64Array.from(values) });

describe("the task", () => {
  it("is what the outputs say, unless it was asked for", () => {
    expect(readSample(answers({ truth: ["a", "b"], labels: ["a", "a"], labelKind: "text" })).task).toBe("classification");
    expect(readSample(answers({ truth: ["0", "1"], scores: scored(1, [0.2, 0.7]) })).task).toBe("classification");
    expect(readSample(answers({ truth: ["0", "1"], scores: scored(1, [0.2, 1.7]) })).task).toBe("regression");
    expect(readSample(answers({ truth: ["2.5", "3"], scores: scored(1, [2, 3]) })).task).toBe("regression");
    expect(readSample(answers({ truth: ["0", "1"], scores: scored(1, [0.2, 0.7]), task: "regression" })).task).toBe("regression");
  });

  it("is refused in words where truth and answers cannot be compared", () => {
    expect(() => readSample(answers({ truth: ["red"], scores: scored(1, [2]) }))).toThrow('"red", which is not a number');
    expect(() => readSample(answers({ truth: ["a", "b"], scores: scored(3, [1, 2, 3, 1, 2, 3]) }))).toThrow("which is which cannot be told");
    expect(() => readSample(answers({ truth: ["1"], scores: scored(2, [1, 2]), task: "regression" }))).toThrow("regression is of one");
    expect(() => readSample(answers({ truth: [] }))).toThrow("No row has both");
  });

  it("reads true classes as the model writes them", () => {
    const read = (truth: string[], labels: string[], labelKind: Answers["labelKind"]) => {
      const { sample } = readSample(answers({ truth, labels, labelKind }));
      return "classes" in sample ? [...sample.truth].filter((actual, row) => actual === sample.predicted[row]).length : -1;
    };
    expect(read(["3.0", "4"], ["3", "4"], "number")).toBe(2);
    expect(read(["True", "0"], ["true", "false"], "bool")).toBe(2);
    expect(read(["007", "7"], ["007", "007"], "text")).toBe(1);
  });
});

describe("whose score is whose", () => {
  it("is told by the sorted classes, by numbers from 0, or by the answers", () => {
    expect(nameScores(2, ["yes", "no"], [0, 1], ["no", "yes"])).toEqual(["no", "yes"]);
    expect(nameScores(10, ["9", "2", "4"], [9, 2, 4], ["9", "2", "4"])).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(nameScores(2, ["yes", "no"], [0, 1, 0], ["yes", "no", "yes"])).toEqual(["yes", "no"]);
    expect(nameScores(3, ["c", "b", "a"], [0, 0, 1], ["c", "c", "a"])).toEqual(["c", "a", "b"]);
  });

  it("is not guessed", () => {
    expect(nameScores(3, ["a", "b"], [0, 1], ["b", "b"])).toBeNull();
    expect(nameScores(2, ["a", "b"], [0, 0, 0, 1], ["a", "b", "a", "b"])).toBeNull();
  });

  it("keeps a class that the model does not know", () => {
    const { sample } = readSample(answers({ truth: ["a", "b", "z"], labels: ["a", "b", "b"], labelKind: "text", scores: scored(2, [0.9, 0.1, 0.2, 0.8, 0.4, 0.6]) }));
    // Three classes and two scores: the answers show whose they are, and the third has none.
    expect("classes" in sample && sample.classes).toEqual(["a", "b", "z"]);
    expect("classes" in sample && [...(sample.scores ?? [])]).toEqual([0.9, 0.1, 0, 0.2, 0.8, 0, 0.4, 0.6, 0]);
  });
});

describe("a report", () => {
  const truth = Array.from({ length: 100 }, (_, row) => (row % 2 === 0 ? "yes" : "no"));
  // Right for everybody but the rows of one clinic.
  const cells = truth.map((_, row) => (row < 60 ? "north" : row < 90 ? "south" : "east"));
  const labels = truth.map((actual, row) => (cells[row] === "south" && row % 3 === 0 ? (actual === "yes" ? "no" : "yes") : actual));
  const whole = collected({ truth, labels, labelKind: "text", total: 100, keys: Float64Array.from(truth, (_, row) => row % 90), slices: [{ column: "clinic", cells }] });

  it("judges slices that are large enough, and says how far they lie apart", () => {
    const [slice] = makeReport(whole).slices;
    expect(slice).toMatchObject({ column: "clinic", metric: "accuracy" });
    expect(slice?.rows.map(({ name, n, isJudged }) => [name, n, isJudged])).toEqual([["north", 60, true], ["south", 30, true], ["east", 10, false]]);
    expect(slice?.gap).toBeCloseTo(1 / 3, 12);
    expect(SMALLEST_SLICE).toBe(20);
    expect(makeReport({ ...whole, sliceMetric: "recall:yes" }).slices[0]?.metric).toBe("recall:yes");
    expect(() => makeReport({ ...whole, sliceMetric: "beauty" })).toThrow("There is no figure called beauty");
  });

  it("counts rows that repeat and rows that are in the training data", () => {
    const report = makeReport({ ...whole, trainingKeys: Float64Array.from([0, 1, 2, 500]) });
    expect(report.rows).toMatchObject({ total: 100, measured: 100, repeated: 10 });
    // Keys 0, 1 and 2 occur twice each.
    expect(report.overlap).toEqual({ trainingRows: 4, sharedRows: 6 });
    expect(makeReport(whole).overlap).toBeNull();
  });

  it("is the same for the same rows, bit for bit", () => {
    expect(JSON.stringify(makeReport(structuredClone(whole)))).toBe(JSON.stringify(makeReport(whole)));
  });

  it("names the figures that are outside what was agreed, and those that were not measured", () => {
    const { measures } = makeReport(whole);
    expect(outsideLimits(measures, { accuracy: { min: 0.85, max: null }, macroF1: { min: 0.95, max: null }, logLoss: { min: null, max: 1 } })).toEqual(["macroF1", "logLoss"]);
  });
});

describe("slices of a column", () => {
  it("are its values, the rarest together, and ranges where it is a number of many values", () => {
    expect(sliceRows(["b", "a", "b", null, " "]).map(({ name, rows }) => [name, rows])).toEqual([["b", [0, 2]], ["no value", [3, 4]], ["a", [1]]]);
    const many = sliceRows(Array.from({ length: 60 }, (_, row) => `c${row % 30}`));
    expect(many).toHaveLength(20);
    expect(many.at(-1)).toMatchObject({ name: "other values" });
    const ranges = sliceRows([...Array.from({ length: 100 }, (_, row) => String(row)), null]);
    expect(ranges.map(({ name, rows }) => [name, rows.length])).toEqual([
      ["0 to under 20", 20], ["20 to under 40", 20], ["40 to under 60", 20], ["60 to under 80", 20], ["80 and more", 20], ["no value", 1],
    ]);
    // A value is never in two ranges, however often it occurs.
    const tied = sliceRows([...Array.from({ length: 100 }, () => "5"), ...Array.from({ length: 30 }, (_, row) => String(row))]);
    expect(tied.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(130);
  });
});

describe("the key of a row", () => {
  it("is the same for one row from a CSV and from a Parquet file, and another for another row", () => {
    expect(rowKey(["1.50", "", "yes"])).toBe(rowKey([1.5, null, "yes"]));
    expect(rowKey([1n, true])).toBe(rowKey(["1", "true"]));
    expect(rowKey(["a", "bc"])).not.toBe(rowKey(["ab", "c"]));
    const keys = new Set(Array.from({ length: 50_000 }, (_, row) => rowKey([row, "x"])));
    expect(keys.size).toBe(50_000);
    for (const key of keys) expect(Number.isSafeInteger(key)).toBe(true);
  });
});
