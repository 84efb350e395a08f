import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { OTHER_CLASS } from "#lib/domain/release/window.ts";
import {
  createHistogram,
  record,
  reset,
  toSparse,
  type Histogram,
  type SparseHistogram,
} from "#lib/domain/statistics/histogram.ts";

const MAX_PAIRS = 256;
const MAX_REASONS = 64;
const MAX_NAME = 128;

type Pair = { readonly predicted: string; readonly label: string; count: number };
type Reason = { readonly reason: string; readonly status: number; count: number };

/** What a window says beyond the counts that verdicts are made of. */
export type Details = {
  readonly queueUs: Histogram;
  readonly inferenceUs: Histogram;
  readonly reasons: Map<string, Reason>;
  readonly pairs: Map<string, Pair>;
  values: { received: number; sum: number; sumSquares: number };
  errors: { n: number; sum: number; sumAbsolute: number; sumSquares: number };
};

export function createDetails(): Details {
  return {
    queueUs: createHistogram(),
    inferenceUs: createHistogram(),
    reasons: new Map(),
    pairs: new Map(),
    values: { received: 0, sum: 0, sumSquares: 0 },
    errors: { n: 0, sum: 0, sumAbsolute: 0, sumSquares: 0 },
  };
}

/** How long an answered request waited for a model host, and how long it was in the model. */
export function countTimes(details: Details, queueUs: number, inferenceUs: number): void {
  record(details.queueUs, queueUs);
  record(details.inferenceUs, inferenceUs);
}

/** A request without an answer. */
export function countReason({ reasons }: Details, reason: string, status: number): void {
  const key = `${reason} ${status}`;
  const known = reasons.get(key);
  if (known !== undefined) known.count += 1;
  else if (reasons.size < MAX_REASONS) reasons.set(key, { reason, status, count: 1 });
}

export function countValue({ values }: Details, value: number): void {
  values.received += 1;
  values.sum += value;
  values.sumSquares += value * value;
}

/** A true label beside the class that was predicted. */
export function countPair({ pairs }: Details, predicted: string, label: string): void {
  const own = JSON.stringify([predicted, label]);
  const isRoom = pairs.has(own) || pairs.size < MAX_PAIRS;
  const key = isRoom ? own : OTHER_CLASS;
  const known = pairs.get(key);
  if (known !== undefined) known.count += 1;
  else if (isRoom) pairs.set(key, { predicted, label: label.slice(0, MAX_NAME), count: 1 });
  else pairs.set(key, { predicted: OTHER_CLASS, label: OTHER_CLASS, count: 1 });
}

/** A numeric label against the score: error = answer - label. */
export function countLabelError({ errors }: Details, error: number): void {
  errors.n += 1;
  errors.sum += error;
  errors.sumAbsolute += Math.abs(error);
  errors.sumSquares += error * error;
}

function sparse(
  histogram: Histogram,
): Omit<SparseHistogram, "bins"> & { bins: [number, number][] } {
  const { bins, ...rest } = toSparse(histogram);
  return { ...rest, bins: bins.map(([bin, count]) => [bin, count]) };
}

type DetailReport = Pick<
  WindowReport,
  "queueUs" | "inferenceUs" | "reasons" | "values" | "labelPairs" | "labelErrors"
>;

/** The parts of a window report that have something to say. */
export function reportDetails(details: Details): DetailReport {
  const { queueUs, inferenceUs, reasons, pairs, values, errors } = details;
  return {
    ...(queueUs.count > 0 ? { queueUs: sparse(queueUs), inferenceUs: sparse(inferenceUs) } : {}),
    ...(reasons.size > 0 ? { reasons: [...reasons.values()].map((one) => ({ ...one })) } : {}),
    ...(values.received > 0 ? { values: { ...values } } : {}),
    ...(pairs.size > 0
      ? {
          labelPairs: [...pairs.values()].map(
            ({ predicted, label, count }): [string, string, number] => [predicted, label, count],
          ),
        }
      : {}),
    ...(errors.n > 0 ? { labelErrors: { ...errors } } : {}),
  };
}

export function resetDetails(details: Details): void {
  reset(details.queueUs);
  reset(details.inferenceUs);
  details.reasons.clear();
  details.pairs.clear();
  details.values = { received: 0, sum: 0, sumSquares: 0 };
  details.errors = { n: 0, sum: 0, sumAbsolute: 0, sumSquares: 0 };
}
