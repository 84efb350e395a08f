import { randomBytes } from "node:crypto";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
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
  type Book,
  type BookSubject,
  type KeyHash,
  type ReleaseKeys,
} from "./book.ts";
import { labelText, NO_CLASS, UNNAMED_CLASS, type ClassNames } from "./class-names.ts";
import { createPredictionRing } from "./prediction-ring.ts";

/** What became of one reported label. `unmatched`: the prediction is known but named no class to compare with. */
export type LabelOutcome = "accepted" | "unknown" | "repeated" | "unmatched";

/**
 * Counts of everything this process answered, as windows. Nothing here knows how windows are sent; nothing here allocates per request
 * but the prediction's id.
 */
export type Telemetry = {
  /** `isServing`: its windows are reported even when nothing happens, so that silence and absence can be told apart. */
  openBook(subject: BookSubject, classes: ClassNames, isServing: boolean): Book;
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
  ): string | null;
  /** The caller left before the answer: a request and its time, neither a failure nor a class. */
  countLeft(book: Book, latencyUs: number, key: KeyHash): void;
  countRefused(book: Book): void;
  label(
    endpointId: string,
    predictionId: string,
    label: string | number | boolean | null,
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

export function createTelemetry({
  predictionsKept,
  keysPerRelease,
  now,
}: TelemetryOptions): Telemetry {
  const books = new Map<number, Book>();
  const retiredAtMs = new Map<number, number>();
  const releases = new Map<string, ReleaseKeys>();
  const ring = createPredictionRing(predictionsKept);
  const seeds = randomBytes(8);
  const [highSeed, lowSeed] = [seeds.readUInt32LE(0), seeds.readUInt32LE(4)];
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
  /** Makes sure the open window is the one that holds now. */
  const turn = (book: Book): void => {
    const nowMs = now();
    if (book.windowStartMs !== 0 && nowMs >= book.windowEndMs) finals.push(closeWindow(book));
    if (book.windowStartMs === 0) openWindow(book, nowMs);
  };

  return {
    openBook(subject, classes, isServing) {
      nextBookId += 1;
      const keys = subject.releaseId === null ? null : keysOf(subject.releaseId);
      const book = createBook(nextBookId, subject, classes, keys, keysPerRelease);
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
    countAnswer(book, latencyUs, hasFailed, key, classIndex) {
      turn(book);
      countAnswer(book, latencyUs, hasFailed, key, classIndex);
      return hasFailed ? null : ring.issue(book.id, classIndex, key);
    },
    countLeft(book, latencyUs, key) {
      turn(book);
      countAnswer(book, latencyUs, false, key, NO_CLASS);
    },
    countRefused(book) {
      turn(book);
      countRefused(book);
    },
    label(endpointId, predictionId, label) {
      const found = ring.find(
        predictionId,
        (bookId) => books.get(bookId)?.subject.endpointId === endpointId,
      );
      const book = found === null ? undefined : books.get(found.bookId);
      if (found === null || book === undefined) return "unknown";
      if (label === null) return "accepted";
      if (found.classIndex === NO_CLASS || found.classIndex === UNNAMED_CLASS) return "unmatched";
      if (!ring.claim(found)) return "repeated";
      turn(book);
      countLabel(book, book.classes.nameOf(found.classIndex) !== labelText(label), found.key);
      return "accepted";
    },
    roll() {
      const nowMs = now();
      for (const book of books.values()) {
        if (book.windowStartMs !== 0 && nowMs >= book.windowEndMs) finals.push(closeWindow(book));
        if (book.windowStartMs === 0 && book.isServing) openWindow(book, nowMs);
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
        retiredAtMs.delete(id);
      }
      const inUse = new Set([...books.values()].map((book) => book.subject.releaseId));
      for (const releaseId of releases.keys())
        if (!inUse.has(releaseId)) releases.delete(releaseId);
    },
  };
}
