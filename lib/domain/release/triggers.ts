import { LOW_IS_BAD, type Trigger } from "./plan-parts.ts";
import type { TriggerBucket } from "./trigger-buckets.ts";

export type TriggerReport = {
  readonly trigger: Trigger;
  readonly word: "FIRED" | "QUIET" | "NO_DATA";
  /** Of the newest interval that counts; null: none did. */
  readonly latest: number | null;
  /** Intervals in a row past the threshold, up to the newest one. */
  readonly inARow: number;
};

/** Whether the interval is past the threshold; null when it says nothing. */
export function isPast(trigger: Trigger, bucket: TriggerBucket): boolean | null {
  const value = bucket[trigger.metric];
  if (value === null || bucket.requests < trigger.minRequests) return null;
  return LOW_IS_BAD.includes(trigger.metric)
    ? value < trigger.threshold
    : value > trigger.threshold;
}

/** The trigger against the candidate's newest intervals. An interval that says nothing breaks no row and makes none longer. */
export function triggerReport(trigger: Trigger, buckets: readonly TriggerBucket[]): TriggerReport {
  let inARow = 0;
  let latest: number | null = null;
  for (const bucket of buckets) {
    const past = isPast(trigger, bucket);
    if (past === null) continue;
    latest = bucket[trigger.metric];
    inARow = past ? inARow + 1 : 0;
  }
  const word = inARow >= trigger.intervals ? "FIRED" : latest === null ? "NO_DATA" : "QUIET";
  return { trigger, word, latest, inARow };
}

export type BackTest = {
  readonly trigger: Trigger;
  /** Times that it would have fired; after firing it starts anew. */
  readonly firings: number;
  /** Intervals that counted. */
  readonly intervals: number;
  readonly firedAtMs: readonly number[];
};

/** How often the trigger would have fired on somebody's past, oldest interval first. */
export function backTest(trigger: Trigger, buckets: readonly TriggerBucket[]): BackTest {
  const firedAtMs: number[] = [];
  let inARow = 0;
  let intervals = 0;
  for (const bucket of buckets) {
    const past = isPast(trigger, bucket);
    if (past === null) continue;
    intervals += 1;
    inARow = past ? inARow + 1 : 0;
    if (inARow < trigger.intervals) continue;
    firedAtMs.push(bucket.startMs + trigger.seconds * 1000);
    inARow = 0;
  }
  return { trigger, firings: firedAtMs.length, intervals, firedAtMs };
}
