import type { EventStratum } from "#lib/domain/statistics/rate-ratio.ts";
import { armTotal, type CanonicalCounts } from "./canonical-counts.ts";
import type { RateMetric } from "./window.ts";

/**
 * From this share of distinct units among requests on, keys practically never come back: every request is its own
 * unit, wherever it is served.
 */
const KEYLESS_FROM = 0.98;

/** Whether the endpoint's requests are their own units, so that counts of several runtimes are counts of different units. */
export function isKeyless(counts: CanonicalCounts): boolean {
  const requests = counts.boots.reduce((sum, boot) => sum + boot.requests, 0);
  const units = counts.boots.reduce(
    (sum, boot) =>
      sum + boot.units.reduce((inner, [, stable, candidate]) => inner + stable + candidate, 0),
    0,
  );
  return units >= KEYLESS_FROM * requests;
}

/** First bad events of a metric per epoch: the coin tosses of the rate-ratio test. */
export function firstBadStrata(counts: CanonicalCounts, metric: RateMetric): EventStratum[] {
  return counts.epochs.map((epoch) => ({
    candidateShareBp: epoch.candidateShareBp,
    candidate: epoch.candidate.firstBad[metric],
    stable: epoch.stable.firstBad[metric],
  }));
}

/** Total over the largest part: how often one key can have been counted, at most. 1 for a single part. */
function mostCountings(parts: readonly number[]): number {
  const largest = Math.max(0, ...parts);
  return largest === 0 ? 1 : parts.reduce((sum, part) => sum + part, 0) / largest;
}

/**
 * The weight of a unit's evidence. Each process start knows only its own keys, so with sticky keys behind a load
 * balancer one key's failure may be counted once by each of R runtimes, always in the same arm. Raising the likelihood
 * ratio to the power 1/R keeps its expectation at most 1 (Hoelder), so evidence is divided by the number of parts that
 * may hold the same key. 1 with a single runtime, and where keys do not come back.
 */
export function evidenceWeight(counts: CanonicalCounts, metric: RateMetric): number {
  if (isKeyless(counts)) return 1;
  return 1 / mostCountings(counts.boots.map((boot) => boot.firstBad[metric]));
}

/** The same for first answers per key, of which each process start counts its own. */
export function predictionEvidenceWeight(counts: CanonicalCounts): number {
  if (isKeyless(counts)) return 1;
  const units = counts.boots.map((boot) =>
    boot.units.reduce((sum, [, stable, candidate]) => sum + stable + candidate, 0),
  );
  return 1 / mostCountings(units);
}

/**
 * The share of stable's bad events that hit a key which had not failed before: how much of the population, weighted
 * by how prone it is to fail, is not used up. 1 without repeats or without events.
 */
export function freshShare(counts: CanonicalCounts, metric: RateMetric): number {
  const stable = armTotal(counts, "stable");
  if (stable.bad[metric] <= 0) return 1;
  return Math.min(1, stable.firstBad[metric] / stable.bad[metric]);
}

/**
 * By which factor the ratio of *first* failures may fall short of the ratio of rates, when that ratio is `limitRatio`.
 *
 * Keys that fail are used up, and a worse arm uses them up faster: with 300 keys a candidate twice as bad soon shows as
 * many new failing keys as stable, and "safe" would be proven wrongly in half of the runs (simulated). If a share s of
 * stable's failures is still fresh, then at a ratio L at least s^L of the candidate's is (for each key
 * exp(-L*H) = exp(-H)^L, and the mean over keys of a power L >= 1 is at least the power of the mean), so first failures
 * have a ratio of at least L * s^(L-1). The safe test therefore asks about that, smaller, ratio.
 */
export function depletionFactor(fresh: number, limitRatio: number): number {
  return fresh ** Math.max(0, limitRatio - 1);
}

/**
 * A lower bound of the distinct keys that the candidate served since the release began and that could still fail for the
 * first time. Without sticky keys: all requests' units. With them: the best single process start and epoch (another
 * runtime or epoch may have seen the same keys, so sums would count twice), less the keys that stable had used up
 * before, since their failures are not counted any more.
 */
export function candidateUnitsAtRisk(counts: CanonicalCounts, metric: RateMetric): number {
  if (isKeyless(counts)) return armTotal(counts, "candidate").units;
  const usedUpBefore = (epoch: number) =>
    counts.epochs.reduce(
      (sum, entry) => (entry.epoch < epoch ? sum + entry.stable.firstBad[metric] : sum),
      0,
    );
  return Math.max(
    0,
    ...counts.boots.flatMap((boot) =>
      boot.units.map(([epoch, , candidate]) => candidate - usedUpBefore(epoch)),
    ),
  );
}

/** Distinct keys that the candidate served from the given epoch on; a lower bound in the same sense. */
export function candidateUnitsSince(counts: CanonicalCounts, fromEpoch: number): number {
  const perBoot = counts.boots.map((boot) =>
    boot.units.filter(([epoch]) => epoch >= fromEpoch).map(([, , candidate]) => candidate),
  );
  if (isKeyless(counts)) return perBoot.flat().reduce((sum, units) => sum + units, 0);
  return Math.max(0, ...perBoot.flat());
}
