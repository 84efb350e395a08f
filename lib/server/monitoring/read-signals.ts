import type { BinnedCounts, PeriodCounts } from "#lib/domain/drift/period.ts";
import { binnedBy, mergePeriods } from "#lib/domain/drift/period.ts";
import type { PlacedBins } from "#lib/domain/drift/baseline.ts";
import { PROBABILITY_BINS } from "#lib/domain/drift/baseline.ts";
import type { BinCounts } from "#lib/domain/drift/bins.ts";
import { calibrate, estimatePerformance, type EstimatedPerformance } from "#lib/domain/drift/estimate-performance.ts";
import type { SignalSnapshot } from "#lib/domain/drift/evaluate-signals.ts";
import { judgeDrift, type DriftInput, type FeatureDrift } from "#lib/domain/drift/feature-drift.ts";
import type { ScoreBin } from "#lib/domain/drift/performance.ts";
import type { BaselineRecord } from "../db/baseline-repository.ts";

/** What a version is compared with on one endpoint. */
export type Reference = {
  /** The features' reference: training profile, sample, or frozen traffic. */
  readonly version: BaselineRecord | null;
  /** What was frozen from the deployment's first traffic: the answers' reference. */
  readonly frozen: BaselineRecord | null;
};

const inputsOf = (placed: readonly PlacedBins[], counts: readonly BinCounts[]): DriftInput[] => {
  const byName = new Map(counts.map((one) => [one.name, one]));
  return placed.flatMap(({ bins, reference }) => {
    const current = byName.get(bins.name);
    return reference === null || current === undefined ? [] : [{ bins, reference, current }];
  });
};

/** The score of the positive class, if the baseline has one: a probability by 20 bins. */
export function scoreBins(baseline: Pick<BaselineRecord, "outputs"> | null): PlacedBins | null {
  const [first] = baseline?.outputs ?? [];
  return first?.bins.kind === "numeric" && first.bins.edges.length === PROBABILITY_BINS + 1 ? first : null;
}

const middles = (placed: PlacedBins): readonly number[] => {
  const edges = placed.bins.kind === "numeric" ? placed.bins.edges : [];
  return edges.slice(0, -1).map((edge, index) => (edge + (edges[index + 1] ?? edge)) / 2);
};

/** The class that the score speaks for, by its name `<output> of <class>`; null when the name does not say. */
export const positiveClass = (placed: PlacedBins): string | null => / of (.+)$/.exec(placed.bins.name)?.[1] ?? null;

/** Labels by cell of the score. */
export type LabelledCounts = Pick<BinnedCounts, "labelsByScore">;

/** Labelled predictions by score bin; null where labels or the positive class are unknown. */
export function labelledScores(placed: PlacedBins, counts: LabelledCounts | null): readonly ScoreBin[] | null {
  const positive = positiveClass(placed);
  const known = counts?.labelsByScore ?? [];
  if (known.length === 0) return null;
  const isPositive = (label: string): boolean => (positive === null ? label === "1" || label === "true" : label === positive);
  return middles(placed).map((score, bin) => {
    const of = (wanted: boolean): number =>
      known.reduce((sum, [label, cells]) => (isPositive(label) === wanted ? sum + (cells[bin] ?? 0) : sum), 0);
    return { score, positives: of(true), negatives: of(false) };
  });
}

/** Labels needed before the scores' meaning is taken from them; below that a score counts as its own probability. */
export const CALIBRATION_LABELS = 200;

/** `calibrationLabels`: how many earlier labels the scores' meaning was taken from; 0 when the scores count as probabilities as they stand. */
export type Estimate = EstimatedPerformance & { readonly calibrationLabels: number };

/** Performance without labels. `calibration`: labelled predictions from before the window, if there are enough. */
export function estimateOf(reference: Reference, counts: BinnedCounts | null, calibration: LabelledCounts | null): Estimate | null {
  const placed = scoreBins(reference.version);
  const current = placed === null ? undefined : counts?.outputs.find(({ name }) => name === placed.bins.name);
  if (placed === null || current === undefined) return null;
  const labelled = labelledScores(placed, calibration) ?? [];
  const labels = labelled.reduce((sum, { positives, negatives }) => sum + positives + negatives, 0);
  const scores = middles(placed);
  const isCalibrated = labels >= CALIBRATION_LABELS;
  const chances = isCalibrated ? calibrate(labelled.map(({ score, positives, negatives }) => ({ score, positives, labels: positives + negatives }))) : scores;
  const estimate = estimatePerformance(scores.map((score, bin) => ({ score, predictions: current.cells[bin] ?? 0, chance: chances[bin] ?? score })));
  return estimate === null ? null : { ...estimate, calibrationLabels: isCalibrated ? labels : 0 };
}

const NO_BASELINE = "Neither a training profile nor a sample came with this version, so there is nothing to compare its features with.";
const NOT_FROZEN = "The baseline of the answers is frozen from the deployment's first traffic; there is not enough of it yet.";

function reasonOf(version: BaselineRecord | null, isUncounted: boolean): string | null {
  if (version === null || version.features.length === 0) return NO_BASELINE;
  return isUncounted ? "Runtimes do not count this version's features yet." : null;
}

export type Drift = { readonly features: readonly FeatureDrift[]; readonly outputs: readonly FeatureDrift[] };

/** Scores features and answers of one stretch against their references. */
export function driftOf(reference: Reference, period: PeriodCounts): Drift {
  const { version, frozen } = reference;
  const counts = version === null ? null : binnedBy(period, version.binsHash);
  if (version === null || counts === null) return { features: [], outputs: [] };
  const answers = frozen?.binsHash === version.binsHash ? frozen.outputs : [];
  return { features: judgeDrift(inputsOf(version.features, counts.features)), outputs: judgeDrift(inputsOf(answers, counts.outputs)) };
}

/** Everything that rules are read from, for one stretch of one version. */
export function snapshotOf(
  reference: Reference,
  parts: readonly PeriodCounts[],
  silence: SignalSnapshot["silence"],
  calibration: LabelledCounts | null,
): SignalSnapshot {
  const period = parts.length === 0 ? null : mergePeriods(parts);
  const drift = period === null ? { features: [], outputs: [] } : driftOf(reference, period);
  const { version, frozen } = reference;
  const counts = version === null || period === null ? null : binnedBy(period, version.binsHash);
  return {
    period,
    silence,
    ...drift,
    noFeatures: reasonOf(version, period !== null && counts === null),
    noOutputs: frozen === null ? NOT_FROZEN : null,
    estimate: estimateOf(reference, counts, calibration),
  };
}
