import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyCounts, mergeCounts, mergeMoments, standardDeviation, type BinCounts, type NumericBins } from "./bins.ts";
import { defaultDriftLimits, judgeDrift } from "./feature-drift.ts";

const SEED = 20_261_123;
const bins = (name: string): NumericBins => ({ kind: "numeric", name, edges: Array.from({ length: 11 }, (_, i) => i) });
const counts = (name: string, cells: readonly number[], more: Partial<BinCounts> = {}): BinCounts => ({
  ...emptyCounts(bins(name)),
  cells,
  ...more,
});
const flat = (n: number): number[] => Array.from({ length: 10 }, () => n / 10);

/** A small fixed generator (mulberry32), so that every run draws the same windows. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("judging the drift of all features together", () => {
  it("names the shifted feature first and no other, with its excess over the null band", () => {
    const shifted = [...flat(2000)];
    shifted[0] = 0;
    shifted[9] = 400;
    const judged = judgeDrift([
      { bins: bins("same"), reference: counts("same", flat(10_000)), current: counts("same", flat(2000)) },
      { bins: bins("moved"), reference: counts("moved", flat(10_000)), current: counts("moved", shifted) },
    ]);
    expect(judged.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["moved", "past_limit"],
      ["same", "within"],
    ]);
    const [moved] = judged;
    expect(moved?.excess).toBeCloseTo((moved?.psi ?? 0) - (moved?.nullBand ?? 0), 12);
    expect(judged[1]?.excess).toBe(0);
  });

  it("gives no verdict below the minimum sample, and never calls that within", () => {
    const [judged] = judgeDrift([
      { bins: bins("f"), reference: counts("f", flat(10_000)), current: counts("f", [40, 0, 0, 0, 0, 0, 0, 0, 0, 0]) },
    ]);
    expect(judged?.verdict).toBe("insufficient");
    expect(judged?.minimumCount).toBe(453); // chi2.isf(.01, 9) = 21.666 and 1 / (0.05 / 21.666 - 1 / 10 000)
  });

  it("judges against a small baseline by the limit instead of the floor, and against a tiny one not at all", () => {
    const of = (n: number) => judgeDrift([{ bins: bins("f"), reference: counts("f", flat(n)), current: counts("f", flat(1000)) }])[0];
    // 21.666 / 310 is above 0.05 and below 0.125: 1 / (0.125 / 21.666 - 1 / 310) = 393.5.
    expect(of(310)?.minimumCount).toBe(394);
    expect(of(310)?.verdict).toBe("within");
    expect(of(100)).toMatchObject({ minimumCount: null, verdict: "insufficient" });
  });

  it("does not call a large but insignificant score drift, nor a significant but small one", () => {
    const [small] = judgeDrift([
      {
        bins: bins("f"),
        reference: counts("f", flat(1_000_000)),
        current: counts("f", [103_000, 97_000, ...flat(1_000_000).slice(2)]),
      },
    ]);
    expect(small?.chiSquare?.p).toBeLessThan(0.01);
    expect(small?.verdict).toBe("within");
  });

  it("scores nulls apart: a feature that goes from none to 60 % null keeps its shape and is past the limit for nulls", () => {
    const [judged] = judgeDrift([
      { bins: bins("f"), reference: counts("f", flat(10_000)), current: counts("f", flat(4000), { nulls: 6000 }) },
    ]);
    expect(judged?.psi).toBeLessThan(0.001);
    expect(judged?.missing).toMatchObject({ reference: 0, current: 0.6, isPastLimit: true });
  });

  it("answers all-null traffic as insufficient, with the nulls past their limit", () => {
    const [judged] = judgeDrift([
      { bins: bins("f"), reference: counts("f", flat(10_000)), current: counts("f", flat(0), { nan: 5000 }) },
    ]);
    expect(judged?.verdict).toBe("insufficient");
    expect(judged?.psi).toBeNull();
    expect(judged?.missing?.isPastLimit).toBe(true);
    expect(judged?.outside).toBeNull();
  });

  it("counts a value never seen in training as outside, with a finite score", () => {
    const known = { kind: "categorical", name: "product", values: ["a", "b"] } as const;
    const reference = { ...emptyCounts(known), cells: [5000, 5000] };
    const [judged] = judgeDrift([
      { bins: known, reference, current: { ...emptyCounts(known), cells: [440, 440], unseen: 120 } },
    ]);
    expect(judged?.outside).toMatchObject({ reference: 0, current: 0.12, isPastLimit: true });
    expect(Number.isFinite(judged?.psi)).toBe(true);
    expect(judged?.kolmogorovSmirnov).toBeNull();
  });

  it("raises at most one false feature in 300 windows of 30 features without drift", () => {
    const random = generator(SEED);
    const draw = (n: number): number[] => {
      const cells = flat(0);
      for (let value = 0; value < n; value += 1) {
        const cell = Math.floor(random() * 10);
        cells[cell] = (cells[cell] ?? 0) + 1;
      }
      return cells;
    };
    const references = Array.from({ length: 30 }, (_, feature) => counts(`f${String(feature)}`, draw(10_000)));
    let alarms = 0;
    for (let window = 0; window < 300; window += 1) {
      const judged = judgeDrift(
        references.map((reference) => ({
          bins: bins(reference.name),
          reference,
          current: counts(reference.name, draw(500)),
        })),
      );
      alarms += judged.filter(({ verdict }) => verdict !== "within").length;
    }
    expect(alarms).toBeLessThanOrEqual(1);
  });
});

describe("adding counts up", () => {
  const someCounts = fc.record({
    cells: fc.array(fc.nat({ max: 50 }), { minLength: 10, maxLength: 10 }),
    under: fc.nat({ max: 9 }),
    over: fc.nat({ max: 9 }),
    nulls: fc.nat({ max: 9 }),
    values: fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { maxLength: 20 }),
  });
  const momentsOf = (values: readonly number[]) => {
    if (values.length === 0) return null;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { n: values.length, mean, m2: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
  };

  it("is the same in either order and equals one pass over all values", () => {
    fc.assert(
      fc.property(someCounts, someCounts, ({ values: a, ...left }, { values: b, ...right }) => {
        const one = counts("f", left.cells, { ...left, moments: momentsOf(a) });
        const two = counts("f", right.cells, { ...right, moments: momentsOf(b) });
        const [forth, back] = [mergeCounts(one, two), mergeCounts(two, one)];
        expect(forth.cells).toEqual(back.cells);
        expect(forth.nulls).toBe(left.nulls + right.nulls);
        const whole = momentsOf([...a, ...b]);
        expect(forth.moments?.n ?? 0).toBe(whole?.n ?? 0);
        expect(forth.moments?.mean ?? 0).toBeCloseTo(whole?.mean ?? 0, 6);
        expect(Math.sqrt(forth.moments?.m2 ?? 0)).toBeCloseTo(Math.sqrt(whole?.m2 ?? 0), 4);
        expect(back.moments?.mean ?? 0).toBeCloseTo(forth.moments?.mean ?? 0, 6);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("refuses counts of other bins", () => {
    expect(() => mergeCounts(counts("f", [1]), counts("f", [1, 2]))).toThrow(RangeError);
    expect(mergeMoments(null, null)).toBeNull();
    expect(standardDeviation({ n: 4, mean: 0, m2: 16 })).toBe(2);
  });

  it("keeps the limits that a stored evaluation names", () => {
    expect(defaultDriftLimits).toEqual({ floor: 0.1, limit: 0.25, falseDiscovery: 0.01, nullRise: 0.05, outsideRise: 0.02 });
  });
});
