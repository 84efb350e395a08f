import {
  candidateShareOfEvents,
  mostLikelyRatio,
  type EventStratum,
} from "#lib/domain/statistics/rate-ratio.ts";
import type { CanonicalCounts } from "./canonical-counts.ts";

/** What comes in per second at present, and how it would split if the ratio stayed as it looks now. */
export type Flow = {
  readonly candidateShareBp: number;
  readonly firstBadPerSecond: number;
  readonly candidateUnitsPerSecond: number;
  readonly ratio: number;
};

/** Beyond a month a forecast is no answer. */
const LONGEST_SECONDS = 30 * 86_400;
/** A rate from fewer seconds is noise; then the whole release is used. */
const SHORTEST_BASIS_SECONDS = 5;

/**
 * The present flow of a metric: the pooled share of requests that fail for the first time, times the request rate of the
 * epoch in force. The ratio is the likeliest, drawn towards 1 by one imagined event so that few events do not promise
 * or threaten too much.
 */
export function presentFlow(counts: CanonicalCounts, strata: readonly EventStratum[]): Flow | null {
  const latest = counts.epochs.at(-1);
  if (latest === undefined || latest.seconds <= 0) return null;
  const epochs = latest.seconds >= SHORTEST_BASIS_SECONDS ? [latest] : counts.epochs;
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const requestsOf = (some: CanonicalCounts["epochs"]) =>
    some.reduce((sum, epoch) => sum + epoch.stable.requests + epoch.candidate.requests, 0);
  const allRequests = requestsOf(counts.epochs);
  if (allRequests === 0) return null;
  const firstBad = strata.reduce((sum, stratum) => sum + stratum.stable + stratum.candidate, 0);
  const share = latest.candidateShareBp;
  const imagined = {
    candidateShareBp: share,
    candidate: share / 10_000,
    stable: 1 - share / 10_000,
  };
  return {
    candidateShareBp: share,
    firstBadPerSecond: (firstBad / allRequests) * (requestsOf(epochs) / seconds),
    candidateUnitsPerSecond:
      epochs.reduce((sum, epoch) => sum + epoch.candidate.units, 0) / seconds,
    ratio: mostLikelyRatio([...strata, imagined]) ?? 1,
  };
}

/** The strata as they are expected to be after so many more seconds. */
export function strataAfter(
  strata: readonly EventStratum[],
  flow: Flow,
  seconds: number,
): EventStratum[] {
  const events = flow.firstBadPerSecond * seconds;
  const toCandidate = candidateShareOfEvents(flow.ratio, flow.candidateShareBp);
  return [
    ...strata,
    {
      candidateShareBp: flow.candidateShareBp,
      candidate: events * toCandidate,
      stable: events * (1 - toCandidate),
    },
  ];
}

/** The first second at which `isDecided` is expected to hold; null when that is more than a month away or never. */
export function secondsUntil(isDecided: (seconds: number) => boolean): number | null {
  let high = 1;
  while (!isDecided(high)) {
    if (high >= LONGEST_SECONDS) return null;
    high = Math.min(LONGEST_SECONDS, high * 2);
  }
  let low = high === 1 ? 0 : Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isDecided(middle)) high = middle;
    else low = middle;
  }
  return high;
}
