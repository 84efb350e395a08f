import { describe, expect, it } from "vitest";
import { calibrate, estimatePerformance, hasConceptChanged } from "./estimate-performance.ts";
import {
  calibrationError,
  classificationPerformance,
  logLoss,
  meanWithError,
  regressionPerformance,
  rocAuc,
  wilsonInterval,
} from "./performance.ts";

// 100 predictions in four score bins; expected values from NumPy over the raw 100 rows.
const BINS = [
  { score: 0.05, positives: 2, negatives: 38 },
  { score: 0.25, positives: 6, negatives: 24 },
  { score: 0.55, positives: 11, negatives: 9 },
  { score: 0.85, positives: 9, negatives: 1 },
];

describe("performance by true labels", () => {
  it("agrees with values worked out on the rows", () => {
    expect(rocAuc(BINS)).toBeCloseTo(0.8497023809523809, 12);
    expect(logLoss(BINS)).toBeCloseTo(0.402853122640346, 12);
    expect(calibrationError(BINS)).toBeCloseTo(0.02, 12);
    const interval = wilsonInterval(93, 100);
    expect(interval?.low).toBeCloseTo(0.8625048519384759, 9);
    expect(interval?.high).toBeCloseTo(0.9656807391201874, 9);
  });

  it("works out precision, recall and F1 by class", () => {
    // 40 true positives, 10 false alarms, 5 missed, 45 true negatives.
    const { accuracy, classes, macroF1 } = classificationPerformance([
      ["yes", "yes", 40],
      ["yes", "no", 10],
      ["no", "yes", 5],
      ["no", "no", 45],
    ]);
    expect(accuracy).toBe(0.85);
    const yes = classes.find(({ label }) => label === "yes");
    expect(yes).toMatchObject({ precision: 0.8, support: 45, predicted: 50 });
    expect(yes?.recall).toBeCloseTo(40 / 45, 12);
    expect(yes?.f1).toBeCloseTo(80 / 95, 12);
    expect(macroF1).toBeCloseTo((80 / 95 + 90 / 105) / 2, 12);
  });

  it("answers null, not 0, where nothing was seen", () => {
    expect(rocAuc([{ score: 0.5, positives: 9, negatives: 0 }])).toBeNull();
    expect(rocAuc([])).toBeNull();
    expect(logLoss([])).toBeNull();
    expect(calibrationError([])).toBeNull();
    expect(classificationPerformance([]).accuracy).toBeNull();
    expect(classificationPerformance([["a", "b", 3]]).classes.find(({ label }) => label === "b")?.precision).toBeNull();
    expect(wilsonInterval(0, 0)).toBeNull();
    expect(meanWithError(0, 0, 0)).toBeNull();
    expect(regressionPerformance({ n: 0, sum: 0, sumAbsolute: 0, sumSquares: 0 }).rootMeanSquareError).toBeNull();
  });

  it("works out errors of numbers and the standard error of a mean", () => {
    // Errors 3, -1, 2: mean absolute 2, mean square 14/3, bias 4/3.
    const { meanAbsoluteError, rootMeanSquareError, bias } = regressionPerformance({ n: 3, sum: 4, sumAbsolute: 6, sumSquares: 14 });
    expect([meanAbsoluteError, bias]).toEqual([2, 4 / 3]);
    expect(rootMeanSquareError).toBeCloseTo(Math.sqrt(14 / 3), 12);
    expect(meanWithError(3, 6, 14)).toEqual({ mean: 2, standardError: Math.sqrt(1 / 3) });
  });
});

describe("performance estimated without labels", () => {
  const bins = BINS.map(({ score, positives, negatives }) => ({
    score,
    predictions: positives + negatives,
    chance: positives / (positives + negatives),
  }));

  it("equals the measured performance where the chances are the observed shares", () => {
    const estimated = estimatePerformance(bins);
    // score >= 0.5 is positive: 20 hits, 10 false alarms, 8 missed, 62 right.
    expect(estimated?.accuracy).toBeCloseTo(0.82, 12);
    expect(estimated?.precision).toBeCloseTo(20 / 30, 12);
    expect(estimated?.recall).toBeCloseTo(20 / 28, 12);
    expect(estimated?.f1).toBeCloseTo(40 / 58, 12);
    expect(estimated?.rocAuc).toBeCloseTo(0.8497023809523809, 12);
    expect(estimatePerformance([])).toBeNull();
  });

  it("follows a covariate shift exactly and shows a changed concept by the labels", () => {
    // All traffic moves to the two undecided bins: accuracy falls to (24/30 + 11/20) / 2.
    const moved = bins.map((bin, index) => ({ ...bin, predictions: index === 1 || index === 2 ? 5000 : 0 }));
    const estimated = estimatePerformance(moved);
    expect(estimated?.accuracy).toBeCloseTo(0.675, 12);
    if (estimated === null) throw new Error("No estimate.");
    expect(hasConceptChanged(estimated, 6750, 10_000)).toBe(false);
    expect(hasConceptChanged(estimated, 6000, 10_000)).toBe(true);
    expect(hasConceptChanged(estimated, 0, 0)).toBe(false);
  });

  it("calibrates by pooling adjacent violators", () => {
    const of = (positives: number, labels: number, score: number) => ({ positives, labels, score });
    // 0.4 before 0.2 is a violation: both become (4 + 2) / 20.
    expect(calibrate([of(4, 10, 0.1), of(2, 10, 0.3), of(0, 0, 0.5), of(9, 10, 0.9)])).toEqual([0.3, 0.3, 0.3, 0.9]);
    expect(calibrate([of(0, 0, 0.2), of(5, 10, 0.6)])).toEqual([0.2, 0.5]);
    expect(calibrate([])).toEqual([]);
  });
});
