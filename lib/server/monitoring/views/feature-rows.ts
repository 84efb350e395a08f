import type { Distribution, FeatureRow } from "#lib/contracts/views/monitoring-view.ts";
import type { PlacedBins } from "#lib/domain/drift/baseline.ts";
import { presentCount, shapeCells, type BinCounts, type Bins } from "#lib/domain/drift/bins.ts";
import { psi, psiParts } from "#lib/domain/drift/distances.ts";
import type { FeatureDrift } from "#lib/domain/drift/feature-drift.ts";
import { occupiedCells, psiNullBand } from "#lib/domain/drift/null-band.ts";
import type { BinnedCounts } from "#lib/domain/drift/period.ts";
import type { DriftEvaluationRecord } from "../../db/monitor-repository.ts";

const edgeText = (value: number): string => (Math.abs(value) >= 1000 || value === 0 ? String(Math.round(value)) : value.toPrecision(3));

/** What the cells of `shapeCells` are called, in its order. */
function cellNames(bins: Bins): readonly string[] {
  if (bins.kind === "categorical") return [...bins.values, "never seen"];
  const inner = bins.edges.slice(0, -1).map((edge, index) => `${edgeText(edge)} to ${edgeText(bins.edges[index + 1] ?? edge)}`);
  return ["under", ...inner, "over"];
}

/** The two histograms of one feature or answer, and what each bin adds to the score. Null where one side has no counts. */
export function distributionOf({ bins }: Pick<PlacedBins, "bins">, reference: BinCounts, current: BinCounts): Distribution | null {
  const [before, now] = [shapeCells(bins, reference), shapeCells(bins, current)];
  const [n, m] = [presentCount(reference), presentCount(current)];
  const parts = psiParts(before, now);
  if (parts === null) return null;
  return {
    name: bins.name,
    referenceCount: n,
    count: m,
    psi: psi(before, now),
    nullBand: psiNullBand(occupiedCells(before, now), n, m),
    bins: cellNames(bins).map((label, index) => ({ label, reference: (before[index] ?? 0) / n, current: (now[index] ?? 0) / m, part: parts[index] ?? 0 })),
  };
}

const scoreAgainst = (placed: PlacedBins | undefined, current: BinnedCounts | null, reference: BinnedCounts | null): number | null => {
  if (placed === undefined) return null;
  const find = (counts: BinnedCounts | null) => counts?.features.find(({ name }) => name === placed.bins.name);
  const [now, before] = [find(current), find(reference)];
  if (now === undefined || before === undefined) return null;
  return psi(shapeCells(placed.bins, before), shapeCells(placed.bins, now));
};

const TREND = 48;

/** Rows of the feature table, in the order they were judged: past a limit first, then by what exceeds chance. */
export function featureRows(
  judged: readonly FeatureDrift[],
  placed: readonly PlacedBins[],
  counts: { readonly current: BinnedCounts | null; readonly sameHour: BinnedCounts | null; readonly hourBefore: BinnedCounts | null },
  history: readonly DriftEvaluationRecord[],
): FeatureRow[] {
  const byName = new Map(placed.map((one) => [one.bins.name, one]));
  const past = [...history].slice(0, TREND).reverse();
  return judged.map((feature): FeatureRow => {
    const own = byName.get(feature.name);
    const shares = (change: FeatureDrift["missing"]) => (change === null ? null : { reference: change.reference, current: change.current, isPastLimit: change.isPastLimit });
    return {
      name: feature.name,
      kind: feature.kind,
      verdict: feature.verdict,
      count: feature.count,
      minimumCount: feature.minimumCount,
      psi: feature.psi,
      nullBand: feature.nullBand !== null && Number.isFinite(feature.nullBand) ? feature.nullBand : null,
      excess: feature.excess,
      jensenShannon: feature.jensenShannon,
      kolmogorovSmirnov: feature.kolmogorovSmirnov?.distance ?? null,
      wasserstein: feature.wasserstein,
      largestDifference: feature.largestDifference,
      adjustedP: feature.adjustedP,
      missing: shares(feature.missing),
      outside: shares(feature.outside),
      sameHour: scoreAgainst(own, counts.current, counts.sameHour),
      hourBefore: scoreAgainst(own, counts.current, counts.hourBefore),
      trend: past.map(({ report }) => report.features.find(({ name }) => name === feature.name)?.psi ?? null),
    };
  });
}
