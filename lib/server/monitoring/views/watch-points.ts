import type { VersionColumn, WatchPoint, WatchRange } from "#lib/contracts/views/monitoring-view.ts";
import type { z } from "zod";
import type { performanceView } from "#lib/contracts/views/monitoring-view.ts";
import type { ArmRole } from "#lib/contracts/runtime-protocol.ts";
import { hasConceptChanged } from "#lib/domain/drift/estimate-performance.ts";
import type { PeriodCounts } from "#lib/domain/drift/period.ts";
import {
  calibrationError,
  classificationPerformance,
  logLoss,
  meanWithError,
  regressionPerformance,
  rocAuc,
  wilsonInterval,
  type ScoreBin,
} from "#lib/domain/drift/performance.ts";
import { quantileUs } from "#lib/domain/statistics/histogram.ts";
import type { TrafficPoint } from "../../db/rollup-repository.ts";
import type { Estimate } from "../read-signals.ts";

/** Length of each range and the grain of its points; at most 720 points. `totals`: the grain that sums over the range are made of. */
export const RANGES: Readonly<Record<WatchRange, { readonly seconds: number; readonly grain: number; readonly totals: number }>> = {
  "1h": { seconds: 3600, grain: 60, totals: 60 },
  "24h": { seconds: 86_400, grain: 300, totals: 300 },
  "7d": { seconds: 7 * 86_400, grain: 3600, totals: 3600 },
  "30d": { seconds: 30 * 86_400, grain: 3600, totals: 86_400 },
  "13mo": { seconds: 396 * 86_400, grain: 86_400, totals: 86_400 },
};

const share = (part: number, whole: number): number | null => (whole === 0 ? null : Math.min(1, Math.max(0, part / whole)));
const ms = (us: number | null): number | null => (us === null ? null : us / 1000);

/** Points of one version, all arms but shadows together; stretches without counts are left null, never zero. */
export function watchPoints(found: readonly TrafficPoint[], frame: { readonly from: Date; readonly to: Date; readonly grain: number }): WatchPoint[] {
  const stepMs = frame.grain * 1000;
  const byStart = new Map<number, TrafficPoint>();
  for (const point of found) {
    const at = point.start.getTime();
    const known = byStart.get(at);
    // Two arms of one version in one stretch (a promotion): the busier one stands for its percentiles.
    if (known === undefined || point.requests > known.requests) byStart.set(at, point);
  }
  const points: WatchPoint[] = [];
  for (let at = frame.from.getTime(); at < frame.to.getTime(); at += stepMs) {
    const point = byStart.get(at);
    points.push({ at: new Date(at).toISOString(), ...(point === undefined ? NOTHING : figuresOf(point, frame.grain)) });
  }
  return points;
}

const NOTHING: Omit<WatchPoint, "at"> = {
  requestsPerSecond: null,
  errorShare: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  labels: 0,
  accuracy: null,
  accuracyLow: null,
  accuracyHigh: null,
  values: 0,
  value: null,
};

function figuresOf(point: TrafficPoint, grain: number): Omit<WatchPoint, "at"> {
  const right = point.labelsReceived - point.labelsWrong;
  const interval = wilsonInterval(right, point.labelsReceived);
  return {
    requestsPerSecond: point.requests / grain,
    errorShare: share(point.errors, point.requests),
    p50Ms: ms(point.p50Us),
    p95Ms: ms(point.p95Us),
    p99Ms: ms(point.p99Us),
    labels: point.labelsReceived,
    accuracy: share(right, point.labelsReceived),
    accuracyLow: interval?.low ?? null,
    accuracyHigh: interval?.high ?? null,
    values: point.valuesReceived,
    value: point.valuesReceived === 0 ? null : point.valuesSum / point.valuesReceived,
  };
}

/** One column of the comparison of versions. */
export function versionColumn(versionName: string, role: ArmRole, period: PeriodCounts): VersionColumn {
  const value = meanWithError(period.values.received, period.values.sum, period.values.sumSquares);
  return {
    versionName,
    role,
    requests: period.requests,
    errors: period.errors,
    labels: period.labelsReceived,
    wrong: period.labelsWrong,
    values: period.values.received,
    valueMean: value?.mean ?? null,
    valueError: value?.standardError ?? null,
    p95Ms: ms(quantileUs(period.latencyUs, 0.95)),
  };
}

/** Measured performance over the range, beside the estimate. */
export function performanceOf(period: PeriodCounts, scores: readonly ScoreBin[] | null, estimate: Estimate | null): z.output<typeof performanceView> {
  const { labelsReceived, labelsWrong } = period;
  const right = labelsReceived - labelsWrong;
  const interval = wilsonInterval(right, labelsReceived);
  const classes = classificationPerformance(period.labelPairs);
  const errors = regressionPerformance(period.labelErrors);
  const bins = scores ?? [];
  return {
    labels: labelsReceived + (labelsReceived === 0 ? errors.labels : 0),
    labelShare: share(labelsReceived, period.requests),
    accuracy: share(right, labelsReceived),
    accuracyLow: interval?.low ?? null,
    accuracyHigh: interval?.high ?? null,
    macroPrecision: classes.macroPrecision,
    macroRecall: classes.macroRecall,
    macroF1: classes.macroF1,
    rocAuc: rocAuc(bins),
    logLoss: logLoss(bins),
    calibrationError: calibrationError(bins),
    meanAbsoluteError: errors.meanAbsoluteError,
    rootMeanSquareError: errors.rootMeanSquareError,
    estimatedAccuracy: estimate?.accuracy ?? null,
    estimatedBand: estimate?.band ?? null,
    calibrationLabels: estimate?.calibrationLabels ?? 0,
    hasConceptChanged: estimate !== null && labelsReceived >= 100 && hasConceptChanged(estimate, right, labelsReceived),
    classes: classes.classes.map(({ label, support, precision, recall, f1 }) => ({ label, support, precision, recall, f1 })),
  };
}
