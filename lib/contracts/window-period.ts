import { NO_ERRORS, NO_OUTCOMES, mergePeriods, type PeriodCounts } from "#lib/domain/drift/period.ts";
import { EMPTY_HISTOGRAM, type SparseHistogram } from "#lib/domain/statistics/histogram.ts";
import type { WindowReport } from "./runtime-protocol.ts";

/** The counts of a window as those of a stretch of time. */
export const periodOfReport = (window: WindowReport): PeriodCounts => ({
  requests: window.requests,
  errors: window.errors,
  refused: window.refused,
  labelsReceived: window.labels.received,
  labelsWrong: window.labels.wrong,
  predictions: window.predictions,
  latencyUs: window.latencyUs,
  queueUs: window.queueUs ?? EMPTY_HISTOGRAM,
  inferenceUs: window.inferenceUs ?? EMPTY_HISTOGRAM,
  reasons: window.reasons ?? [],
  values: window.values ?? NO_OUTCOMES,
  labelPairs: window.labelPairs ?? [],
  labelErrors: window.labelErrors ?? NO_ERRORS,
  binned: window.monitoring === undefined ? [] : [window.monitoring],
});

const histogram = ({ bins, ...rest }: SparseHistogram): WindowReport["latencyUs"] => ({ ...rest, bins: bins.map(([bin, count]): [number, number] => [bin, count]) });

/** A message holds no more of these; what is past it, the rarest of very many, is left out of a window that several became. */
const MOST = { reasons: 64, pairs: 257, labels: 17 } as const;

const startOf = ({ windowStart }: WindowReport): number => Date.parse(windowStart);
const sum = (windows: readonly WindowReport[], of: (window: WindowReport) => number): number => windows.reduce((total, window) => total + of(window), 0);

/**
 * One window of several of one version, arm and epoch, by the same bins if by any: from the first one's start to the last one's end. What single keys
 * did is told by none: those counts are for releases, and a window that is kept for weeks is of none.
 */
export function joinWindows(windows: readonly WindowReport[]): WindowReport {
  const [first, ...rest] = windows.toSorted((a, b) => startOf(a) - startOf(b));
  if (first === undefined) throw new RangeError("There is no window to join.");
  if (rest.length === 0) return first;
  const { predictions, latencyUs, queueUs, inferenceUs, reasons, values, labelPairs, labelErrors, binned } = mergePeriods(windows.map(periodOfReport));
  const endMs = Math.max(...windows.map((window) => startOf(window) + window.windowSeconds * 1000));
  const [bins] = binned;
  return {
    endpointId: first.endpointId,
    versionId: first.versionId,
    arm: first.arm,
    releaseId: first.releaseId,
    epoch: first.epoch,
    windowStart: first.windowStart,
    windowSeconds: Math.min(3600, Math.max(1, Math.round((endMs - startOf(first)) / 1000))),
    seq: Math.max(...windows.map(({ seq }) => seq)),
    final: true,
    requests: sum(windows, ({ requests }) => requests),
    errors: sum(windows, ({ errors }) => errors),
    refused: sum(windows, ({ refused }) => refused),
    units: sum(windows, ({ units }) => units),
    firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
    labels: { received: sum(windows, ({ labels }) => labels.received), wrong: sum(windows, ({ labels }) => labels.wrong) },
    predictions: { ...predictions },
    latencyUs: histogram(latencyUs),
    overflow: windows.some(({ overflow }) => overflow),
    queueUs: histogram(queueUs),
    inferenceUs: histogram(inferenceUs),
    reasons: [...reasons].sort((a, b) => b.count - a.count).slice(0, MOST.reasons),
    values: { ...values },
    labelPairs: [...labelPairs].sort(([, , a], [, , b]) => b - a).slice(0, MOST.pairs).map(([predicted, actual, count]): [string, string, number] => [predicted, actual, count]),
    labelErrors: { ...labelErrors },
    ...(bins === undefined ? {} : { monitoring: messageOf(bins) }),
  };
}

const messageOf = (bins: PeriodCounts["binned"][number]): NonNullable<WindowReport["monitoring"]> => ({
  ...bins,
  features: bins.features.map((one) => ({ ...one, cells: [...one.cells] })),
  outputs: bins.outputs.map((one) => ({ ...one, cells: [...one.cells] })),
  labelsByScore: bins.labelsByScore.slice(0, MOST.labels).map(([label, counts]): [string, number[]] => [label, [...counts]]),
});
