import { randomBytes } from "node:crypto";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import type { MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { murmur3OfText } from "#lib/domain/routing/murmur3.ts";
import {
  closeWindow,
  countAnswer,
  countLabel,
  countRefused,
  createBook,
  createReleaseKeys,
  openWindow,
  reportWindow,
  startsKey,
  type Book,
  type BookSubject,
  type KeyHash,
  type ReleaseKeys,
  type WindowStarts,
} from "./book.ts";
import { labelText, NO_CLASS, UNNAMED_CLASS, type ClassNames } from "./class-names.ts";
import type { SignatureSpec } from "../oip/signature-spec.ts";
import type { Tensor } from "../oip/tensor.ts";
import { countLabelError, countPair, countReason, countTimes, countValue } from "./details.ts";
import { createMonitorCounts, NO_CELL, type Score } from "./monitor-counts.ts";
import { compileLayout, type MonitorLayout } from "./monitor-layout.ts";
import { countAnswerPair, type Pair } from "./pair-book.ts";
import { createPredictionRing, type PredictionRecord } from "./prediction-ring.ts";

/** What became of one reported label. `unmatched`: the prediction is known but named no class to compare with. */
export type LabelOutcome = "accepted" | "unknown" | "repeated" | "unmatched";

/**
 * Counts of everything this process answered, as windows. Nothing here knows how windows are sent; nothing here allocates per request
 * but the prediction's id.
 */
export type Telemetry = {
  /** `isServing`: its windows are reported even when nothing happens, so that silence and absence can be told apart. */
  openBook(
    subject: BookSubject,
    classes: ClassNames,
    isServing: boolean,
    spec?: SignatureSpec | null,
  ): Book;
  /** The bins to count by, one baseline for each version that has one. Taken up by each book at its next window. */
  setBaselines(baselines: readonly MonitoringBaseline[]): void;
  /** No request is admitted under this book any more. Ends its window. */
  retireBook(book: Book): void;
  /** Salted hash of a key; the object is reused by the next call. */
  hashKey(key: string | null): KeyHash;
  /** Counts an answer and gives its prediction id; null for a failed one. */
  countAnswer(
    book: Book,
    latencyUs: number,
    hasFailed: boolean,
    key: KeyHash,
    classIndex: number,
    score?: Score,
  ): string | null;
  /** Reads inputs before the contract may replace values; `commitInputs` counts them once it let them pass. */
  scanInputs(book: Book, tensors: readonly Tensor[]): void;
  /** Answers how many of the rows were out of distribution. */
  commitInputs(book: Book): number;
  /** Counts an answer's values; what its score was, when the version's baseline names one. */
  countOutputs(book: Book, outputs: readonly Tensor[], indexes: readonly number[] | null): Score;
  /** Parts of an answered request's time. */
  countTimes(book: Book, queueUs: number, inferenceUs: number): void;
  /** Why a request of this book was not answered. */
  countReason(book: Book, reason: string, status: number): void;
  /** The caller left before the answer: a request and its time, neither a failure nor a class. */
  countLeft(book: Book, latencyUs: number, key: KeyHash): void;
  countRefused(book: Book): void;
  /** A request was chosen for the shadow; `isDropped`: and not sent, because the runtime was busy. */
  countMirrored(book: Book, isDropped: boolean): void;
  /** The shadow's own answer, as an arm's; nobody can report a label for it. */
  countShadow(
    book: Book,
    latencyUs: number,
    hasFailed: boolean,
    key: KeyHash,
    classIndex: number,
  ): void;
  countPair(book: Book, pair: Pair, key: KeyHash): void;
  /** A true label, a business value, or both, for a prediction. Each counts once. */
  label(
    endpointId: string,
    predictionId: string,
    label: string | number | boolean | null,
    value?: number | null,
  ): LabelOutcome;
  /** Ends windows whose time is up. Called often. */
  roll(): void;
  /** Finals of ended windows, each handed out once. */
  takeFinals(): WindowReport[];
  /** The state of open windows that changed since they were last reported. */
  reportOpen(): WindowReport[];
  /** Ends every window now. */
  closeAll(): void;
  /** Forgets books that nothing can name any more. */
  sweep(): void;
};

export type TelemetryOptions = {
  readonly predictionsKept: number;
  readonly keysPerRelease: number;
  /** Unix milliseconds. */
  readonly now: () => number;
};

/** Nothing is in flight this long after a book was retired. */
const LATE_MS = 600_000;
const NO_SCORE: Score = { value: Number.NaN, cell: NO_CELL };

export function createTelemetry({
  predictionsKept,
  keysPerRelease,
  now,
}: TelemetryOptions): Telemetry {
  const books = new Map<number, Book>();
  const starts = new Map<string, WindowStarts>();
  const retiredAtMs = new Map<number, number>();
  const releases = new Map<string, ReleaseKeys>();
  const ring = createPredictionRing(predictionsKept);
  const seeds = randomBytes(8);
  const [highSeed, lowSeed] = [seeds.readUInt32LE(0), seeds.readUInt32LE(4)];
  const specs = new Map<number, SignatureSpec>();
  let baselines: ReadonlyMap<string, MonitoringBaseline> = new Map();
  const layouts = new WeakMap<MonitoringBaseline, WeakMap<SignatureSpec, MonitorLayout>>();
  const keyHash: KeyHash = { high: 0, low: 0, hasKey: false };
  let finals: WindowReport[] = [];
  let nextBookId = 0;

  const keysOf = (releaseId: string): ReleaseKeys => {
    const known = releases.get(releaseId);
    if (known !== undefined) return known;
    const keys = createReleaseKeys(keysPerRelease);
    releases.set(releaseId, keys);
    return keys;
  };
  const layoutFor = (baseline: MonitoringBaseline, spec: SignatureSpec): MonitorLayout => {
    const ofBaseline = layouts.get(baseline) ?? new WeakMap<SignatureSpec, MonitorLayout>();
    layouts.set(baseline, ofBaseline);
    const layout = ofBaseline.get(spec) ?? compileLayout(baseline, spec);
    ofBaseline.set(spec, layout);
    return layout;
  };
  /** A new window counts by the newest bins. */
  const open = (book: Book, nowMs: number): void => {
    const baseline = baselines.get(book.subject.versionId);
    const spec = specs.get(book.id);
    const layout = baseline === undefined || spec === undefined ? null : layoutFor(baseline, spec);
    if (book.monitor?.layout !== (layout ?? undefined))
      book.monitor = layout === null ? null : createMonitorCounts(layout);
    openWindow(book, nowMs);
  };
  /** Makes sure the open window is the one that holds now. */
  const turn = (book: Book): void => {
    const nowMs = now();
    if (book.windowStartMs !== 0 && nowMs >= book.windowEndMs) finals.push(closeWindow(book));
    if (book.windowStartMs === 0) open(book, nowMs);
  };

  /** Counts a label by class and by score. */
  const countTruth = (
    book: Book,
    found: PredictionRecord,
    label: string | number | boolean,
  ): void => {
    const text = labelText(label);
    const hasClass = found.classIndex !== NO_CLASS && found.classIndex !== UNNAMED_CLASS;
    const isMeasured = typeof label === "number" && !Number.isNaN(found.score);
    turn(book);
    if (hasClass) {
      const predicted = book.classes.nameOf(found.classIndex) ?? "";
      countLabel(book, predicted !== text, found.key);
      countPair(book.details, predicted, text);
    }
    book.isDirty = true;
    if (isMeasured) countLabelError(book.details, found.score - label);
    // Cells of bins that have been replaced since say nothing in the new ones.
    if (found.layoutId !== 0 && found.layoutId === book.monitor?.layout.id)
      book.monitor.countLabel(text, found.scoreCell);
  };

  return {
    openBook(subject, classes, isServing, spec = null) {
      nextBookId += 1;
      if (spec !== null) specs.set(nextBookId, spec);
      const keys = subject.releaseId === null ? null : keysOf(subject.releaseId);
      const key = startsKey(subject);
      const shared = starts.get(key) ?? { lastMs: 0 };
      starts.set(key, shared);
      const book = createBook(nextBookId, subject, classes, keys, keysPerRelease, shared);
      book.isServing = isServing;
      books.set(book.id, book);
      if (isServing) turn(book);
      return book;
    },
    retireBook(book) {
      book.isServing = false;
      retiredAtMs.set(book.id, now());
      if (book.windowStartMs !== 0) finals.push(closeWindow(book));
    },
    hashKey(key) {
      keyHash.hasKey = key !== null;
      if (key !== null) {
        keyHash.high = murmur3OfText(key, highSeed);
        keyHash.low = murmur3OfText(key, lowSeed);
      }
      return keyHash;
    },
    setBaselines(next) {
      // Equal bins stay the same object, so that counts and labels go on where they are.
      const same = (baseline: MonitoringBaseline): MonitoringBaseline => {
        const known = baselines.get(baseline.versionId);
        return known?.binsHash === baseline.binsHash &&
          known.oodThresholdBits === baseline.oodThresholdBits
          ? known
          : baseline;
      };
      baselines = new Map(next.map((baseline) => [baseline.versionId, same(baseline)]));
    },
    countAnswer(book, latencyUs, hasFailed, key, classIndex, score = NO_SCORE) {
      turn(book);
      countAnswer(book, latencyUs, hasFailed, key, classIndex);
      if (hasFailed) return null;
      return ring.issue(book.id, classIndex, key, score, book.monitor?.layout.id ?? 0);
    },
    scanInputs(book, tensors) {
      turn(book);
      book.monitor?.scan(tensors);
    },
    commitInputs(book) {
      if (book.monitor === null) return 0;
      book.isDirty = true;
      return book.monitor.commit();
    },
    countOutputs(book, outputs, indexes) {
      turn(book);
      return book.monitor === null ? NO_SCORE : book.monitor.countOutputs(outputs, indexes);
    },
    countTimes(book, queueUs, inferenceUs) {
      turn(book);
      countTimes(book.details, queueUs, inferenceUs);
    },
    countReason(book, reason, status) {
      turn(book);
      book.isDirty = true;
      countReason(book.details, reason, status);
    },
    countLeft(book, latencyUs, key) {
      turn(book);
      countAnswer(book, latencyUs, false, key, NO_CLASS);
    },
    countRefused(book) {
      turn(book);
      countRefused(book);
    },
    countMirrored(book, isDropped) {
      if (book.pairs === null) return;
      turn(book);
      book.isDirty = true;
      book.pairs.sampled += 1;
      if (isDropped) book.pairs.dropped += 1;
    },
    countShadow(book, latencyUs, hasFailed, key, classIndex) {
      turn(book);
      countAnswer(book, latencyUs, hasFailed, key, classIndex);
    },
    countPair(book, pair, key) {
      if (book.pairs === null) return;
      turn(book);
      book.isDirty = true;
      countAnswerPair(book.pairs, pair, key);
    },
    label(endpointId, predictionId, label, value = null) {
      const found = ring.find(
        predictionId,
        (bookId) => books.get(bookId)?.subject.endpointId === endpointId,
      );
      const book = found === null ? undefined : books.get(found.bookId);
      if (found === null || book === undefined) return "unknown";
      let outcome: LabelOutcome = "accepted";
      if (label !== null) {
        const hasTruth =
          (found.classIndex !== NO_CLASS && found.classIndex !== UNNAMED_CLASS) ||
          (typeof label === "number" && !Number.isNaN(found.score));
        if (!hasTruth) outcome = "unmatched";
        else if (!ring.claim(found, "label")) outcome = "repeated";
        else countTruth(book, found, label);
      }
      if (value !== null) {
        if (ring.claim(found, "value")) {
          turn(book);
          book.isDirty = true;
          countValue(book.details, value);
          outcome = "accepted";
        } else if (label === null) outcome = "repeated";
      }
      return outcome;
    },
    roll() {
      const nowMs = now();
      for (const book of books.values()) {
        if (book.windowStartMs !== 0 && nowMs >= book.windowEndMs) finals.push(closeWindow(book));
        if (book.windowStartMs === 0 && book.isServing) open(book, nowMs);
      }
    },
    takeFinals() {
      const taken = finals;
      finals = [];
      return taken;
    },
    reportOpen() {
      const open: WindowReport[] = [];
      for (const book of books.values())
        if (book.windowStartMs !== 0 && book.isDirty) open.push(reportWindow(book, false));
      return open;
    },
    closeAll() {
      for (const book of books.values()) {
        book.isServing = false;
        if (book.windowStartMs !== 0) finals.push(closeWindow(book));
      }
    },
    sweep() {
      const nowMs = now();
      const named = ring.bookIds();
      for (const [id, atMs] of retiredAtMs) {
        const book = books.get(id);
        if (book === undefined || nowMs - atMs < LATE_MS) continue;
        book.seenKeys = null;
        book.answeredKeys = null;
        if (named.has(id) || book.windowStartMs !== 0) continue;
        books.delete(id);
        if (![...books.values()].some((other) => other.starts === book.starts))
          starts.delete(startsKey(book.subject));
        specs.delete(id);
        retiredAtMs.delete(id);
      }
      const inUse = new Set([...books.values()].map((book) => book.subject.releaseId));
      for (const releaseId of releases.keys())
        if (!inUse.has(releaseId)) releases.delete(releaseId);
    },
  };
}
