import { countAbove, mergeAll, quantileUs } from "#lib/domain/statistics/histogram.ts";
import type { ValueSums } from "#lib/domain/statistics/mean-difference.ts";
import { pairTotals, type PairTotals } from "./pairs.ts";
import type { LatencyThresholds, RateOf } from "./reference.ts";
import { triggerBuckets, type TriggerBucket } from "./trigger-buckets.ts";
import { farthestFeature, NO_FEATURE_TRAFFIC, type FeatureTraffic } from "./trigger-features.ts";
import type { RateMetric, WindowCounts } from "./window.ts";

/**
 * Everything that a verdict is computed from, small enough to store with each decision: counts aggregated wherever the
 * mathematics is linear, and the few facts of the moment (elapsed seconds, silence, invalidity). Plain JSON in a fixed
 * order, so its bytes can be hashed, and `recompute` gives the same report from them long after the windows are gone.
 */
export type CanonicalCounts = {
  readonly format: "slipway.counts/1";
  readonly context: JudgeContext;
  readonly windows: number;
  readonly overflow: boolean;
  readonly epochs: readonly EpochCounts[];
  readonly boots: readonly BootCounts[];
  /** What was mirrored and compared; absent when nothing was. */
  readonly pairs?: PairTotals;
  /** The candidate's newest intervals, for plans with triggers, by the length of their interval. */
  readonly buckets?: readonly {
    readonly seconds: number;
    readonly buckets: readonly TriggerBucket[];
  }[];
  /** For information beside the verdict, milliseconds are never judged. */
  readonly latencyUs: { readonly stable: LatencyQuantiles; readonly candidate: LatencyQuantiles };
};

/** The facts a verdict needs beside counts. The caller computes the seconds from the database clock. */
export type JudgeContext = {
  readonly releaseId: string;
  /**
   * The step in force; null outside of steps. `seconds` since every live runtime routes by it (dwell), `sinceSeconds`
   * since it was ordered or resumed (time limit).
   */
  readonly step: {
    readonly index: number;
    readonly epoch: number;
    readonly seconds: number;
    readonly sinceSeconds: number;
  } | null;
  /** Every epoch of the release in which the candidate had weight, and for how long. */
  readonly epochs: readonly {
    readonly epoch: number;
    readonly candidateShareBp: number;
    readonly seconds: number;
  }[];
  readonly latencyThresholdsUs: LatencyThresholds | null;
  /** Stable's errors per request before the release; null when unknown. */
  readonly referenceErrors: RateOf | null;
  /** Seconds since an arm with weight last reported, once that is too long; null while all report. */
  readonly blindSeconds: number | null;
  /** Process starts of runtimes whose last window never came; named in the record. */
  readonly gaps: readonly string[];
  /** Reasons found elsewhere why no verdict may be given, as sentences. */
  readonly invalidReasons: readonly string[];
  /** Hold guards whose crossing a person has accepted for this release. */
  readonly acceptedHolds: readonly string[];
  /** Set while traffic is mirrored and compared: for how long every live runtime has done so. */
  readonly shadow?: { readonly seconds: number };
  /** Lengths of intervals that the plan's triggers look at, how many of each, and the moment up to which they are complete. */
  readonly triggers?: {
    readonly untilMs: number;
    readonly intervals: readonly { readonly seconds: number; readonly count: number }[];
  };
};

export type ArmCounts = {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly units: number;
  readonly firstBad: Readonly<Record<RateMetric, number>>;
  /** All bad events, repeats by the same key included; latency from the histogram. */
  readonly bad: Readonly<Record<RateMetric, number>>;
  readonly labels: { readonly received: number; readonly wrong: number };
  /** Business values; absent where none came. */
  readonly values?: ValueSums;
};

export type EpochCounts = {
  readonly epoch: number;
  readonly candidateShareBp: number;
  readonly seconds: number;
  readonly stable: ArmCounts;
  readonly candidate: ArmCounts;
  /** First answers per key: class, stable, candidate; classes ascending. */
  readonly classes: readonly (readonly [name: string, stable: number, candidate: number])[];
};

/** What cannot be added over process starts: each counts its own distinct keys. */
export type BootCounts = {
  readonly runtimeId: string;
  readonly bootId: string;
  readonly requests: number;
  /** Distinct keys per epoch: epoch, stable, candidate. */
  readonly units: readonly (readonly [epoch: number, stable: number, candidate: number])[];
  readonly firstBad: Readonly<Record<RateMetric, number>>;
};

export type LatencyQuantiles = {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

const perMetric = (of: (metric: RateMetric) => number): Record<RateMetric, number> => ({
  error: of("error"),
  latencyP95: of("latencyP95"),
  latencyP99: of("latencyP99"),
  wrongLabel: of("wrongLabel"),
});

const total = (windows: readonly WindowCounts[], of: (window: WindowCounts) => number): number =>
  windows.reduce((sum, window) => sum + of(window), 0);

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Of rows with equal key the one with the highest `seq`; of equal `seq`, the first. */
export function newestRows(windows: readonly WindowCounts[]): WindowCounts[] {
  const newest = new Map<string, WindowCounts>();
  for (const window of windows) {
    const { bootId, endpointId, versionId, arm, epoch, windowStart } = window;
    const key = [bootId, endpointId, versionId, arm, epoch, Date.parse(windowStart)].join("\n");
    const known = newest.get(key);
    if (known === undefined || window.seq > known.seq) newest.set(key, window);
  }
  return [...newest.values()];
}

/** Sums of one arm's windows. */
export function armCounts(
  windows: readonly WindowCounts[],
  thresholds: LatencyThresholds | null,
): ArmCounts {
  const latencyUs = mergeAll(windows.map((window) => window.latencyUs));
  const errors = total(windows, (window) => window.errors);
  const wrong = total(windows, (window) => window.labels.wrong);
  return {
    requests: total(windows, (window) => window.requests),
    errors,
    refused: total(windows, (window) => window.refused),
    units: total(windows, (window) => window.units),
    firstBad: perMetric((metric) => total(windows, (window) => window.firstBad[metric])),
    bad: {
      error: errors,
      latencyP95: thresholds === null ? 0 : countAbove(latencyUs, thresholds.p95),
      latencyP99: thresholds === null ? 0 : countAbove(latencyUs, thresholds.p99),
      wrongLabel: wrong,
    },
    labels: { received: total(windows, (window) => window.labels.received), wrong },
    ...valueSums(windows),
  };
}

function valueSums(windows: readonly WindowCounts[]): { values?: ValueSums } {
  const n = total(windows, (window) => window.values?.received ?? 0);
  if (n === 0) return {};
  return {
    values: {
      n,
      sum: total(windows, (window) => window.values?.sum ?? 0),
      sumSquares: total(windows, (window) => window.values?.sumSquares ?? 0),
    },
  };
}

function classCounts(
  stable: readonly WindowCounts[],
  candidate: readonly WindowCounts[],
): EpochCounts["classes"] {
  const counts = new Map<string, [number, number]>();
  for (const [index, windows] of [stable, candidate].entries()) {
    for (const window of windows) {
      for (const [name, count] of Object.entries(window.predictions)) {
        const pair = counts.get(name) ?? [0, 0];
        pair[index === 0 ? 0 : 1] += count;
        counts.set(name, pair);
      }
    }
  }
  return [...counts]
    .sort(([a], [b]) => byText(a, b))
    .map(([name, [inStable, inCandidate]]) => [name, inStable, inCandidate] as const);
}

function bootCounts(windows: readonly WindowCounts[]): BootCounts[] {
  const byBoot = Map.groupBy(windows, (window) => window.bootId);
  return [...byBoot]
    .map(([bootId, rows]) => ({
      runtimeId: rows[0]?.runtimeId ?? "",
      bootId,
      requests: total(rows, (window) => window.requests),
      units: [...Map.groupBy(rows, (window) => window.epoch)]
        .sort(([a], [b]) => a - b)
        .map(([epoch, some]) => {
          const unitsOf = (arm: string) =>
            total(
              some.filter((window) => window.arm === arm),
              (window) => window.units,
            );
          return [epoch, unitsOf("stable"), unitsOf("candidate")] as const;
        }),
      firstBad: perMetric((metric) => total(rows, (window) => window.firstBad[metric])),
    }))
    .sort((a, b) => byText(a.runtimeId, b.runtimeId) || byText(a.bootId, b.bootId));
}

function quantiles(windows: readonly WindowCounts[]): LatencyQuantiles {
  const histogram = mergeAll(windows.map((window) => window.latencyUs));
  return {
    p50: quantileUs(histogram, 0.5),
    p95: quantileUs(histogram, 0.95),
    p99: quantileUs(histogram, 0.99),
  };
}

/**
 * The counts of one release: its own windows in the stable and candidate arms, in epochs in which the candidate had a
 * share. Independent of the order and repetition of the rows.
 *
 * Evidence is a sum over (boot, window) of increments that are linear in the counts as long as the share is the same,
 * and the share belongs to the epoch. Windows of one epoch may therefore be added before the logarithms are taken;
 * pooling over epochs, or conditioning on request counts pooled over runtimes, would not be the same number.
 */
export function canonicalCounts(
  windows: readonly WindowCounts[],
  context: JudgeContext,
  inputs: FeatureTraffic = NO_FEATURE_TRAFFIC,
): CanonicalCounts {
  const shares = new Map(context.epochs.map((entry) => [entry.epoch, entry]));
  const own = newestRows(windows).filter(({ releaseId }) => releaseId === context.releaseId);
  const pairs = pairTotals(own, context.shadow?.seconds ?? 0);
  const rows = own.filter(
    (window) => shares.has(window.epoch) && (window.arm === "stable" || window.arm === "candidate"),
  );
  const groups = Map.groupBy(rows, (window) => `${window.arm} ${window.epoch}`);
  const inEpoch = (arm: string, epoch: number) => groups.get(`${arm} ${epoch}`) ?? [];
  const epochs = [...shares.values()].sort((a, b) => a.epoch - b.epoch);
  const ofArm = (arm: string) => epochs.flatMap(({ epoch }) => inEpoch(arm, epoch));
  return {
    format: "slipway.counts/1",
    context,
    windows: rows.length,
    overflow: rows.some((window) => window.overflow),
    epochs: epochs.map(({ epoch, candidateShareBp, seconds }) => ({
      epoch,
      candidateShareBp,
      seconds,
      stable: armCounts(inEpoch("stable", epoch), context.latencyThresholdsUs),
      candidate: armCounts(inEpoch("candidate", epoch), context.latencyThresholdsUs),
      classes: classCounts(inEpoch("stable", epoch), inEpoch("candidate", epoch)),
    })),
    boots: bootCounts(rows),
    ...(pairs === null ? {} : { pairs }),
    ...(context.triggers === undefined
      ? {}
      : { buckets: bucketsOf(own, rows, context.triggers, inputs) }),
    latencyUs: { stable: quantiles(ofArm("stable")), candidate: quantiles(ofArm("candidate")) },
  };
}

/** Shares of answers are held against stable's in the same interval, so that a change of the traffic itself fires nothing; inputs against what the version was made from. */
function bucketsOf(
  own: readonly WindowCounts[],
  rows: readonly WindowCounts[],
  { untilMs, intervals }: NonNullable<JudgeContext["triggers"]>,
  inputs: FeatureTraffic,
): NonNullable<CanonicalCounts["buckets"]> {
  // In a shadow phase there is no candidate arm: its copy of the traffic stands for it.
  const hasCandidate = rows.some(({ arm }) => arm === "candidate");
  const looked = hasCandidate ? "candidate" : "shadow";
  const subject = own.filter(({ arm }) => arm === looked);
  const stable = own.filter(({ arm }) => arm === "stable");
  return intervals.map(({ seconds, count }) => {
    const lengthMs = seconds * 1000;
    const byStart = Map.groupBy(
      stable,
      ({ windowStart }) => Math.floor(Date.parse(windowStart) / lengthMs) * lengthMs,
    );
    const sources = {
      reference: (startMs: number) => byStart.get(startMs) ?? [],
      featureDrift: (fromMs: number, toMs: number) => farthestFeature(inputs, looked, fromMs, toMs),
    };
    const all = triggerBuckets(subject, sources, seconds, untilMs);
    return { seconds, buckets: all.slice(-count) };
  });
}

/** Sum of one arm over all epochs. */
export function armTotal(counts: CanonicalCounts, arm: "stable" | "candidate"): ArmCounts {
  const arms = counts.epochs.map((epoch) => epoch[arm]);
  const add = (of: (entry: ArmCounts) => number) => arms.reduce((sum, entry) => sum + of(entry), 0);
  return {
    requests: add((entry) => entry.requests),
    errors: add((entry) => entry.errors),
    refused: add((entry) => entry.refused),
    units: add((entry) => entry.units),
    firstBad: perMetric((metric) => add((entry) => entry.firstBad[metric])),
    bad: perMetric((metric) => add((entry) => entry.bad[metric])),
    labels: {
      received: add((entry) => entry.labels.received),
      wrong: add((entry) => entry.labels.wrong),
    },
  };
}
