import { z } from "zod";
import { count, instant, milliseconds } from "./view-parts.ts";

/**
 * One guard of a release: a limit on the ratio of bad events, candidate to stable, with an absolute ceiling as second way.
 * The band is the confidence sequence of the e-process that decides: the ratios it does not reject. Where an end is null
 * the band is still open on that side (0 below, unbounded above). 1 means the arms are equal.
 */

export const guardVerdicts = [
  "HARM",
  "SAFE",
  "INSUFFICIENT",
  "TIMED_OUT",
  "BLIND",
  "INVALID",
] as const;
export const guardMetrics = [
  "error",
  "latencyP95",
  "latencyP99",
  "wrongLabel",
  "predictionShares",
] as const;
export const guardMetric = z.enum(guardMetrics);
export type GuardMetric = z.output<typeof guardMetric>;

export const ratioBand = z.object({
  /** Candidate rate over stable rate; null while either arm has no unit or stable had no event. */
  estimate: z.number().nonnegative().nullable(),
  low: z.number().nonnegative().nullable(),
  high: z.number().nonnegative().nullable(),
});
export type RatioBand = z.output<typeof ratioBand>;

/** Limits of the ratio. `lower` only for guards with two sides, such as prediction shares. */
export const ratioLimits = z.object({
  upper: z.number().positive(),
  lower: z.number().positive().nullable(),
});
export type RatioLimits = z.output<typeof ratioLimits>;

export const armCounts = z.object({
  events: count,
  units: count,
  /** Events over units, 0..1; null without units. */
  rate: z.number().min(0).max(1).nullable(),
});
export type ArmCounts = z.output<typeof armCounts>;

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
  guardId: z.string(),
  metric: guardMetric,
  /** "Error rate", "p95 latency", "Wrong labels". */
  name: z.string(),
  /** What one unit is: sticky routing counts keys by their first bad event, labels count predictions. */
  unitName: z.enum(["requests", "keys", "labels"]),
  /** What is counted, of what: "% of requests", "% of requests slower than 14.2 ms, stable's p95". */
  unitNote: z.string(),
  /** False: watched and shown, but it neither gates nor stops. */
  blocking: z.boolean(),
  verdict: z.enum(guardVerdicts),
  /** Whether the point estimate or band is past the limit, inside, between or absent. Drives word and shape. */
  standing: z.enum(["within", "past", "undecided", "no_data"]),
  /** Which way proved safety, null while unproven. */
  provenBy: z.enum(["ratio", "ceiling"]).nullable(),
  stable: armCounts,
  candidate: armCounts,
  band: ratioBand,
  limits: ratioLimits,
  ceiling: z
    .object({
      /** Absolute limit on the candidate's own rate, 0..1. */
      limit: z.number().min(0).max(1),
      /** Upper end of the confidence sequence of the candidate's rate; null without data. */
      upper: z.number().min(0).max(1).nullable(),
    })
    .nullable(),
  /** Information beside the verdict: difference of the rates in percentage points. */
  differencePoints: z.number().nullable(),
  /** Information beside a latency guard: measured quantile of both arms. */
  latencyMs: z
    .object({
      quantile: z.enum(["p95", "p99"]),
      threshold: milliseconds,
      stable: milliseconds.nullable(),
      candidate: milliseconds.nullable(),
    })
    .nullable(),
  /** Candidate units still needed at the present difference, and seconds at the present rate. */
  unitsNeeded: count.nullable(),
  secondsNeeded: z.number().nonnegative().nullable(),
  /** One sentence: what the numbers say. Also the chart's summary. */
  summary: z.string(),
  /** Cumulative since step 1, oldest first, at most 360 points. */
  ratioSeries: z.array(ratioPoint).max(360),
  arms: z.object({
    unit: z.enum(["%", "ms"]),
    /** Width of the rolling look, seconds. */
    rollingSeconds: z.number().positive(),
    points: z.array(armsPoint).max(360),
  }),
});
export type GuardView = z.output<typeof guardView>;

/** The small load-line gauge that lists show: the guard that matters most now. */
export const gaugeView = z.object({
  name: z.string(),
  band: ratioBand,
  limits: ratioLimits,
});
export type GaugeView = z.output<typeof gaugeView>;
