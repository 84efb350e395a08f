import type { Arm } from "#lib/domain/routing/route-table.ts";
import { createHistogram, type Histogram } from "#lib/domain/statistics/histogram.ts";
import type { InferenceReason } from "../oip/inference-error.ts";

/** Lifetime counts of one version in one part on one endpoint; what `/metrics` shows. */
export type ArmCounters = {
  readonly endpoint: string;
  readonly model: string;
  readonly version: string;
  readonly arm: Arm;
  answered: number;
  /** Requests that the version failed to answer, and the time they took. */
  failed: number;
  failedUs: number;
  /** Unix milliseconds; 0 = never. */
  lastAnswerMs: number;
  /** From the whole request being here to the answer being handed to the socket. */
  readonly latencyUs: Histogram;
  /** In the model alone. */
  readonly computeUs: Histogram;
  /** Waiting for a model host, the way there and back included. */
  readonly queueUs: Histogram;
  /** Rows past the baseline's out-of-distribution limit. */
  oodRows: number;
  flaggedValues: number;
  imputedValues: number;
  nonFiniteAnswers: number;
};

/** Everything that is counted for `/metrics` on the request path. Plain numbers; the text is made when somebody asks. */
export type RequestCounters = {
  forArm(endpoint: string, model: string, version: string, arm: Arm): ArmCounters;
  countError(endpoint: string, reason: InferenceReason, status: number): void;
  countLabel(endpoint: string, outcome: string): void;
  readonly arms: ReadonlyMap<string, ArmCounters>;
  readonly errors: ReadonlyMap<
    string,
    { readonly endpoint: string; readonly reason: string; readonly status: string; count: number }
  >;
  readonly labels: ReadonlyMap<
    string,
    { readonly endpoint: string; readonly outcome: string; count: number }
  >;
};

export function createRequestCounters(): RequestCounters {
  const arms = new Map<string, ArmCounters>();
  const errors = new Map<
    string,
    { endpoint: string; reason: string; status: string; count: number }
  >();
  const labels = new Map<string, { endpoint: string; outcome: string; count: number }>();
  return {
    forArm(endpoint, model, version, arm) {
      const key = JSON.stringify([endpoint, model, version, arm]);
      const known = arms.get(key);
      if (known !== undefined) return known;
      const counters: ArmCounters = {
        endpoint,
        model,
        version,
        arm,
        answered: 0,
        failed: 0,
        failedUs: 0,
        lastAnswerMs: 0,
        latencyUs: createHistogram(),
        computeUs: createHistogram(),
        queueUs: createHistogram(),
        oodRows: 0,
        flaggedValues: 0,
        imputedValues: 0,
        nonFiniteAnswers: 0,
      };
      arms.set(key, counters);
      return counters;
    },
    countError(endpoint, reason, status) {
      const key = `${endpoint} ${reason} ${status}`;
      const known = errors.get(key);
      if (known !== undefined) known.count += 1;
      else errors.set(key, { endpoint, reason, status: String(status), count: 1 });
    },
    countLabel(endpoint, outcome) {
      const key = `${endpoint} ${outcome}`;
      const known = labels.get(key);
      if (known !== undefined) known.count += 1;
      else labels.set(key, { endpoint, outcome, count: 1 });
    },
    arms,
    errors,
    labels,
  };
}
