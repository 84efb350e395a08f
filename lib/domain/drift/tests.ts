import { chiSquareTail, kolmogorovTail, normalTwoSidedTail } from "./tail-probabilities.ts";

/** Significance of differences between binned counts. */

type Cells = readonly number[];
export type TestResult = { readonly statistic: number; readonly degrees: number; readonly p: number };

const sum = (cells: Cells): number => cells.reduce((total, count) => total + count, 0);

/**
 * Adds the rarest cells together until the chi-square approximation holds: no expected count under 1 and at most a fifth of them under 5 (Cochran 1954).
 * Cells that both sides lack go first.
 */
export function poolRareCells(reference: Cells, current: Cells): readonly (readonly [number, number])[] {
  const pairs = reference
    .map((count, index) => [count, current[index] ?? 0] as const)
    .filter(([left, right]) => left + right > 0)
    .sort((a, b) => a[0] + a[1] - b[0] - b[1]);
  const [n, m] = [sum(reference), sum(current)];
  const smaller = Math.min(n, m) / (n + m);
  let pooled = [...pairs];
  for (;;) {
    const expected = pooled.map(([left, right]) => (left + right) * smaller);
    const few = expected.filter((value) => value < 5).length;
    const isSound = few <= pooled.length / 5 && expected.every((value) => value >= 1);
    const [first, second, ...rest] = pooled;
    if (isSound || first === undefined || second === undefined) return pooled;
    const joined = [first[0] + second[0], first[1] + second[1]] as const;
    pooled = [...rest, joined].sort((a, b) => a[0] + a[1] - b[0] - b[1]);
  }
}

/** Two-sample chi-square test of equal shares. One cell (a constant on both sides) is no difference: p = 1. Null when a side is empty. */
export function chiSquare(reference: Cells, current: Cells): TestResult | null {
  const [n, m] = [sum(reference), sum(current)];
  if (n === 0 || m === 0 || reference.length !== current.length) return null;
  const pooled = poolRareCells(reference, current);
  const degrees = Math.max(0, pooled.length - 1);
  const statistic =
    degrees === 0
      ? 0
      : pooled.reduce((total, [r, c]) => {
          const difference = Math.sqrt(m / n) * r - Math.sqrt(n / m) * c;
          return total + (difference * difference) / (r + c);
        }, 0);
  return { statistic, degrees, p: chiSquareTail(statistic, degrees) };
}

/** p of a Kolmogorov-Smirnov distance between samples of these sizes, by Stephens' correction (1970). Conservative for binned values. */
export function kolmogorovP(distance: number, n: number, m: number): number {
  const effective = Math.sqrt((n * m) / (n + m));
  return kolmogorovTail((effective + 0.12 + 0.11 / effective) * distance);
}

/** Two-proportion z test, pooled, two-sided: nulls, values outside the range, any share. Null when a side is empty. */
export function proportionTest(
  reference: { readonly part: number; readonly whole: number },
  current: { readonly part: number; readonly whole: number },
): TestResult | null {
  if (reference.whole === 0 || current.whole === 0) return null;
  const pooled = (reference.part + current.part) / (reference.whole + current.whole);
  const variance = pooled * (1 - pooled) * (1 / reference.whole + 1 / current.whole);
  const difference = current.part / current.whole - reference.part / reference.whole;
  if (variance === 0) return { statistic: 0, degrees: 1, p: 1 };
  const z = difference / Math.sqrt(variance);
  return { statistic: z, degrees: 1, p: normalTwoSidedTail(z) };
}

/** Benjamini-Hochberg adjusted p values (1995), in the order given: at or below q means a false-discovery rate of at most q. */
export function adjustFalseDiscovery(ps: readonly number[]): readonly number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => b.p - a.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  let least = 1;
  for (const [place, { p, index }] of order.entries()) {
    least = Math.min(least, (p * ps.length) / (ps.length - place));
    adjusted[index] = least;
  }
  return adjusted;
}
