import type { Plan } from "#lib/domain/release/plan.ts";
import { featureTriggers, NO_FEATURE_TRAFFIC, type FeatureTraffic } from "#lib/domain/release/trigger-features.ts";
import { GRAINS } from "../db/rollup-due.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";

type Reader = Pick<UnitOfWork, "baselines" | "rollups"> | Pick<ReadModels, "baselines" | "rollups">;

/** The longest stretch that fits into every interval a whole number of times: the fewest rows to read. */
function grainOf(seconds: readonly number[]): number {
  return [...GRAINS].reverse().find((grain) => seconds.every((length) => length % grain === 0)) ?? GRAINS[0];
}

/**
 * What the plan's triggers on inputs look at: the version's inputs since `from` by the bins that came with it. Read from the roll-ups, which add up all
 * runtimes, so it costs the same with one runtime and with a hundred; a minute is there some seconds after its end. Nothing for plans without such a trigger.
 */
export async function featureTraffic(db: Reader, subject: { endpointId: string; versionId: string }, plan: Plan, from: Date, to: Date): Promise<FeatureTraffic> {
  const triggers = featureTriggers(plan.triggers);
  if (triggers.length === 0) return NO_FEATURE_TRAFFIC;
  const baseline = await db.baselines.baselineOfVersion(subject.versionId);
  if (baseline === null) return NO_FEATURE_TRAFFIC;
  const grainSeconds = grainOf(triggers.map(({ seconds }) => seconds));
  const stretches = await db.rollups.featureStretches({ ...subject, binsHash: baseline.binsHash, grainSeconds, from, to });
  return { features: baseline.features, stretches };
}

/** The same for a release: as far back as its longest trigger looks, and as much again for intervals that say nothing. */
export async function featureTrafficOf(db: Reader, release: { endpointId: string; candidateVersionId: string; plan: Plan }, now: Date): Promise<FeatureTraffic> {
  const spans = featureTriggers(release.plan.triggers).map(({ seconds, intervals }) => seconds * (2 * intervals + 1));
  const from = new Date(now.getTime() - 1000 * Math.max(0, ...spans));
  return featureTraffic(db, { endpointId: release.endpointId, versionId: release.candidateVersionId }, release.plan, from, now);
}
