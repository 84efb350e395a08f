import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { windowReport } from "#lib/contracts/runtime-protocol.ts";
import type { Book } from "./book.ts";
import { createClassNames, labelText, NO_CLASS } from "./class-names.ts";
import { createTelemetry } from "./telemetry.ts";

const SEED = 20_261_123;
const RELEASE = "release-1";
const THRESHOLDS = { p95: 1000, p99: 5000 };
const ARMS = ["stable", "candidate"] as const;

const classOf = (names: ReturnType<typeof createClassNames>, name: string) =>
  names.classOf({ datatype: "BYTES", shape: [1], data: [name] });

const event = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      arm: fc.constantFrom(...ARMS),
      key: fc.option(fc.integer({ min: 0, max: 9 })),
      hasFailed: fc.boolean(),
      latencyUs: fc.constantFrom(10, 999, 1001, 4999, 5001),
      name: fc.constantFrom("a", "b", "c", null),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("label" as const),
      which: fc.nat(),
      label: fc.constantFrom("a", "b", "c"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 400, 1999, 2000, 9000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("epoch" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("report" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("refused" as const), arm: fc.constantFrom(...ARMS) }),
  },
);

type Sums = {
  requests: number;
  errors: number;
  refused: number;
  units: number;
  error: number;
  latencyP95: number;
  latencyP99: number;
  wrongLabel: number;
  received: number;
  wrong: number;
  predictions: Record<string, number>;
};
const empty = (): Sums => ({
  requests: 0,
  errors: 0,
  refused: 0,
  units: 0,
  error: 0,
  latencyP95: 0,
  latencyP99: 0,
  wrongLabel: 0,
  received: 0,
  wrong: 0,
  predictions: {},
});

/** The statistical contract of `lib/domain/release/window.ts`, written down with plain sets and no thought for speed. */
function createNaiveModel() {
  const sums = new Map<string, Sums>();
  const used = new Map<string, Set<string>>();
  let own = 0;
  const at = (epoch: number, arm: string): Sums => {
    const key = `${epoch} ${arm}`;
    if (!sums.has(key)) sums.set(key, empty());
    return sums.get(key)!;
  };
  const first = (set: string, key: string): boolean => {
    if (!used.has(set)) used.set(set, new Set());
    if (used.get(set)!.has(key)) return false;
    used.get(set)!.add(key);
    return true;
  };
  const name = (key: number | null) => (key === null ? `own ${(own += 1)}` : `key ${key}`);
  return {
    sums,
    answer(
      epoch: number,
      arm: string,
      key: number | null,
      hasFailed: boolean,
      latencyUs: number,
      predicted: string | null,
    ): string {
      const sum = at(epoch, arm);
      const unit = name(key);
      sum.requests += 1;
      if (first(`seen ${epoch} ${arm}`, unit)) sum.units += 1;
      if (hasFailed) sum.errors += 1;
      if (hasFailed && first("error", unit)) sum.error += 1;
      if ((hasFailed || latencyUs > THRESHOLDS.p95) && first("p95", unit)) sum.latencyP95 += 1;
      if ((hasFailed || latencyUs > THRESHOLDS.p99) && first("p99", unit)) sum.latencyP99 += 1;
      if (predicted !== null && first(`class ${epoch} ${arm}`, unit))
        sum.predictions[predicted] = (sum.predictions[predicted] ?? 0) + 1;
      return unit;
    },
    label(epoch: number, arm: string, unit: string, isWrong: boolean): void {
      const sum = at(epoch, arm);
      sum.received += 1;
      if (!isWrong) return;
      sum.wrong += 1;
      if (first("label", unit)) sum.wrongLabel += 1;
    },
    refused: (epoch: number, arm: string) => {
      at(epoch, arm).refused += 1;
    },
  };
}

function addUp(windows: Iterable<WindowReport>): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const window of windows) {
    const key = `${window.epoch} ${window.arm}`;
    const sum = sums.get(key) ?? empty();
    sums.set(key, sum);
    sum.requests += window.requests;
    sum.errors += window.errors;
    sum.refused += window.refused;
    sum.units += window.units;
    for (const metric of ["error", "latencyP95", "latencyP99", "wrongLabel"] as const)
      sum[metric] += window.firstBad[metric];
    sum.received += window.labels.received;
    sum.wrong += window.labels.wrong;
    for (const [name, count] of Object.entries(window.predictions))
      sum.predictions[name] = (sum.predictions[name] ?? 0) + count;
    expect(window.latencyUs.count).toBe(window.requests);
  }
  return sums;
}

const subject = (arm: (typeof ARMS)[number], epoch: number, releaseId: string | null) => ({
  endpointId: "e",
  versionId: arm === "stable" ? "v1" : "v2",
  arm,
  releaseId,
  epoch,
  windowSeconds: 2,
  latencyThresholdsUs: THRESHOLDS,
});

describe("telemetry", () => {
  it("counts exactly what the statistical contract says, over any history of answers, labels, epochs and lost reports", () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 150 }), (events) => {
        let nowMs = 1_700_000_000_123;
        const telemetry = createTelemetry({
          predictionsKept: 4096,
          keysPerRelease: 1000,
          now: () => nowMs,
        });
        const naive = createNaiveModel();
        const classes = createClassNames();
        const received = new Map<string, WindowReport>();
        const take = (reports: readonly WindowReport[]): void => {
          for (const report of reports) {
            windowReport.parse(report);
            const key = [report.arm, report.epoch, report.windowStart].join(" ");
            if ((received.get(key)?.seq ?? 0) < report.seq) received.set(key, report);
          }
        };
        let epoch = 1;
        const open = () =>
          new Map<string, Book>(
            ARMS.map((arm) => [
              arm,
              telemetry.openBook(subject(arm, epoch, RELEASE), classes, true),
            ]),
          );
        let books = open();
        const predictions: {
          id: string;
          epoch: number;
          arm: string;
          unit: string;
          name: string | null;
          isLabelled: boolean;
        }[] = [];

        for (const one of events) {
          if (one.kind === "wait") {
            nowMs += one.ms;
            telemetry.roll();
          } else if (one.kind === "epoch") {
            for (const book of books.values()) telemetry.retireBook(book);
            epoch += 1;
            books = open();
          } else if (one.kind === "report")
            take([...telemetry.takeFinals(), ...telemetry.reportOpen()]);
          else if (one.kind === "refused") {
            telemetry.countRefused(books.get(one.arm)!);
            naive.refused(epoch, one.arm);
          } else if (one.kind === "answer") {
            const name = one.hasFailed ? null : one.name;
            const key = telemetry.hashKey(one.key === null ? null : String(one.key));
            const id = telemetry.countAnswer(
              books.get(one.arm)!,
              one.latencyUs,
              one.hasFailed,
              key,
              name === null ? NO_CLASS : classOf(classes, name),
            );
            const unit = naive.answer(epoch, one.arm, one.key, one.hasFailed, one.latencyUs, name);
            expect(id === null).toBe(one.hasFailed);
            if (id !== null)
              predictions.push({ id, epoch, arm: one.arm, unit, name, isLabelled: false });
          } else if (predictions.length > 0) {
            const prediction = predictions[one.which % predictions.length]!;
            const expected =
              prediction.name === null
                ? "unmatched"
                : prediction.isLabelled
                  ? "repeated"
                  : "accepted";
            expect(telemetry.label("e", prediction.id, one.label)).toBe(expected);
            if (expected === "accepted") {
              prediction.isLabelled = true;
              naive.label(
                prediction.epoch,
                prediction.arm,
                prediction.unit,
                one.label !== prediction.name,
              );
            }
          }
        }
        telemetry.closeAll();
        take(telemetry.takeFinals());
        const sums = addUp(received.values());
        for (const [key, sum] of naive.sums)
          expect({ key, ...sums.get(key) }).toEqual({ key, ...sum });
        expect([...received.values()].every(({ final }) => final)).toBe(true);
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  it("flags a release whose keys no longer fit, and goes on counting requests", () => {
    const telemetry = createTelemetry({
      predictionsKept: 1024,
      keysPerRelease: 100,
      now: () => 1_700_000_000_000,
    });
    const book = telemetry.openBook(subject("stable", 1, RELEASE), createClassNames(), true);
    for (let n = 0; n < 101; n += 1)
      telemetry.countAnswer(book, 10, false, telemetry.hashKey(`key-${n}`), NO_CLASS);
    const [report] = telemetry.reportOpen();
    expect(report).toMatchObject({ requests: 101, units: 100, overflow: true });
  });

  it("keeps no key outside a release: each request is its own unit there", () => {
    const telemetry = createTelemetry({
      predictionsKept: 1024,
      keysPerRelease: 1,
      now: () => 1_700_000_000_000,
    });
    const book = telemetry.openBook(subject("stable", 1, null), createClassNames(), true);
    for (let n = 0; n < 50; n += 1)
      telemetry.countAnswer(book, 2000, n < 10, telemetry.hashKey("one"), NO_CLASS);
    expect(telemetry.reportOpen()[0]).toMatchObject({
      requests: 50,
      units: 50,
      firstBad: { error: 10, latencyP95: 50, latencyP99: 10 },
      overflow: false,
    });
  });

  it("reports windows that saw nothing, as long as the arm serves", () => {
    let nowMs = 1_700_000_000_000;
    const telemetry = createTelemetry({
      predictionsKept: 1024,
      keysPerRelease: 10,
      now: () => nowMs,
    });
    const book = telemetry.openBook(subject("stable", 1, RELEASE), createClassNames(), true);
    telemetry.openBook(subject("candidate", 1, RELEASE), createClassNames(), false);
    for (let n = 0; n < 3; n += 1) {
      nowMs += 2000;
      telemetry.roll();
    }
    const finals = telemetry.takeFinals();
    expect(finals.map(({ arm, requests, final }) => ({ arm, requests, final }))).toEqual(
      Array(3).fill({ arm: "stable", requests: 0, final: true }),
    );
    telemetry.retireBook(book);
    telemetry.takeFinals();
    nowMs += 10_000;
    telemetry.roll();
    expect(telemetry.takeFinals()).toEqual([]);
  });

  it("knows its own prediction ids and nobody else's", () => {
    const now = () => 1_700_000_000_000;
    const [mine, other] = [
      createTelemetry({ predictionsKept: 4, keysPerRelease: 10, now }),
      createTelemetry({ predictionsKept: 4, keysPerRelease: 10, now }),
    ];
    const classes = createClassNames();
    const issue = (telemetry: typeof mine) => {
      const book = telemetry.openBook(subject("stable", 1, RELEASE), classes, true);
      return telemetry.countAnswer(book, 10, false, telemetry.hashKey("k"), classOf(classes, "a"))!;
    };
    const id = issue(mine);
    expect(mine.label("e", issue(other), "a")).toBe("unknown");
    expect(mine.label("another endpoint", id, "a")).toBe("unknown");
    const guess = `${id.slice(0, 16)}${"0".repeat(16)}`;
    expect(mine.label("e", guess, "a")).toBe("unknown");
    expect(mine.label("e", id, null)).toBe("accepted");
    expect(mine.label("e", id, "b")).toBe("accepted");
    expect(mine.label("e", id, "a")).toBe("repeated");
    const early = issue(mine);
    for (let n = 0; n < 4; n += 1) issue(mine);
    expect(mine.label("e", early, "a")).toBe("unknown");
  });

  it("survives a clock that steps back without reusing a window", () => {
    let nowMs = 1_700_000_000_500;
    const telemetry = createTelemetry({ predictionsKept: 4, keysPerRelease: 10, now: () => nowMs });
    const book = telemetry.openBook(subject("stable", 1, RELEASE), createClassNames(), true);
    const reports: WindowReport[] = [];
    for (const step of [3000, -10_000, 3000, 500, -400, 2000]) {
      nowMs += step;
      telemetry.countAnswer(book, 10, false, telemetry.hashKey(null), NO_CLASS);
    }
    telemetry.closeAll();
    reports.push(...telemetry.takeFinals());
    expect(new Set(reports.map(({ windowStart }) => windowStart)).size).toBe(reports.length);
    expect(reports.reduce((sum, { requests }) => sum + requests, 0)).toBe(6);
  });

  it("gives late labels windows of their own when one epoch was put in force twice", () => {
    let nowMs = 1_700_000_000_500;
    const telemetry = createTelemetry({ predictionsKept: 8, keysPerRelease: 10, now: () => nowMs });
    const classes = createClassNames();
    const ids = ["first", "second"].map((key) => {
      const book = telemetry.openBook(subject("stable", 1, RELEASE), classes, true);
      nowMs += 300;
      const id = telemetry.countAnswer(
        book,
        10,
        false,
        telemetry.hashKey(key),
        classOf(classes, "a"),
      )!;
      telemetry.retireBook(book);
      return id;
    });
    nowMs += 7000;
    for (const id of ids) expect(telemetry.label("e", id, "a")).toBe("accepted");
    telemetry.closeAll();
    const reports = telemetry.takeFinals();
    expect(reports.reduce((sum, { labels }) => sum + labels.received, 0)).toBe(2);
    expect(new Set(reports.map(({ windowStart }) => windowStart)).size).toBe(reports.length);
  });
});

describe("class names", () => {
  it("calls one class by one name, whatever type says it", () => {
    const names = createClassNames();
    const number = names.classOf({ datatype: "INT64", shape: [1], data: BigInt64Array.of(1n) });
    expect(names.nameOf(number)).toBe(labelText(1));
    const text = names.classOf({ datatype: "BYTES", shape: [1, 1], data: ["malignant"] });
    expect(names.nameOf(text)).toBe(labelText("malignant"));
    const flag = names.classOf({ datatype: "BOOL", shape: [1], data: Uint8Array.of(1) });
    expect(names.nameOf(flag)).toBe(labelText(true));
    const scores = names.classOf({
      datatype: "FP32",
      shape: [1, 3],
      data: Float32Array.of(0.1, 0.2, 0.7),
    });
    expect(names.nameOf(scores)).toBe("2");
    expect(
      names.classOf({ datatype: "FP32", shape: [1, 2], data: Float32Array.of(0.1, NaN) }),
    ).toBe(NO_CLASS);
    expect(names.classOf({ datatype: "INT64", shape: [2], data: BigInt64Array.of(1n, 2n) })).toBe(
      NO_CLASS,
    );
  });
});
