import type { Arm } from "#lib/domain/routing/route-table.ts";
import type { SparseHistogram } from "#lib/domain/statistics/histogram.ts";
import type { PairCounts } from "./pairs.ts";

/** The bad events that are counted once per unit of analysis. Each is a rate guard's metric. */
export const RATE_METRICS = ["error", "latencyP95", "latencyP99", "wrongLabel"] as const;
export type RateMetric = (typeof RATE_METRICS)[number];

/** A window keeps at most this many classes; the rest is added up under `OTHER_CLASS`. */
export const MAX_CLASSES = 64;
export const OTHER_CLASS = "__other__";

/**
 * What one arm on one runtime counted in one interval: the cumulative state of that window, sent again until `final`.
 * Of rows with equal key (bootId, endpointId, versionId, arm, epoch, windowStart) the highest `seq` is the truth,
 * so loss, repetition and reordering change nothing. The epoch is part of the key because labels that arrive late
 * belong to the epoch of their prediction: one interval then has a row for each epoch that it speaks of.
 *
 * **Unit of analysis.** The unit is the assignment key; a request without a key is its own key. With sticky routing
 * one noisy key sends all its failures into one arm, so requests are not independent and a test over requests
 * raises false alarms (16 to 22 % at a nominal 1 %, simulated). Hence:
 *
 * - `firstBad[m]` counts a key only at its first bad event of metric m *since the release began, in either arm*.
 *   A key that has failed in either arm is used up, so keys that move to the candidate when its weight grows are
 *   depleted exactly like those that stay. If both versions are equally good, when a key first fails says nothing
 *   about its bucket; so each first failure falls on the candidate with probability rho (the candidate's share of
 *   buckets in the epoch), independently of the others: a fair coin of known bias whatever the base rate does.
 * - `units` counts a key once per epoch and arm: in the window in which this runtime first saw it in this epoch.
 *   A later epoch starts with an empty set, because keys seen before would otherwise be missing unevenly: after a
 *   rise from 10 to 25 % the keys already known fill stable's former share, and only newcomers would be counted.
 * - `predictions` counts the class of the first answer of each key in this epoch, in the arm that gave it; a key
 *   whose first requests gave no class counts with its first answer that does. One per key, for the same reason.
 *
 * Requests pinned to a version by the caller are in no window of a release: nobody drew their arm by lot.
 */
export type WindowCounts = {
  readonly runtimeId: string;
  /** New at each process start of the runtime. */
  readonly bootId: string;
  readonly endpointId: string;
  readonly versionId: string;
  readonly arm: Arm;
  readonly releaseId: string | null;
  /** The epoch in force when the requests were admitted; for label counts, when the prediction was made. */
  readonly epoch: number;
  /** ISO 8601, UTC. */
  readonly windowStart: string;
  readonly windowSeconds: number;
  readonly seq: number;
  readonly final: boolean;
  readonly requests: number;
  /** Requests that the arm failed to answer, timeouts included. */
  readonly errors: number;
  /** Requests refused by the input contract before an arm saw them; information only. */
  readonly refused: number;
  readonly units: number;
  readonly firstBad: Readonly<Record<RateMetric, number>>;
  /** True labels reported in this window for predictions of this epoch, and how many disagree. Per prediction. */
  readonly labels: { readonly received: number; readonly wrong: number };
  readonly predictions: Readonly<Record<string, number>>;
  readonly latencyUs: SparseHistogram;
  /** Of a shadow's windows: what it said beside the version that answered. */
  readonly pairs?: PairCounts | undefined;
  /** Business values reported in this window for predictions of this epoch. */
  readonly values?:
    { readonly received: number; readonly sum: number; readonly sumSquares: number } | undefined;
  /** A capped set of keys was full: units and first failures are no longer known. Makes the verdict INVALID. */
  readonly overflow: boolean;
};
