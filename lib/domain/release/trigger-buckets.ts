import { jensenShannon } from "#lib/domain/drift/distances.ts";
import { mergeAll, quantileUs } from "#lib/domain/statistics/histogram.ts";
import { addPairs } from "./pairs.ts";
import type { TriggerMetric } from "./plan-parts.ts";
import type { WindowCounts } from "./window.ts";

/** One interval of the candidate, as the triggers see it. Null: not known in this interval. */
export type TriggerBucket = { readonly startMs: number; readonly requests: number } & Readonly<
  Record<TriggerMetric, number | null>
>;

/** Below this many answers on either side a distance of shares is mostly noise. */
const LEAST_FOR_SHARES = 50;

/**
 * Complete intervals of one arm, oldest first. `reference` are the windows that shares are compared with: stable's of the
 * same interval during a release, all of stable's in a back-test.
 */
export function triggerBuckets(
  subject: readonly WindowCounts[],
  reference: (startMs: number) => readonly WindowCounts[],
  seconds: number,
  untilMs: number,
): TriggerBucket[] {
  const lengthMs = seconds * 1000;
  const startOf = ({ windowStart }: WindowCounts) =>
    Math.floor(Date.parse(windowStart) / lengthMs) * lengthMs;
  return [...Map.groupBy(subject, startOf)]
    .filter(([startMs]) => startMs + lengthMs <= untilMs)
    .sort(([a], [b]) => a - b)
    .map(([startMs, rows]) => bucketOf(startMs, rows, reference(startMs)));
}

function bucketOf(
  startMs: number,
  rows: readonly WindowCounts[],
  reference: readonly WindowCounts[],
): TriggerBucket {
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
    featureDrift: featureDrift(rows, reference),
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

/** The largest Jensen-Shannon distance of a feature's cells between both sides; only of windows counted by the same bins. */
function featureDrift(
  rows: readonly WindowCounts[],
  reference: readonly WindowCounts[],
): number | null {
  const hash = rows.find(({ monitoring }) => monitoring !== undefined)?.monitoring?.binsHash;
  if (hash === undefined) return null;
  const [own, other] = [featureCells(rows, hash), featureCells(reference, hash)];
  const distances = [...own].flatMap(([name, cells]) => {
    const theirs = other.get(name);
    const isEnough = (some: readonly number[]) =>
      some.reduce((a, b) => a + b, 0) >= LEAST_FOR_SHARES;
    if (theirs === undefined || !isEnough(cells) || !isEnough(theirs)) return [];
    const distance = jensenShannon(theirs, cells);
    return distance === null ? [] : [distance];
  });
  return distances.length === 0 ? null : Math.max(...distances);
}

function featureCells(rows: readonly WindowCounts[], binsHash: string): Map<string, number[]> {
  const cells = new Map<string, number[]>();
  for (const { monitoring } of rows) {
    if (monitoring?.binsHash !== binsHash) continue;
    for (const { name, cells: counted, under, over, unseen } of monitoring.features) {
      const all = [...counted, under, over, unseen];
      const known = cells.get(name);
      cells.set(name, known === undefined ? all : known.map((count, at) => count + (all[at] ?? 0)));
    }
  }
  return cells;
}
