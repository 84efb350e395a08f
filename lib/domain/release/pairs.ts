import { mergeAll, quantileUs } from "#lib/domain/statistics/histogram.ts";
import type { WindowCounts } from "./window.ts";

/** Edges of the histogram of score differences; the last cell holds everything above. */
export const SCORE_DELTA_EDGES = [0, 1e-6, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.5, 1] as const;

/**
 * What a shadow and the version that answered said to the same requests, in one window of the shadow. A key counts in
 * `units` once per epoch, by its first pair; in the failure counts once per release, by its first pair in which exactly
 * one of the two failed.
 */
export type PairCounts = {
  /** Requests chosen for mirroring, whether or not they reached the shadow. */
  readonly sampled: number;
  /** Of these, not mirrored: the queue was full or the runtime was busy. Nothing is known of them. */
  readonly dropped: number;
  /** Both answered. */
  readonly compared: number;
  readonly agreed: number;
  readonly units: number;
  readonly unitsDisagreed: number;
  readonly candidateFailed: number;
  readonly stableFailed: number;
  /** Stable's class, the shadow's class, pairs. */
  readonly classes: readonly (readonly [stable: string, candidate: string, count: number])[];
  /** Largest difference of a score within a pair: counts by `SCORE_DELTA_EDGES`, one more cell for above. */
  readonly scoreDeltas: readonly number[];
};

export type PairTotals = PairCounts & {
  readonly seconds: number;
  /** Distinct keys by process start: a key may come to several, so only the largest counts where keys come back. */
  readonly boots: readonly (readonly [bootId: string, units: number, unitsDisagreed: number])[];
  readonly p50Us: { readonly stable: number | null; readonly candidate: number | null };
  readonly p95Us: { readonly stable: number | null; readonly candidate: number | null };
};

/** Counts of several windows as one. */
export function addPairs(parts: readonly PairCounts[]): PairCounts {
  const add = (of: (part: PairCounts) => number) => parts.reduce((sum, part) => sum + of(part), 0);
  const classes = new Map<string, [string, string, number]>();
  for (const [stable, candidate, count] of parts.flatMap((part) => part.classes)) {
    const key = JSON.stringify([stable, candidate]);
    const known = classes.get(key) ?? [stable, candidate, 0];
    known[2] += count;
    classes.set(key, known);
  }
  return {
    sampled: add((part) => part.sampled),
    dropped: add((part) => part.dropped),
    compared: add((part) => part.compared),
    agreed: add((part) => part.agreed),
    units: add((part) => part.units),
    unitsDisagreed: add((part) => part.unitsDisagreed),
    candidateFailed: add((part) => part.candidateFailed),
    stableFailed: add((part) => part.stableFailed),
    classes: [...classes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row),
    scoreDeltas: Array.from({ length: SCORE_DELTA_EDGES.length }, (_, cell) =>
      add((part) => part.scoreDeltas[cell] ?? 0),
    ),
  };
}

/** A release's pairs, from windows of which each is there once; null when it mirrored nothing. */
export function pairTotals(rows: readonly WindowCounts[], seconds: number): PairTotals | null {
  const shadow = rows.filter((row) => row.arm === "shadow" && row.pairs !== undefined);
  if (shadow.length === 0) return null;
  const epochs = new Set(shadow.map(({ epoch }) => epoch));
  const stable = rows.filter(({ arm, epoch }) => arm === "stable" && epochs.has(epoch));
  const pairsOf = (some: readonly WindowCounts[]) =>
    addPairs(some.flatMap(({ pairs }) => (pairs === undefined ? [] : [pairs])));
  const quantile = (q: number) => ({
    stable: quantileUs(mergeAll(stable.map(({ latencyUs }) => latencyUs)), q),
    candidate: quantileUs(mergeAll(shadow.map(({ latencyUs }) => latencyUs)), q),
  });
  const byBoot = [...Map.groupBy(shadow, ({ bootId }) => bootId)];
  return {
    ...pairsOf(shadow),
    seconds,
    boots: byBoot
      .map(([bootId, own]) => {
        const { units, unitsDisagreed } = pairsOf(own);
        return [bootId, units, unitsDisagreed] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    p50Us: quantile(0.5),
    p95Us: quantile(0.95),
  };
}
