import { presentCount, mergeCounts, shapeCells, type BinCounts } from "#lib/domain/drift/bins.ts";
import type { PlacedBins } from "#lib/domain/drift/baseline.ts";
import { jensenShannon } from "#lib/domain/drift/distances.ts";
import type { Trigger } from "./plan-parts.ts";

/**
 * A version's inputs by the bins that came with it, added up by minutes or longer, and the reference they are held against:
 * what the version was made from. Both are of the same bins, whatever the other version is counted by.
 */
export type FeatureTraffic = {
  readonly features: readonly Pick<PlacedBins, "bins" | "reference">[];
  readonly stretches: readonly FeatureStretch[];
};

export type FeatureStretch = {
  readonly arm: string;
  readonly startMs: number;
  readonly features: readonly BinCounts[];
};

export const NO_FEATURE_TRAFFIC: FeatureTraffic = { features: [], stretches: [] };

/** Below this many values on either side a distance of shares is mostly noise. */
export const LEAST_FOR_SHARES = 50;

/** Inputs are added up by minutes, so a trigger on them looks at whole minutes. */
export const FEATURE_TRIGGER_SECONDS = 60;

/** The triggers of a plan that look at inputs. */
export const featureTriggers = (triggers: readonly Trigger[] = []): Trigger[] =>
  triggers.filter(({ metric }) => metric === "featureDrift");

/**
 * The largest Jensen-Shannon distance, from 0 to 1, between a feature's inputs in [fromMs, untilMs) and its reference;
 * null when no feature has enough on both sides.
 */
export function farthestFeature(
  { features, stretches }: FeatureTraffic,
  arm: string,
  fromMs: number,
  untilMs: number,
): number | null {
  const own = stretches.filter(
    ({ arm: of, startMs }) => of === arm && startMs >= fromMs && startMs < untilMs,
  );
  const byName = Map.groupBy(
    own.flatMap((stretch) => stretch.features),
    ({ name }) => name,
  );
  const distances = features.flatMap(({ bins, reference }) => {
    const parts = byName.get(bins.name) ?? [];
    if (reference === null || parts.length === 0) return [];
    const counts = parts.reduce(mergeCounts);
    if (presentCount(counts) < LEAST_FOR_SHARES || presentCount(reference) < LEAST_FOR_SHARES)
      return [];
    const distance = jensenShannon(shapeCells(bins, reference), shapeCells(bins, counts));
    return distance === null ? [] : [distance];
  });
  return distances.length === 0 ? null : Math.max(...distances);
}
