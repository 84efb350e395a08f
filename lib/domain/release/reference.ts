import {
  binOf,
  countAbove,
  mergeAll,
  quantileUs,
  upperEdgeUs,
  type SparseHistogram,
} from "#lib/domain/statistics/histogram.ts";
import type { RateMetric, WindowCounts } from "./window.ts";

/** Slower than these is a bad event, for both arms and for the whole release. Microseconds. */
export type LatencyThresholds = { readonly p95: number; readonly p99: number };

export type RateOf = { readonly bad: number; readonly of: number };

/**
 * Stable as it was before the release: thresholds for the latency guards and rates for the bake. Taken once, from
 * windows in which the candidate had no weight, because a threshold taken from release data would judge itself.
 */
export type FrozenReference = {
  readonly latencyThresholdsUs: LatencyThresholds;
  /** Per request; wrong labels per label received. */
  readonly rates: Readonly<Record<RateMetric, RateOf>>;
  readonly requests: number;
  readonly windows: number;
};

/** With fewer requests a p99 is a guess. */
export const MIN_REFERENCE_REQUESTS = 200;

/** The upper edge of the bin that holds the quantile, so that counting by bins and by comparison agree. */
function thresholdAt(histogram: SparseHistogram, q: number): number {
  return Math.floor(upperEdgeUs(binOf(Math.max(1, quantileUs(histogram, q) ?? 1))));
}

/**
 * The reference from stable's windows before the release; null while stable has answered fewer than
 * `MIN_REFERENCE_REQUESTS` requests. The caller passes windows of the present stable version only.
 */
export function freezeReference(windows: readonly WindowCounts[]): FrozenReference | null {
  const histogram = mergeAll(windows.map((window) => window.latencyUs));
  const total = (of: (window: WindowCounts) => number) =>
    windows.reduce((sum, window) => sum + of(window), 0);
  const requests = total((window) => window.requests);
  if (requests < MIN_REFERENCE_REQUESTS || histogram.count < MIN_REFERENCE_REQUESTS) return null;
  const latencyThresholdsUs = {
    p95: thresholdAt(histogram, 0.95),
    p99: thresholdAt(histogram, 0.99),
  };
  const slower = (thresholdUs: number) => ({
    bad: countAbove(histogram, thresholdUs),
    of: histogram.count,
  });
  return {
    latencyThresholdsUs,
    rates: {
      error: { bad: total((window) => window.errors), of: requests },
      latencyP95: slower(latencyThresholdsUs.p95),
      latencyP99: slower(latencyThresholdsUs.p99),
      wrongLabel: {
        bad: total((window) => window.labels.wrong),
        of: total((window) => window.labels.received),
      },
    },
    requests,
    windows: windows.length,
  };
}

/**
 * The reference with thresholds that are never below the floor. Its latency rates stay those of the unraised thresholds,
 * so they are upper bounds: the bake becomes more lenient by it, never stricter.
 */
export function withLatencyFloor(
  reference: FrozenReference | null,
  floorUs: number,
): FrozenReference | null {
  if (reference === null) return null;
  const { p95, p99 } = reference.latencyThresholdsUs;
  return {
    ...reference,
    latencyThresholdsUs: { p95: Math.max(p95, floorUs), p99: Math.max(p99, floorUs) },
  };
}
