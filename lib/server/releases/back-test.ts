import type { Plan } from "#lib/domain/release/plan.ts";
import { triggerBuckets } from "#lib/domain/release/trigger-buckets.ts";
import { backTest, type BackTest } from "#lib/domain/release/triggers.ts";
import { farthestFeature } from "#lib/domain/release/trigger-features.ts";
import type { ReadModels, UnitOfWork } from "../ports.ts";
import { featureTraffic } from "./feature-traffic.ts";

/** A day of idle windows of one runtime. */
const WINDOWS = 8_640;

export type BackTests = { readonly tests: readonly BackTest[]; readonly hours: number };
export const NO_BACK_TESTS: BackTests = { tests: [], hours: 0 };

type Reader = Pick<UnitOfWork, "windows" | "baselines" | "rollups"> | Pick<ReadModels, "windows" | "baselines" | "rollups">;

/**
 * How often the plan's triggers would have fired on stable's own last day: what they cost in false alarms before they are
 * trusted with a release. Shares of answers are held against stable's own over the whole time, its inputs against what it was made from.
 */
export async function backTests(db: Reader, stable: { endpointId: string; versionId: string }, plan: Plan, now: Date): Promise<BackTests> {
  const triggers = plan.triggers ?? [];
  if (triggers.length === 0) return NO_BACK_TESTS;
  const windows = await db.windows.windowsBefore({ ...stable, before: now }, WINDOWS);
  const first = windows[0];
  if (first === undefined) return { tests: triggers.map((trigger) => backTest(trigger, [])), hours: 0 };
  const inputs = await featureTraffic(db, stable, plan, new Date(first.windowStart), now);
  const sources = {
    reference: () => windows,
    featureDrift: (fromMs: number, untilMs: number) => farthestFeature(inputs, "stable", fromMs, untilMs),
  };
  const bySeconds = new Map(
    [...new Set(triggers.map(({ seconds }) => seconds))].map((seconds) => [seconds, triggerBuckets(windows, sources, seconds, now.getTime())]),
  );
  return {
    tests: triggers.map((trigger) => backTest(trigger, bySeconds.get(trigger.seconds) ?? [])),
    hours: Math.round((10 * (now.getTime() - Date.parse(first.windowStart))) / 3_600_000) / 10,
  };
}
