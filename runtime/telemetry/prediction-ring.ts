import { randomFillSync } from "node:crypto";
import type { KeyHash } from "./book.ts";
import type { Score } from "./monitor-counts.ts";

/** What is remembered of an answered prediction. */
export type PredictionRecord = {
  /** Place in the ring; good until the next `issue`. */
  readonly at: number;
  readonly bookId: number;
  readonly classIndex: number;
  readonly key: KeyHash;
  /** The answer's score, NaN when it had none, its cell, and the layout that this is a cell of (0 = none). */
  readonly score: number;
  readonly scoreCell: number;
  readonly layoutId: number;
};

/**
 * The last predictions of this process, so that labels can find them. Fixed memory; the oldest is forgotten first.
 *
 * An id is 32 hex digits: `tag(8) number(8) random(16)`. The tag is drawn at each start, so ids of other runtimes and of earlier
 * starts are refused without a look-up; the 64 random bits are kept beside the record, so an id cannot be guessed from another one.
 */
export type PredictionRing = {
  /** Remembers a prediction and answers its id. */
  issue(bookId: number, classIndex: number, key: KeyHash, score: Score, layoutId: number): string;
  /** The record of an id; null when it is not of this process, not of these books, or forgotten. */
  find(id: string, isOfEndpoint: (bookId: number) => boolean): PredictionRecord | null;
  /** Marks that the prediction has its label, or its business value; false when it had one already. */
  claim(record: PredictionRecord, what: "label" | "value"): boolean;
  /** Ids of all books that a label could still name. */
  bookIds(): Set<number>;
};

const HAS_KEY = 1;
const HAS_LABEL = 2;
const HAS_VALUE = 4;
const POOL_WORDS = 4096;
const HEX16 = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, "0"));
const ID = /^[0-9a-f]{32}$/;

const hex32 = (word: number): string => (HEX16[word >>> 16] ?? "") + (HEX16[word & 0xffff] ?? "");

/** `capacity` records; a power of two is used at or above it. */
export function createPredictionRing(capacity: number): PredictionRing {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
  const mask = size - 1;
  const numbers = new Uint32Array(size);
  const randomHigh = new Uint32Array(size);
  const randomLow = new Uint32Array(size);
  const bookIds = new Uint32Array(size);
  const classes = new Uint16Array(size);
  const keyHigh = new Uint32Array(size);
  const keyLow = new Uint32Array(size);
  const flags = new Uint8Array(size);
  const scores = new Float32Array(size);
  const scoreCells = new Uint16Array(size);
  const layoutIds = new Uint8Array(size);
  const pool = new Uint32Array(POOL_WORDS);
  let poolAt = POOL_WORDS;
  let next = 0;

  const randomWord = (): number => {
    if (poolAt === POOL_WORDS) {
      randomFillSync(pool);
      poolAt = 0;
    }
    return pool[poolAt++] ?? 0;
  };
  const tag = hex32(randomWord());

  return {
    issue(bookId, classIndex, key, score, layoutId) {
      next = (next + 1) >>> 0;
      const at = next & mask;
      const high = randomWord();
      const low = randomWord();
      numbers[at] = next;
      randomHigh[at] = high;
      randomLow[at] = low;
      bookIds[at] = bookId;
      classes[at] = classIndex;
      keyHigh[at] = key.high;
      keyLow[at] = key.low;
      flags[at] = key.hasKey ? HAS_KEY : 0;
      scores[at] = score.value;
      scoreCells[at] = score.cell;
      layoutIds[at] = layoutId;
      return tag + hex32(next) + hex32(high) + hex32(low);
    },
    find(id, isOfEndpoint) {
      if (!ID.test(id) || !id.startsWith(tag)) return null;
      const number = Number.parseInt(id.slice(8, 16), 16);
      const at = number & mask;
      const bookId = bookIds[at] ?? 0;
      const isHere =
        numbers[at] === number &&
        id.endsWith(hex32(randomHigh[at] ?? 0) + hex32(randomLow[at] ?? 0));
      if (!isHere || bookId === 0 || !isOfEndpoint(bookId)) return null;
      const hasKey = ((flags[at] ?? 0) & HAS_KEY) !== 0;
      return {
        at,
        bookId,
        classIndex: classes[at] ?? 0,
        key: { high: keyHigh[at] ?? 0, low: keyLow[at] ?? 0, hasKey },
        score: scores[at] ?? Number.NaN,
        scoreCell: scoreCells[at] ?? 0,
        layoutId: layoutIds[at] ?? 0,
      };
    },
    claim({ at }, what) {
      const mark = what === "label" ? HAS_LABEL : HAS_VALUE;
      const marks = flags[at] ?? 0;
      flags[at] = marks | mark;
      return (marks & mark) === 0;
    },
    bookIds: () => new Set(bookIds),
  };
}
