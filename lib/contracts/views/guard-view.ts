import { z } from "zod";
import { RATE_METRICS } from "#lib/domain/release/window.ts";
import { count, instant, milliseconds } from "./view-parts.ts";

/**
 * One guard of a release: a limit on the ratio of bad events, candidate to stable, with an absolute ceiling as second way.
 * The band is the confidence sequence of the e-process that decides: the ratios it does not reject. Where an end is null
 * the band is still open on that side (0 below, unbounded above). 1 means the arms are equal.
 */

export const guardMetric = z.enum(RATE_METRICS);
export type GuardMetric = z.output<typeof guardMetric>;

/** HARM: whole band past the limit. SAFE: whole band inside, or under the ceiling. */
export const guardWord = z.enum(["HARM", "SAFE", "UNDECIDED", "NO_DATA"]);
export type GuardWord = z.output<typeof guardWord>;

export const guardAction = z.enum(["roll_back", "hold"]);

export const ratioBand = z.object({
  /** Likeliest ratio of candidate to stable; null while stable has no event. */
  estimate: z.number().nonnegative().nullable(),
  low: z.number().nonnegative().nullable(),
  high: z.number().nonnegative().nullable(),
});
export type RatioBand = z.output<typeof ratioBand>;

/** Limits of the ratio. `lower` only where there are two sides, as for prediction shares. */
export const ratioLimits = z.object({
  upper: z.number().positive(),
  lower: z.number().positive().nullable(),
});
export type RatioLimits = z.output<typeof ratioLimits>;

/** `bad` of `of` requests (labels for wrong labels); `firstBad` of `units` is what the test counts, once per unit. */
export const armRate = z.object({
  bad: count,
  of: count,
  rate: z.number().min(0).max(1).nullable(),
  firstBad: count,
  units: count,
});
export type ArmRate = z.output<typeof armRate>;

export const ratioPoint = ratioBand.extend({ at: instant });
export type RatioPoint = z.output<typeof ratioPoint>;

/** A rolling look at both arms in the guard's natural unit: percent for rates, milliseconds for latency. */
export const armsPoint = z.object({
  at: instant,
  stable: z.number().nonnegative().nullable(),
  candidate: z.number().nonnegative().nullable(),
});
export type ArmsPoint = z.output<typeof armsPoint>;

export const guardView = z.object({
  metric: guardMetric,
  /** "Error rate", "p95 latency", "Wrong labels". */
  name: z.string(),
  /** What is counted, of what: "% of requests", "% of requests slower than 14.2 ms, stable's p95". */
  unitNote: z.string(),
  /** What one unit of the test is here. */
  unitWord: z.enum(["requests", "keys", "labels"]),
  action: guardAction,
  /** False: it can stop the release but is not asked for proof. */
  provesSafe: z.boolean(),
  word: guardWord,
  /** Which way proved safety, null while unproven. */
  provenBy: z.enum(["ratio", "ceiling"]).nullable(),
  stable: armRate,
  candidate: armRate,
  band: ratioBand,
  limits: ratioLimits,
  ceiling: z
    .object({
      /** Absolute limit on the candidate's own rate per unit, 0..1. */
      limit: z.number().min(0).max(1),
      /** Upper end of the confidence sequence of that rate; null without data. */
      upper: z.number().min(0).max(1).nullable(),
    })
    .nullable(),
  /** Information beside the verdict: difference of the rates in percentage points. */
  differencePoints: z.number().nullable(),
  /** Information beside a latency guard: measured quantile of both arms. */
  latencyMs: z
    .object({
      quantile: z.enum(["p95", "p99"]),
      /** Stable's quantile, frozen when the release started. */
      threshold: milliseconds,
      stable: milliseconds.nullable(),
      candidate: milliseconds.nullable(),
    })
    .nullable(),
  /** Candidate units still needed at the present ratio, and seconds at the present rate; null when decided or not to be expected. */
  unitsNeeded: count.nullable(),
  secondsNeeded: z.number().nonnegative().nullable(),
  /** One sentence: what the numbers say. Also the chart's summary. */
  summary: z.string(),
  /** Cumulative since step 1, oldest first; 180 points are plenty. */
  ratioSeries: z.array(ratioPoint).max(360),
  arms: z.object({
    unit: z.enum(["%", "ms"]),
    /** Width of the rolling look, seconds. */
    rollingSeconds: z.number().positive(),
    points: z.array(armsPoint).max(360),
  }),
});
export type GuardView = z.output<typeof guardView>;

/** How often each class is predicted, candidate against stable, and the declared margin. Never proves safety; can only ask. */
export const predictionsView = z.object({
  action: guardAction,
  word: guardWord.exclude(["SAFE"]),
  limits: ratioLimits,
  classes: z.array(
    z.object({
      name: z.string(),
      stable: count,
      candidate: count,
      stableShare: z.number().min(0).max(1).nullable(),
      candidateShare: z.number().min(0).max(1).nullable(),
      ratio: z.number().nonnegative().nullable(),
    }),
  ),
  summary: z.string(),
});
export type PredictionsView = z.output<typeof predictionsView>;

/** After promotion: the live rate against stable's frozen rate. No concurrent arm, hence the wider limit. */
export const bakeGuardView = z.object({
  metric: guardMetric,
  name: z.string(),
  unitNote: z.string(),
  bad: count,
  of: count,
  rate: z.number().min(0).max(1).nullable(),
  referenceRate: z.number().min(0).max(1).nullable(),
  limitRate: z.number().min(0).max(1).nullable(),
  word: z.enum(["HARM", "CLEAR", "NO_DATA"]),
});
export type BakeGuardView = z.output<typeof bakeGuardView>;

/** The small load-line gauge that lists show: the guard that matters most now. */
export const gaugeView = z.object({
  name: z.string(),
  band: ratioBand,
  limits: ratioLimits,
});
export type GaugeView = z.output<typeof gaugeView>;
