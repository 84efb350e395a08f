/** How two versions differ over the same rows. Tallies of partitions are added; the report is made from their sum. */
export type DifferenceTally = {
  readonly rows: number;
  readonly bothAnswered: number;
  readonly onlyCurrentAnswered: number;
  readonly onlyNewAnswered: number;
  readonly neitherAnswered: number;
  /** Rows that both answered with another class. */
  readonly otherClass: number;
  /** Rows by class, as the current and as the new version name them. */
  readonly currentClasses: Readonly<Record<string, number>>;
  readonly newClasses: Readonly<Record<string, number>>;
  /** "a → b": rows that move from a to b. */
  readonly moves: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, OutputDifference>>;
  /** Time in the model. Microseconds. */
  readonly currentUs: number;
  readonly newUs: number;
};

/** Numbers of one output, over all values of the rows that both answered. */
export type OutputDifference = {
  readonly values: number;
  readonly sumAbsolute: number;
  readonly maxAbsolute: number;
};

export const EMPTY_DIFFERENCE: DifferenceTally = {
  rows: 0,
  bothAnswered: 0,
  onlyCurrentAnswered: 0,
  onlyNewAnswered: 0,
  neitherAnswered: 0,
  otherClass: 0,
  currentClasses: {},
  newClasses: {},
  moves: {},
  outputs: {},
  currentUs: 0,
  newUs: 0,
};

type Counts = Readonly<Record<string, number>>;

/** Adds counts by name. */
export function addCounts(a: Counts, b: Counts): Record<string, number> {
  const sum = new Map(Object.entries(a));
  for (const [name, count] of Object.entries(b)) sum.set(name, (sum.get(name) ?? 0) + count);
  return Object.fromEntries(sum);
}

function addOutputs(a: DifferenceTally["outputs"], b: DifferenceTally["outputs"]): DifferenceTally["outputs"] {
  const sum = new Map(Object.entries(a));
  for (const [name, other] of Object.entries(b)) {
    const own = sum.get(name) ?? { values: 0, sumAbsolute: 0, maxAbsolute: 0 };
    sum.set(name, {
      values: own.values + other.values,
      sumAbsolute: own.sumAbsolute + other.sumAbsolute,
      maxAbsolute: Math.max(own.maxAbsolute, other.maxAbsolute),
    });
  }
  return Object.fromEntries(sum);
}

export const addDifferences = (a: DifferenceTally, b: DifferenceTally): DifferenceTally => ({
  rows: a.rows + b.rows,
  bothAnswered: a.bothAnswered + b.bothAnswered,
  onlyCurrentAnswered: a.onlyCurrentAnswered + b.onlyCurrentAnswered,
  onlyNewAnswered: a.onlyNewAnswered + b.onlyNewAnswered,
  neitherAnswered: a.neitherAnswered + b.neitherAnswered,
  otherClass: a.otherClass + b.otherClass,
  currentClasses: addCounts(a.currentClasses, b.currentClasses),
  newClasses: addCounts(a.newClasses, b.newClasses),
  moves: addCounts(a.moves, b.moves),
  outputs: addOutputs(a.outputs, b.outputs),
  currentUs: a.currentUs + b.currentUs,
  newUs: a.newUs + b.newUs,
});

export type ShareInterval = { readonly share: number; readonly low: number; readonly high: number };

const Z95 = 1.959963984540054;

/** Wilson's 95 % interval for a share (Wilson 1927). `total` 0 gives 0 to 1. */
export function wilson95(count: number, total: number): ShareInterval {
  if (total === 0) return { share: 0, low: 0, high: 1 };
  const share = count / total;
  const z2 = Z95 * Z95;
  const middle = (share + z2 / (2 * total)) / (1 + z2 / total);
  const half = (Z95 / (1 + z2 / total)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total * total));
  return {
    share,
    low: count === 0 ? 0 : Math.max(0, middle - half),
    high: count === total ? 1 : Math.min(1, middle + half),
  };
}

export type DifferenceReport = {
  readonly tally: DifferenceTally;
  /** Of the rows that both answered; null when no output names a class. */
  readonly otherClass: ShareInterval | null;
  /** Rows that the new version leaves without an answer and the current one does not, of all. */
  readonly newlyUnanswered: ShareInterval;
  /** Time in the model, new over current; null when nothing was measured. */
  readonly timeRatio: number | null;
};

export function reportDifference(tally: DifferenceTally): DifferenceReport {
  const hasClasses = Object.keys(tally.currentClasses).length > 0;
  return {
    tally,
    otherClass: hasClasses ? wilson95(tally.otherClass, tally.bothAnswered) : null,
    newlyUnanswered: wilson95(tally.onlyCurrentAnswered, tally.rows),
    timeRatio: tally.currentUs > 0 ? tally.newUs / tally.currentUs : null,
  };
}

/**
 * Population stability index between two sets of class counts: the sum of (p - q) ln(p / q), each share with half a count added so that
 * an empty class does not make it infinite. 0 = the same shares; by custom above 0.1 is worth a look, above 0.25 a shift.
 */
export function stabilityIndex(before: Counts, after: Counts): number | null {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const total = (counts: Counts): number => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  const [totalBefore, totalAfter] = [total(before), total(after)];
  if (totalBefore === 0 || totalAfter === 0) return null;
  const share = (counts: Counts, all: number, name: string): number =>
    ((counts[name] ?? 0) + 0.5) / (all + 0.5 * names.length);
  return names.reduce((sum, name) => {
    const [p, q] = [share(before, totalBefore, name), share(after, totalAfter, name)];
    return sum + (p - q) * Math.log(p / q);
  }, 0);
}
