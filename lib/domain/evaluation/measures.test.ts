import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrationOf } from "./calibration.ts";
import { measureClasses, type ClassSample } from "./classification.ts";
import type { Measure } from "./measure.ts";
import { measureNumbers } from "./regression.ts";
import { areaOfSeveral, areaOfTwo, placeRows } from "./roc-area.ts";

/** Mulberry32: the same numbers on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const of = (measures: readonly Measure[], name: string): Measure => {
  const found = measures.find((measure) => measure.name === name);
  if (found === undefined) throw new Error(`No figure ${name}.`);
  return found;
};

/** Two classes: class 1 with chance 0.3, its score drawn higher; answered when the score says so. */
function drawTwo(random: () => number, n: number): ClassSample {
  const truth = new Int32Array(n);
  const predicted = new Int32Array(n);
  const scores = new Float64Array(n * 2);
  for (let row = 0; row < n; row += 1) {
    const actual = random() < 0.3 ? 1 : 0;
    const p = 1 / (1 + Math.exp(-(normal(random) + (actual === 1 ? 0.8 : -1.2))));
    truth[row] = actual;
    predicted[row] = p >= 0.5 ? 1 : 0;
    scores.set([1 - p, p], row * 2);
  }
  return { classes: ["no", "yes"], truth, predicted, scores, areProbabilities: true };
}

describe("figures of a classifier", () => {
  const sample: ClassSample = {
    classes: ["no", "yes"],
    truth: Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]),
    predicted: Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 0]),
    scores: Float64Array.from([0.9, 0.8, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1, 0.6].flatMap((no) => [no, 1 - no])),
    areProbabilities: true,
  };

  it("are what they are by hand", () => {
    const all = measureClasses(sample);
    expect(of(all, "accuracy")).toMatchObject({ value: 0.8, n: 10, method: "wilson" });
    expect(of(all, "recall:yes").value).toBe(0.75);
    expect(of(all, "precision:yes").value).toBe(0.75);
    expect(of(all, "f1:yes").value).toBeCloseTo(0.75, 12);
    expect(of(all, "f1:no").value).toBeCloseTo(10 / 12, 12);
    expect(of(all, "macroF1").value).toBeCloseTo((0.75 + 10 / 12) / 2, 12);
    expect(of(all, "logLoss").value).toBeCloseTo(-[0.9, 0.8, 0.8, 0.7, 0.6, 0.4, 0.7, 0.8, 0.9, 0.4].reduce((sum, p) => sum + Math.log(p), 0) / 10, 12);
    expect(of(all, "brierScore").value).toBeCloseTo((2 * (0.01 + 0.04 + 0.04 + 0.09 + 0.16 + 0.36 + 0.09 + 0.04 + 0.01 + 0.36)) / 10, 12);
    // Of 24 pairs one is the wrong way round for 0.4 against 0.6, and one is a tie at 0.6.
    expect(of(all, "areaUnderRoc").value).toBeCloseTo((24 - 1.5) / 24, 12);
  });

  it("are left out where there is nothing to take a share of, and finite everywhere else", () => {
    const one = measureClasses({ ...sample, truth: new Int32Array(10), predicted: new Int32Array(10) });
    expect(one.map(({ name }) => name)).not.toContain("areaUnderRoc");
    expect(one.map(({ name }) => name)).not.toContain("recall:yes");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 40 }), (rows) => {
        const measures = measureClasses({
          classes: ["a", "b", "c"],
          truth: Int32Array.from(rows, ([actual]) => actual),
          predicted: Int32Array.from(rows, ([, said]) => said),
          scores: Float64Array.from(rows.flatMap(([, , p]) => [p, (1 - p) / 2, (1 - p) / 2])),
          areProbabilities: true,
        });
        for (const { name, value, low, high } of measures) {
          expect(Number.isFinite(value), name).toBe(true);
          if (low !== null && high !== null) {
            expect(low - 1e-12 <= value && value <= high + 1e-12, `${name} ${low} ${value} ${high}`).toBe(true);
          }
        }
      }),
      { seed: 20261130, numRuns: 500 },
    );
  });

  it("have intervals that hold the truth in about 95 of 100 samples", () => {
    const random = randomFrom(20261130);
    const names = ["accuracy", "recall:yes", "precision:yes", "f1:yes", "macroF1", "areaUnderRoc", "logLoss", "brierScore"];
    const truth = measureClasses(drawTwo(random, 400_000));
    const rounds = 1000;
    const held = new Map(names.map((name) => [name, 0]));
    for (let round = 0; round < rounds; round += 1) {
      const measured = measureClasses(drawTwo(random, 300));
      for (const name of names) {
        const { low, high } = of(measured, name);
        const actual = of(truth, name).value;
        if (low !== null && high !== null && low <= actual && actual <= high) held.set(name, (held.get(name) ?? 0) + 1);
      }
    }
    // 95 % of 1000 within four standard errors of the count, and half a point for first-order formulas.
    for (const [name, count] of held) expect(count / rounds, name).toBeGreaterThan(0.917);
    for (const [name, count] of held) expect(count / rounds, name).toBeLessThan(0.983);
  });
});

describe("the area under the ROC curve", () => {
  const brute = (scores: readonly number[], hits: readonly boolean[]): number => {
    let [sum, pairs] = [0, 0];
    scores.forEach((a, i) => {
      scores.forEach((b, j) => {
        if (hits[i] !== true || hits[j] === true) return;
        pairs += 1;
        sum += a > b ? 1 : a === b ? 0.5 : 0;
      });
    });
    return sum / pairs;
  };

  it("is the share of pairs in the right order, whatever ties there are", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 2, maxLength: 40 }), (rows) => {
        const hits = rows.map(([, hit]) => hit);
        if (hits.every(Boolean) || !hits.some(Boolean)) return;
        const scores = rows.map(([score]) => score);
        const placed = placeRows(Float64Array.from(scores), Uint8Array.from(hits, Number));
        expect(placed?.area).toBeCloseTo(brute(scores, hits), 12);
        // Two classes and "several classes, of which one" are the same figure.
        expect(areaOfTwo(Float64Array.from(scores), Uint8Array.from(hits, Number))?.value).toBeCloseTo(placed === null ? 0 : (areaOfSeveral([{ placed, isHit: Uint8Array.from(hits, Number) }])?.value ?? 0), 12);
      }),
      { seed: 20261130, numRuns: 1000 },
    );
  });

  it("is not called certain because ten rows were told apart", () => {
    const measure = areaOfTwo(Float64Array.from([1, 2, 3, 4, 5, 6]), Uint8Array.from([0, 0, 0, 1, 1, 1]));
    expect(measure).toMatchObject({ value: 1, high: 1, method: "wilson" });
    expect(measure?.low).toBeLessThan(0.5);
  });
});

describe("figures of answers that are numbers", () => {
  it("are what they are by hand", () => {
    const measures = measureNumbers({ truth: Float64Array.from([1, 2, 3, 4]), predicted: Float64Array.from([1, 3, 3, 2]) });
    expect(of(measures, "meanAbsoluteError").value).toBeCloseTo(0.75, 12);
    expect(of(measures, "rootMeanSquareError").value).toBeCloseTo(Math.sqrt(5 / 4), 12);
    expect(of(measures, "meanError").value).toBeCloseTo(-0.25, 12);
    expect(of(measures, "rSquared").value).toBeCloseTo(0, 12);
  });

  it("have intervals that hold the truth in about 95 of 100 samples", () => {
    const random = randomFrom(7);
    const draw = (n: number) => {
      const truth = Float64Array.from({ length: n }, () => 10 + 3 * normal(random));
      return { truth, predicted: Float64Array.from(truth, (value) => 2 + 0.8 * value + normal(random)) };
    };
    const actual = measureNumbers(draw(400_000));
    const rounds = 1000;
    const held = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1)
      for (const { name, low, high } of measureNumbers(draw(300))) {
        const { value } = of(actual, name);
        if (low !== null && high !== null && low <= value && value <= high) held.set(name, (held.get(name) ?? 0) + 1);
      }
    expect([...held.keys()].sort()).toEqual(["meanAbsoluteError", "meanError", "rSquared", "rootMeanSquareError"]);
    for (const [name, count] of held) expect(Math.abs(count / rounds - 0.95), name).toBeLessThan(0.033);
  });
});

describe("calibration", () => {
  it("is near zero for scores that mean what they say, and far from it for scores that do not", () => {
    const random = randomFrom(3);
    const n = 20_000;
    const p = Float64Array.from({ length: n }, () => random());
    const truth = Int32Array.from(p, (share) => (random() < share ? 1 : 0));
    const predicted = Int32Array.from(p, (share) => (share >= 0.5 ? 1 : 0));
    const sample = (shares: Float64Array): ClassSample => ({ classes: ["no", "yes"], truth, predicted, scores: Float64Array.from([...shares].flatMap((share) => [1 - share, share])), areProbabilities: true });
    const honest = calibrationOf(sample(p));
    expect(honest?.of).toBe("yes");
    expect(honest?.bins).toHaveLength(10);
    expect(honest?.bins.reduce((sum, bin) => sum + bin.n, 0)).toBe(n);
    expect(honest?.error.value).toBeLessThan(0.02);
    expect(calibrationOf(sample(p.map((share) => share ** 3)))?.error.value).toBeGreaterThan(0.15);
    expect(calibrationOf({ ...sample(p), areProbabilities: false })).toBeNull();
  });
});
