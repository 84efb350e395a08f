/** What a load test sends, one stage after the other: so many times the planned rate. */
export const LOAD_FACTORS = [1, 1.5, 2] as const;
/** Before the first stage: at the planned rate, not measured. */
export const WARM_UP_SECONDS = 2;

export const MOST_RATE_PER_SECOND = 20_000;
export const MOST_STAGE_SECONDS = 600;
/** Requests that one test may send; more are no better known, and their latencies only fill a longer night. */
export const MOST_REQUESTS = 5_000_000;

/** Sent later than it was due by more than this counts as late. */
export const LATE_MS = 50;
/** Above this share of late ones a stage that did not hold may be the fault of the machine that sends. */
export const LATE_LIMIT = 0.01;
/** A stage reached its rate when at least this share of it was answered in time. */
export const REACHED_SHARE = 0.98;
/** What a memory limit has to leave above the highest peak. */
export const MEMORY_MARGIN = 1.1;

export type LoadStage = {
  readonly factor: number;
  readonly plannedPerSecond: number;
  readonly seconds: number;
  readonly sent: number;
  readonly answered: number;
  /** 429 or 503: sent away before memory grew. */
  readonly refused: number;
  /** Any other answer than 200, and none at all. */
  readonly failed: number;
  readonly late: number;
  /** Answers a second, from the first request to the last answer. */
  readonly reachedPerSecond: number;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
  readonly latencyMsP99: number | null;
  /** Processors in use on average: the front process, and the model hosts. Null where the platform does not say. */
  readonly frontCores: number | null;
  readonly hostCores: number | null;
  /** Highest resident memory of one model host. */
  readonly peakMemoryBytes: number | null;
};

/**
 * Whether the machine that sends was behind. Latency counts from when a request was due, and what is late comes in a burst: a stage that held all the
 * same has held more, while one that did not hold says nothing of the endpoint.
 */
export const wasSentLate = ({ late, sent }: Pick<LoadStage, "late" | "sent">): boolean => late > sent * LATE_LIMIT;

/** Why a stage did not hold its load, in words; null when it did. */
export function stageFault(stage: LoadStage, latencyLimitMs: number | null): string | null {
  const { sent, refused, failed, plannedPerSecond, reachedPerSecond, latencyMsP99 } = stage;
  if (failed > 0) return `${failed} of ${sent} requests failed`;
  if (refused > 0) return `${refused} of ${sent} requests were refused`;
  if (reachedPerSecond < plannedPerSecond * REACHED_SHARE) return `only ${Math.round(reachedPerSecond)} of ${Math.round(plannedPerSecond)} requests a second were answered`;
  if (latencyLimitMs !== null && (latencyMsP99 === null || latencyMsP99 > latencyLimitMs))
    return `p99 was ${latencyMsP99 === null ? "not measured" : `${formatMs(latencyMsP99)} ms`}; at most ${formatMs(latencyLimitMs)} ms was agreed`;
  return null;
}

/** Milliseconds with three figures that say something. */
export const formatMs = (ms: number): string => String(Number(ms.toPrecision(3)));
