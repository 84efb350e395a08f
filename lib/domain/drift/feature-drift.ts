import {
  missingCount,
  outsideCount,
  presentCount,
  shapeCells,
  standardDeviation,
  valueCount,
  type BinCounts,
  type Bins,
} from "./bins.ts";
import { jensenShannon, kolmogorovSmirnov, largestDifference, psi, wasserstein } from "./distances.ts";
import { minimumSample, occupiedCells, psiNullBand } from "./null-band.ts";
import { adjustFalseDiscovery, chiSquare, kolmogorovP, proportionTest } from "./tests.ts";

/** Where a score begins to matter. Stored with each evaluation, so that a number can be read later. */
export type DriftLimits = {
  /** PSI from which a significant difference is worth a look. */
  readonly floor: number;
  /** PSI from which it is past the limit. */
  readonly limit: number;
  /** False-discovery rate over the features of one evaluation. */
  readonly falseDiscovery: number;
  /** Rise of the share of nulls, as a share: 0.05 = five points. */
  readonly nullRise: number;
  /** Rise of the share of values outside every bin. */
  readonly outsideRise: number;
};

export const defaultDriftLimits: DriftLimits = {
  floor: 0.1,
  limit: 0.25,
  falseDiscovery: 0.01,
  nullRise: 0.05,
  outsideRise: 0.02,
};

export const driftVerdicts = ["past_limit", "past_floor", "within", "insufficient"] as const;
export type DriftVerdict = (typeof driftVerdicts)[number];

export type ShareChange = {
  readonly reference: number;
  readonly current: number;
  readonly p: number;
  readonly isPastLimit: boolean;
};

export type FeatureDrift = {
  readonly name: string;
  readonly kind: Bins["kind"];
  readonly referenceCount: number;
  readonly count: number;
  /** Values needed for a verdict at these limits; null when the reference is too small for any. */
  readonly minimumCount: number | null;
  readonly psi: number | null;
  /** What chance alone reaches in one of a hundred windows of this size. */
  readonly nullBand: number | null;
  /** PSI above the band; 0 inside it. The order of the table. */
  readonly excess: number;
  readonly jensenShannon: number | null;
  /** Numeric only. */
  readonly kolmogorovSmirnov: { readonly distance: number; readonly p: number } | null;
  /** In standard deviations of the reference; numeric only, null where the reference has no spread. */
  readonly wasserstein: number | null;
  /** Categorical only. */
  readonly largestDifference: number | null;
  readonly chiSquare: { readonly statistic: number; readonly degrees: number; readonly p: number } | null;
  /** p of the chi-square test, adjusted over all features of the evaluation. */
  readonly adjustedP: number | null;
  readonly missing: ShareChange | null;
  readonly outside: ShareChange | null;
  readonly verdict: DriftVerdict;
};

export type DriftInput = { readonly bins: Bins; readonly reference: BinCounts; readonly current: BinCounts };

function shareChange(
  reference: { part: number; whole: number },
  current: { part: number; whole: number },
  rise: number,
  falseDiscovery: number,
): ShareChange | null {
  const test = proportionTest(reference, current);
  if (test === null) return null;
  const before = reference.part / reference.whole;
  const now = current.part / current.whole;
  return { reference: before, current: now, p: test.p, isPastLimit: now - before >= rise && test.p <= falseDiscovery };
}

/**
 * Values needed for a verdict: chance must stay below half the floor. Where the reference itself is too small for that (some hundred rows), below half the
 * limit: then only what is past the limit can be told from chance, and that is what fires.
 */
function leastCount(cells: number, referenceCount: number, { floor, limit }: DriftLimits): number {
  if (referenceCount === 0) return Number.POSITIVE_INFINITY;
  const byFloor = minimumSample(cells, referenceCount, floor);
  return Number.isFinite(byFloor) ? byFloor : minimumSample(cells, referenceCount, limit);
}

function score({ bins, reference, current }: DriftInput, limits: DriftLimits): Omit<FeatureDrift, "adjustedP" | "verdict"> {
  const before = shapeCells(bins, reference);
  const now = shapeCells(bins, current);
  const [n, m] = [presentCount(reference), presentCount(current)];
  const cells = occupiedCells(before, now);
  const value = psi(before, now);
  const band = value === null ? null : psiNullBand(cells, n, m);
  const least = leastCount(Math.max(2, cells), n, limits);
  const isNumeric = bins.kind === "numeric";
  const distance = isNumeric ? kolmogorovSmirnov(before, now) : null;
  const moved = isNumeric ? wasserstein(bins.edges, before, now) : null;
  const spread = standardDeviation(reference.moments);
  return {
    name: bins.name,
    kind: bins.kind,
    referenceCount: n,
    count: m,
    minimumCount: Number.isFinite(least) ? least : null,
    psi: value,
    nullBand: band,
    excess: value === null || band === null ? 0 : Math.max(0, value - band),
    jensenShannon: jensenShannon(before, now),
    kolmogorovSmirnov: distance === null ? null : { distance, p: kolmogorovP(distance, n, m) },
    wasserstein: moved === null || spread === null ? null : moved / spread,
    largestDifference: isNumeric ? null : largestDifference(before, now),
    chiSquare: chiSquare(before, now),
    missing: shareChange(
      { part: missingCount(reference), whole: valueCount(reference) },
      { part: missingCount(current), whole: valueCount(current) },
      limits.nullRise,
      limits.falseDiscovery,
    ),
    outside: shareChange(
      { part: outsideCount(reference), whole: n },
      { part: outsideCount(current), whole: m },
      limits.outsideRise,
      limits.falseDiscovery,
    ),
  };
}

function verdictOf(scored: Omit<FeatureDrift, "adjustedP" | "verdict">, adjustedP: number | null, limits: DriftLimits): DriftVerdict {
  const { psi: value, minimumCount, count } = scored;
  if (value === null || adjustedP === null || minimumCount === null || count < minimumCount) return "insufficient";
  if (adjustedP > limits.falseDiscovery) return "within";
  if (value >= limits.limit) return "past_limit";
  return value >= limits.floor ? "past_floor" : "within";
}

/**
 * Scores all features of one window together, because significance is adjusted over them (Benjamini-Hochberg), and orders them past the limit first, then
 * by what exceeds chance. A feature needs both: an effect (PSI at the limit) and significance; with too few values it is `insufficient`, never `within`.
 */
export function judgeDrift(inputs: readonly DriftInput[], limits: DriftLimits = defaultDriftLimits): readonly FeatureDrift[] {
  const scored = inputs.map((input) => score(input, limits));
  const tested = scored.flatMap((one, index) => (one.chiSquare === null ? [] : [{ index, p: one.chiSquare.p }]));
  const adjusted = adjustFalseDiscovery(tested.map(({ p }) => p));
  const byIndex = new Map(tested.map(({ index }, place) => [index, adjusted[place] ?? 1]));
  return scored
    .map((one, index) => {
      const adjustedP = byIndex.get(index) ?? null;
      return { ...one, adjustedP, verdict: verdictOf(one, adjustedP, limits) };
    })
    .sort(
      (a, b) =>
        driftVerdicts.indexOf(a.verdict) - driftVerdicts.indexOf(b.verdict) ||
        b.excess - a.excess ||
        (a.name < b.name ? -1 : 1),
    );
}
