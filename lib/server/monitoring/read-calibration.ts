import { mergeLabelsByScore } from "#lib/domain/drift/period.ts";
import type { BaselineRecord } from "../db/baseline-repository.ts";
import type { ReadModels } from "../ports.ts";
import { CALIBRATION_LABELS, scoreBins, type LabelledCounts } from "./read-signals.ts";

/** Grains that earlier labels are read from, the coarsest with enough of them; each is read no further than so many stretches. */
const GRAINS = [3600, 300, 60] as const;
const STRETCHES = 48;

/**
 * The first labelled answers of a version on an endpoint, from before the moment: what its scores meant when it began. Labels that come later are
 * left out on purpose, so that the estimate does not follow the change that it is meant to show. Null for a model without a score, or with too few labels.
 */
export async function readCalibration(db: ReadModels, endpointId: string, baseline: BaselineRecord | null, before: Date): Promise<LabelledCounts | null> {
  if (baseline === null || scoreBins(baseline) === null) return null;
  for (const grainSeconds of GRAINS) {
    const where = { endpointId, versionId: baseline.versionId, binsHash: baseline.binsHash, grainSeconds, before };
    const labelsByScore = mergeLabelsByScore(await db.rollups.firstLabelledScores(where, STRETCHES));
    const labels = labelsByScore.flatMap(([, counts]) => counts).reduce((sum, count) => sum + count, 0);
    if (labels >= CALIBRATION_LABELS) return { labelsByScore };
  }
  return null;
}
