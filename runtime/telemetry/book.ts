import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { MAX_CLASSES, OTHER_CLASS } from "#lib/domain/release/window.ts";
import type { Arm } from "#lib/domain/routing/route-table.ts";
import {
  createHistogram,
  record,
  reset,
  toSparse,
  type Histogram,
} from "#lib/domain/statistics/histogram.ts";
import { NO_CLASS, type ClassNames } from "./class-names.ts";
import { createPairBook, reportPairs, resetPairs, type PairBook } from "./pair-book.ts";
import { createDetails, reportDetails, resetDetails, type Details } from "./details.ts";
import type { MonitorCounts } from "./monitor-counts.ts";
import { createKeySet, NEW_KEY, SET_FULL, type KeySet } from "./key-set.ts";

/** Keys that have had their first bad event in a release, in either arm: one set per metric, shared by the release's books. */
export type ReleaseKeys = {
  readonly error: KeySet;
  readonly latencyP95: KeySet;
  readonly latencyP99: KeySet;
  readonly wrongLabel: KeySet;
};

export function createReleaseKeys(limit: number): ReleaseKeys {
  return {
    error: createKeySet(limit),
    latencyP95: createKeySet(limit),
    latencyP99: createKeySet(limit),
    wrongLabel: createKeySet(limit),
  };
}

/** What a book is about. It never changes: another epoch, arm or release is another book. */
export type BookSubject = {
  readonly endpointId: string;
  readonly versionId: string;
  readonly arm: Arm;
  readonly releaseId: string | null;
  readonly epoch: number;
  readonly windowSeconds: number;
  readonly latencyThresholdsUs: { readonly p95: number; readonly p99: number } | null;
};

/** Positions in `Book.counts`. */
const REQUESTS = 0;
const ERRORS = 1;
const REFUSED = 2;
const UNITS = 3;
const BAD_ERROR = 4;
const BAD_P95 = 5;
const BAD_P99 = 6;
const BAD_LABEL = 7;
const LABELS = 8;
const LABELS_WRONG = 9;
const COUNTS = 10;

/**
 * The running counts of one arm in one epoch, window by window. The unit of analysis is the key
 * (`lib/domain/release/window.ts`); outside a release nothing is tested, so there each request is its own unit and no key is kept.
 */
export type Book = {
  readonly id: number;
  readonly subject: BookSubject;
  readonly classes: ClassNames;
  readonly releaseKeys: ReleaseKeys | null;
  /** Keys of this epoch that were seen, and those whose first class was counted. Given up once nothing can arrive any more. */
  seenKeys: KeySet | null;
  answeredKeys: KeySet | null;
  readonly counts: Float64Array;
  readonly classCounts: Float64Array;
  readonly latencyUs: Histogram;
  readonly details: Details;
  /** Of a shadow: its answers beside those of the version that answered. */
  readonly pairs: PairBook | null;
  /** Inputs and answers by the bins of the version's baseline; null without one. Changes only between windows. */
  monitor: MonitorCounts | null;
  /** False once a newer table serves; what still arrives (late answers, labels) opens windows of its own. */
  isServing: boolean;
  hasOverflown: boolean;
  /** Open window, Unix milliseconds; 0 = none is open. */
  windowStartMs: number;
  windowEndMs: number;
  /** Shared by all books whose windows the control plane would take for the same. */
  readonly starts: WindowStarts;
  hasBegun: boolean;
  seq: number;
  /** Something was counted since the last report of this window. */
  isDirty: boolean;
};

/**
 * The last start that was given away, Unix milliseconds. A table may be put in force twice within one epoch (before and after a version is ready),
 * and late labels reach the books of both: no two of their windows may begin at the same moment.
 */
export type WindowStarts = { lastMs: number };

/** What the control plane knows a window by, its start and the boot apart. */
export const startsKey = ({ endpointId, versionId, arm, epoch }: BookSubject): string =>
  `${endpointId} ${versionId} ${arm} ${epoch}`;

export function createBook(
  id: number,
  subject: BookSubject,
  classes: ClassNames,
  releaseKeys: ReleaseKeys | null,
  keyLimit: number,
  starts: WindowStarts = { lastMs: 0 },
): Book {
  const isReleased = subject.releaseId !== null;
  return {
    id,
    subject,
    classes,
    releaseKeys,
    seenKeys: isReleased ? createKeySet(keyLimit) : null,
    answeredKeys: isReleased ? createKeySet(keyLimit) : null,
    counts: new Float64Array(COUNTS),
    classCounts: new Float64Array(MAX_CLASSES + 1),
    latencyUs: createHistogram(),
    details: createDetails(),
    pairs: subject.arm === "shadow" ? createPairBook(keyLimit) : null,
    monitor: null,
    isServing: true,
    hasOverflown: false,
    windowStartMs: 0,
    windowEndMs: 0,
    starts,
    hasBegun: false,
    seq: 0,
    isDirty: false,
  };
}

function add(book: Book, position: number): void {
  book.counts[position] = (book.counts[position] ?? 0) + 1;
}

/** Opens the window that holds `nowMs`: from the last whole multiple of its length, or from now when the book began within it. */
export function openWindow(book: Book, nowMs: number): void {
  const lengthMs = book.subject.windowSeconds * 1000;
  const alignedMs = Math.floor(nowMs / lengthMs) * lengthMs;
  // The first window of a book begins with the book; starts of one book never repeat, not even when the clock steps back.
  const startMs = Math.max(book.hasBegun ? alignedMs : nowMs, book.starts.lastMs + 1);
  book.windowStartMs = startMs;
  book.windowEndMs = Math.max(alignedMs + lengthMs, startMs + 1);
  book.starts.lastMs = startMs;
  book.hasBegun = true;
  book.seq = 0;
  book.isDirty = true;
}

/** A key, as the two halves of its salted hash; `hasKey` false = the request is its own key. */
export type KeyHash = { high: number; low: number; hasKey: boolean };

/** Whether this is the key's first time in the set; a request without key is always a first time. */
function isFirst(book: Book, set: KeySet | null, key: KeyHash): boolean {
  if (set === null || !key.hasKey) return true;
  const added = set.add(key.high, key.low);
  if (added === SET_FULL) book.hasOverflown = true;
  return added === NEW_KEY;
}

/** Exceedances of the frozen thresholds. No answer is slower than any answer. */
function countLatency(book: Book, latencyUs: number, hasFailed: boolean, key: KeyHash): void {
  const { releaseKeys: keys } = book;
  const limits = book.subject.latencyThresholdsUs;
  if (limits === null) return;
  const isPastP95 = hasFailed || latencyUs > limits.p95;
  const isPastP99 = hasFailed || latencyUs > limits.p99;
  if (isPastP95 && isFirst(book, keys?.latencyP95 ?? null, key)) add(book, BAD_P95);
  if (isPastP99 && isFirst(book, keys?.latencyP99 ?? null, key)) add(book, BAD_P99);
}

/** The request's answer left (or will not come): counts it, its unit, its first bad events and its class. The window must be open. */
export function countAnswer(
  book: Book,
  latencyUs: number,
  hasFailed: boolean,
  key: KeyHash,
  classIndex: number,
): void {
  book.isDirty = true;
  add(book, REQUESTS);
  record(book.latencyUs, latencyUs);
  if (isFirst(book, book.seenKeys, key)) add(book, UNITS);
  if (hasFailed) {
    add(book, ERRORS);
    if (isFirst(book, book.releaseKeys?.error ?? null, key)) add(book, BAD_ERROR);
  }
  countLatency(book, latencyUs, hasFailed, key);
  if (classIndex !== NO_CLASS && isFirst(book, book.answeredKeys, key)) {
    const cell = Math.min(classIndex, MAX_CLASSES);
    book.classCounts[cell] = (book.classCounts[cell] ?? 0) + 1;
  }
}

/** A request that the input contract refused before the arm saw it. */
export function countRefused(book: Book): void {
  book.isDirty = true;
  add(book, REFUSED);
}

/** A true label for a prediction of this book. */
export function countLabel(book: Book, isWrong: boolean, key: KeyHash): void {
  book.isDirty = true;
  add(book, LABELS);
  if (!isWrong) return;
  add(book, LABELS_WRONG);
  if (isFirst(book, book.releaseKeys?.wrongLabel ?? null, key)) add(book, BAD_LABEL);
}

function predictionsOf(book: Book): Record<string, number> {
  const predictions = new Map<string, number>();
  for (let cell = 0; cell <= MAX_CLASSES; cell += 1) {
    const count = book.classCounts[cell] ?? 0;
    if (count === 0) continue;
    const name = cell < MAX_CLASSES ? (book.classes.nameOf(cell) ?? OTHER_CLASS) : OTHER_CLASS;
    predictions.set(name, (predictions.get(name) ?? 0) + count);
  }
  return Object.fromEntries(predictions);
}

/** The cumulative state of the open window, with the next `seq`. */
export function reportWindow(book: Book, isFinal: boolean): WindowReport {
  const { subject, counts } = book;
  const count = (position: number) => counts[position] ?? 0;
  book.seq += 1;
  book.isDirty = false;
  const { bins, ...rest } = toSparse(book.latencyUs);
  return {
    endpointId: subject.endpointId,
    versionId: subject.versionId,
    arm: subject.arm,
    releaseId: subject.releaseId,
    epoch: subject.epoch,
    windowStart: new Date(book.windowStartMs).toISOString(),
    windowSeconds: subject.windowSeconds,
    seq: book.seq,
    final: isFinal,
    requests: count(REQUESTS),
    errors: count(ERRORS),
    refused: count(REFUSED),
    units: count(UNITS),
    firstBad: {
      error: count(BAD_ERROR),
      latencyP95: count(BAD_P95),
      latencyP99: count(BAD_P99),
      wrongLabel: count(BAD_LABEL),
    },
    labels: { received: count(LABELS), wrong: count(LABELS_WRONG) },
    predictions: predictionsOf(book),
    latencyUs: { ...rest, bins: bins.map(([bin, n]) => [bin, n]) },
    overflow: book.hasOverflown,
    ...reportDetails(book.details),
    ...(book.pairs === null ? {} : { pairs: reportPairs(book.pairs) }),
    ...(book.monitor === null ? {} : { monitoring: book.monitor.report() }),
  };
}

/** Ends the open window: answers its final report and leaves the book empty, without a window. */
export function closeWindow(book: Book): WindowReport {
  const report = reportWindow(book, true);
  book.counts.fill(0);
  book.classCounts.fill(0);
  reset(book.latencyUs);
  resetDetails(book.details);
  if (book.pairs !== null) resetPairs(book.pairs);
  book.monitor?.reset();
  book.windowStartMs = 0;
  return report;
}
