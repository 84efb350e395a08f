import { mergeAll, quantileUs } from "#lib/domain/statistics/histogram.ts";
import { addPairs } from "./pairs.ts";
import type { TriggerMetric } from "./plan-parts.ts";
import { LEAST_FOR_SHARES } from "./trigger-features.ts";
import type { WindowCounts } from "./window.ts";

/** One interval of the candidate, as the triggers see it. Null: not known in this interval. */
export type TriggerBucket = { readonly startMs: number; readonly requests: number } & Readonly<
  Record<TriggerMetric, number | null>
>;

export type BucketSources = {
  /** Windows that shares of answers are compared with: stable's of the same interval during a release, all of stable's in a back-test. */
  readonly reference: (startMs: number) => readonly WindowCounts[];
  /** Distance of the inputs in this span from what the version was made from; null when not known. */
  readonly featureDrift: (fromMs: number, untilMs: number) => number | null;
};

/** Complete intervals of one arm, oldest first. */
export function triggerBuckets(
  subject: readonly WindowCounts[],
  sources: BucketSources,
  seconds: number,
  untilMs: number,
): TriggerBucket[] {
  const lengthMs = seconds * 1000;
  const startOf = ({ windowStart }: WindowCounts) =>
    Math.floor(Date.parse(windowStart) / lengthMs) * lengthMs;
  return [...Map.groupBy(subject, startOf)]
    .filter(([startMs]) => startMs + lengthMs <= untilMs)
    .sort(([a], [b]) => a - b)
    .map(([startMs, rows]) => ({
      ...bucketOf(startMs, rows, sources.reference(startMs)),
      featureDrift: sources.featureDrift(startMs, startMs + lengthMs),
    }));
}

function bucketOf(
  startMs: number,
  rows: readonly WindowCounts[],
  reference: readonly WindowCounts[],
): Omit<TriggerBucket, "featureDrift"> {
  const add = (of: (row: WindowCounts) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const requests = add((row) => row.requests);
  const latency = mergeAll(rows.map(({ latencyUs }) => latencyUs));
  const inMs = (us: number | null) => (us === null ? null : us / 1000);
  const values = add((row) => row.values?.received ?? 0);
  const pairs = addPairs(rows.flatMap((row) => (row.pairs === undefined ? [] : [row.pairs])));
  return {
    startMs,
    requests,
    errorRate: requests === 0 ? null : add((row) => row.errors) / requests,
    latencyP50Ms: inMs(quantileUs(latency, 0.5)),
    latencyP95Ms: inMs(quantileUs(latency, 0.95)),
    predictionShift: predictionShift(rows, reference),
    agreement: pairs.compared === 0 ? null : pairs.agreed / pairs.compared,
    meanValue: values === 0 ? null : add((row) => row.values?.sum ?? 0) / values,
  };
}

/** Total variation distance between the class shares of both sides: half the sum of absolute differences. */
function predictionShift(
  rows: readonly WindowCounts[],
  reference: readonly WindowCounts[],
): number | null {
  const [own, other] = [classCounts(rows), classCounts(reference)];
  const total = (counts: ReadonlyMap<string, number>) =>
    [...counts.values()].reduce((sum, count) => sum + count, 0);
  const [n, m] = [total(own), total(other)];
  if (n < LEAST_FOR_SHARES || m < LEAST_FOR_SHARES) return null;
  const names = [...new Set([...own.keys(), ...other.keys()])].sort();
  const distance = names.reduce(
    (sum, name) => sum + Math.abs((own.get(name) ?? 0) / n - (other.get(name) ?? 0) / m),
    0,
  );
  return distance / 2;
}

function classCounts(rows: readonly WindowCounts[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows)
    for (const [name, count] of Object.entries(row.predictions))
      counts.set(name, (counts.get(name) ?? 0) + count);
  return counts;
}
