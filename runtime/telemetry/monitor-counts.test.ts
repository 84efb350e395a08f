import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monitoringCounts, type MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { compileSignature } from "../oip/signature-spec.ts";
import { tensor } from "../testing/desired.ts";
import { createMonitorCounts, NO_CELL } from "./monitor-counts.ts";
import { cellOf, compileLayout } from "./monitor-layout.ts";
import { createTelemetry } from "./telemetry.ts";
import { createClassNames, NO_CLASS } from "./class-names.ts";

const SEED = 20_261_129;
const EDGES = [0, 1, 2.5, 10];
const HASH = `sha256:${"a".repeat(64)}`;

const spec = compileSignature({
  inputs: [
    tensor("x", "FP32", ["N", 2]),
    tensor("kind", "BYTES", ["N"]),
    tensor("n", "INT32", ["N", 1]),
  ],
  outputs: [tensor("score", "FP32", ["N"])],
});
const baseline = (extra: Partial<MonitoringBaseline> = {}): MonitoringBaseline => ({
  versionId: "v1",
  binsHash: HASH,
  features: [
    { kind: "numeric", name: "first", tensor: "x", column: 0, edges: EDGES, baseline: [8, 1, 1] },
    { kind: "numeric", name: "second", tensor: "x", column: 1, edges: EDGES, baseline: null },
    {
      kind: "categorical",
      name: "kind",
      tensor: "kind",
      column: null,
      values: ["a", "b"],
      baseline: null,
    },
    { kind: "categorical", name: "n", tensor: "n", column: 0, values: ["1", "2"], baseline: null },
  ],
  outputs: [
    {
      kind: "numeric",
      name: "score",
      tensor: "score",
      column: null,
      edges: [0, 0.5, 1],
      baseline: null,
    },
  ],
  oodThresholdBits: 2,
  ...extra,
});

type Row = {
  readonly x: readonly [number, number];
  readonly kind: string;
  readonly n: number | null;
};

const row: fc.Arbitrary<Row> = fc.record({
  x: fc.tuple(
    fc.constantFrom(-1, 0, 0.5, 1, 2.5, 9.75, 10, 11, Number.NaN, Infinity, -Infinity),
    fc.constantFrom(0, 1, 2, Number.NaN),
  ),
  kind: fc.constantFrom("a", "b", "c", ""),
  n: fc.constantFrom(1, 2, 3, null),
});

const tensorsOf = (rows: readonly Row[]) => [
  { shape: [rows.length, 2], data: Float32Array.from(rows.flatMap(({ x }) => x)), nulls: null },
  { shape: [rows.length], data: rows.map(({ kind }) => kind), nulls: null },
  {
    shape: [rows.length, 1],
    data: Int32Array.from(rows.map(({ n }) => n ?? 0)),
    nulls: Uint8Array.from(rows.map(({ n }) => (n === null ? 1 : 0))),
  },
];

/** Where a number falls, said in the words of the contract rather than by search. */
function naive(edges: readonly number[], value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value < edges[0]!) return "under";
  if (value > edges.at(-1)!) return "over";
  const bin = edges.findLastIndex((edge) => value >= edge);
  return `cell ${Math.min(bin, edges.length - 2)}`;
}

describe("counting by a baseline's bins", () => {
  it("puts every value into the one place that the contract names, in any split into requests", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
        (requests) => {
          const counts = createMonitorCounts(compileLayout(baseline(), spec));
          for (const rows of requests) {
            counts.scan(tensorsOf(rows));
            counts.commit();
          }
          const report = monitoringCounts.parse(counts.report());
          const all = requests.flat();
          expect(report.rows).toBe(all.length);
          const [first, , kind, n] = report.features;
          const places = all.map(({ x: [value] }) => naive(EDGES, value));
          const times = (place: string) => places.filter((one) => one === place).length;
          expect(first).toMatchObject({
            cells: [times("cell 0"), times("cell 1"), times("cell 2")],
            under: times("under"),
            over: times("over"),
            nan: times("nan"),
            nulls: 0,
          });
          const texts = (text: string) => all.filter((one) => one.kind === text).length;
          expect(kind).toMatchObject({
            cells: [texts("a"), texts("b")],
            unseen: texts("c"),
            nulls: texts(""),
          });
          const numbers = (value: number | null) => all.filter((one) => one.n === value).length;
          expect(n).toMatchObject({
            cells: [numbers(1), numbers(2)],
            unseen: numbers(3),
            nulls: numbers(null),
          });
          const finite = all.map(({ x: [value] }) => value).filter(Number.isFinite);
          if (finite.length < 5) expect(first?.moments).toBeNull();
          else {
            const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
            const m2 = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
            expect(first?.moments?.n).toBe(finite.length);
            expect(first?.moments?.mean).toBeCloseTo(mean, 9);
            expect(first?.moments?.m2).toBeCloseTo(m2, 6);
          }
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("finds the bin that a search through all of them finds", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: -60, max: 60 }),
        (some, value) => {
          const edges = some.sort((a, b) => a - b);
          const slot = cellOf(Float64Array.from(edges), value);
          const bins = edges.length - 1;
          const name = slot === bins ? "under" : slot === bins + 1 ? "over" : `cell ${slot}`;
          expect(name).toBe(naive(edges, value));
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("calls a row out of distribution when its surprise is past the limit, by the stated formula", () => {
    const bits = (count: number) => -Math.log2((count + 0.5) / (10 + 0.5 * 3));
    expect(bits(8)).toBeLessThan(2);
    expect(bits(1)).toBeGreaterThan(2);
    const counts = createMonitorCounts(compileLayout(baseline(), spec));
    const rows: Row[] = [0.5, 1.5, 5, -1, 0.1].map((value) => ({ x: [value, 0], kind: "a", n: 1 }));
    counts.scan(tensorsOf(rows));
    counts.commit();
    expect(counts.report().oodRows).toBe(3);
  });

  it("counts nothing of a request that the contract refused, and only the first thousand rows of a huge one", () => {
    const counts = createMonitorCounts(compileLayout(baseline(), spec));
    counts.scan(tensorsOf([{ x: [1, 1], kind: "a", n: 1 }]));
    counts.scan(tensorsOf(Array.from({ length: 1500 }, () => ({ x: [1, 1], kind: "b", n: 1 }))));
    counts.commit();
    const { rows, rowsSkipped, features } = counts.report();
    expect([rows, rowsSkipped]).toEqual([1024, 476]);
    expect(features[2]?.cells).toEqual([0, 1024]);
  });

  it("gives the score of a single row, and none for several", () => {
    const counts = createMonitorCounts(compileLayout(baseline(), spec));
    const one = {
      ...counts.countOutputs([{ shape: [1], data: Float32Array.of(0.75), nulls: null }], null),
    };
    expect(one).toEqual({ value: 0.75, cell: 1 });
    const many = {
      ...counts.countOutputs([{ shape: [2], data: Float32Array.of(0.75, 0.1), nulls: null }], [0]),
    };
    expect(many).toEqual({ value: Number.NaN, cell: NO_CELL });
    expect(counts.report().outputs[0]).toMatchObject({ cells: [1, 2] });
  });
});

describe("windows with a baseline", () => {
  const subject = {
    endpointId: "e",
    versionId: "v1",
    arm: "stable",
    releaseId: null,
    epoch: 1,
    windowSeconds: 10,
    latencyThresholdsUs: null,
  } as const;
  const inputs = (rows: readonly Row[]) =>
    tensorsOf(rows).map((one, index) => ({
      ...one,
      name: spec.inputs[index]!.name,
      datatype: spec.inputs[index]!.datatype,
    }));

  it("join labels and values to the score of the prediction, once each", () => {
    let nowMs = 1_000_000;
    const telemetry = createTelemetry({
      predictionsKept: 1024,
      keysPerRelease: 1024,
      now: () => nowMs,
    });
    telemetry.setBaselines([baseline()]);
    const book = telemetry.openBook(subject, createClassNames(), true, spec);
    telemetry.scanInputs(book, inputs([{ x: [1, 1], kind: "a", n: 1 }]));
    telemetry.commitInputs(book);
    const answer = [
      {
        name: "score",
        datatype: "FP32" as const,
        shape: [1],
        data: Float32Array.of(0.75),
        nulls: null,
      },
    ];
    const score = telemetry.countOutputs(book, answer, null);
    const id = telemetry.countAnswer(book, 100, false, telemetry.hashKey(null), NO_CLASS, score)!;
    telemetry.countTimes(book, 30, 60);
    telemetry.countReason(book, "timeout", 503);
    expect(telemetry.label("e", id, 1, 12.5)).toBe("accepted");
    expect(telemetry.label("e", id, 1, 12.5)).toBe("repeated");
    expect(telemetry.label("e", id, null, 1)).toBe("repeated");
    nowMs += 20_000;
    telemetry.roll();
    expect(telemetry.takeFinals()[0]).toMatchObject({
      values: { received: 1, sum: 12.5, sumSquares: 156.25 },
      labelErrors: { n: 1, sum: -0.25, sumAbsolute: 0.25, sumSquares: 0.0625 },
      reasons: [{ reason: "timeout", status: 503, count: 1 }],
      queueUs: { count: 1, sum: 30 },
      inferenceUs: { count: 1, sum: 60 },
      monitoring: { binsHash: HASH, rows: 1, labelsByScore: [["1", [0, 1, 0, 0]]] },
    });
  });

  it("take up new bins at the next window, never within one", () => {
    let nowMs = 1_000_000;
    const telemetry = createTelemetry({
      predictionsKept: 1024,
      keysPerRelease: 1024,
      now: () => nowMs,
    });
    const book = telemetry.openBook(subject, createClassNames(), true, spec);
    const count = (): void => {
      telemetry.scanInputs(book, inputs([{ x: [1, 1], kind: "a", n: 1 }]));
      telemetry.commitInputs(book);
    };
    count();
    telemetry.setBaselines([baseline()]);
    count();
    nowMs += 10_000;
    count();
    const other = `sha256:${"b".repeat(64)}`;
    telemetry.setBaselines([baseline({ binsHash: other })]);
    count();
    nowMs += 10_000;
    count();
    telemetry.closeAll();
    const said = telemetry
      .takeFinals()
      .map(({ monitoring }) => [monitoring?.binsHash, monitoring?.rows]);
    expect(said).toEqual([
      [undefined, undefined],
      [HASH, 2],
      [other, 1],
    ]);
  });
});
