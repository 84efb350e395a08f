import type { z } from "zod";
import type { pairCounts } from "#lib/contracts/runtime-protocol.ts";
import { SCORE_DELTA_EDGES } from "#lib/domain/release/pairs.ts";
import { OTHER_CLASS } from "#lib/domain/release/window.ts";
import type { KeyHash } from "./book.ts";
import { createKeySet, NEW_KEY, type KeySet } from "./key-set.ts";

/** How one request was answered by both versions. Classes null: the answer named none. */
export type Pair =
  | {
      readonly kind: "compared";
      readonly agrees: boolean;
      readonly stableClass: string | null;
      readonly candidateClass: string | null;
      /** Largest difference of a score; null when there is none to compare. */
      readonly delta: number | null;
    }
  | { readonly kind: "candidate_failed" }
  | { readonly kind: "stable_failed" };

type Report = z.output<typeof pairCounts>;

/** Counts of pairs for one window of a shadow. Sets of keys live as long as the book, so a key counts once per epoch. */
export type PairBook = {
  sampled: number;
  dropped: number;
  compared: number;
  agreed: number;
  units: number;
  unitsDisagreed: number;
  candidateFailed: number;
  stableFailed: number;
  readonly classes: Map<string, [string, string, number]>;
  readonly scoreDeltas: number[];
  readonly seen: KeySet;
  readonly failed: KeySet;
};

const MAX_PAIRS = 256;

export function createPairBook(keyLimit: number): PairBook {
  return {
    sampled: 0,
    dropped: 0,
    compared: 0,
    agreed: 0,
    units: 0,
    unitsDisagreed: 0,
    candidateFailed: 0,
    stableFailed: 0,
    classes: new Map(),
    scoreDeltas: SCORE_DELTA_EDGES.map(() => 0),
    seen: createKeySet(keyLimit),
    failed: createKeySet(keyLimit),
  };
}

const isFirst = (set: KeySet, key: KeyHash): boolean =>
  !key.hasKey || set.add(key.high, key.low) === NEW_KEY;

function countClasses(book: PairBook, stable: string, candidate: string): void {
  const name = `${stable}\n${candidate}`;
  const known = book.classes.get(name);
  if (known !== undefined) {
    known[2] += 1;
    return;
  }
  if (book.classes.size < MAX_PAIRS) {
    book.classes.set(name, [stable, candidate, 1]);
    return;
  }
  const rest = book.classes.get(OTHER_CLASS) ?? [OTHER_CLASS, OTHER_CLASS, 0];
  rest[2] += 1;
  book.classes.set(OTHER_CLASS, rest);
}

function cellOf(delta: number): number {
  let cell = 0;
  while (cell + 1 < SCORE_DELTA_EDGES.length && delta >= (SCORE_DELTA_EDGES[cell + 1] ?? Infinity))
    cell += 1;
  return cell;
}

/** Counts one pair. Nothing that belongs to a caller is kept, only classes and distances. */
export function countAnswerPair(book: PairBook, pair: Pair, key: KeyHash): void {
  if (pair.kind !== "compared") {
    if (!isFirst(book.failed, key)) return;
    if (pair.kind === "candidate_failed") book.candidateFailed += 1;
    else book.stableFailed += 1;
    return;
  }
  book.compared += 1;
  if (pair.agrees) book.agreed += 1;
  if (isFirst(book.seen, key)) {
    book.units += 1;
    if (!pair.agrees) book.unitsDisagreed += 1;
  }
  if (pair.stableClass !== null && pair.candidateClass !== null)
    countClasses(book, pair.stableClass, pair.candidateClass);
  if (pair.delta !== null) {
    const cell = cellOf(pair.delta);
    book.scoreDeltas[cell] = (book.scoreDeltas[cell] ?? 0) + 1;
  }
}

export function reportPairs(book: PairBook): Report {
  const { sampled, dropped, compared, agreed, units, unitsDisagreed } = book;
  return {
    sampled,
    dropped,
    compared,
    agreed,
    units,
    unitsDisagreed,
    candidateFailed: book.candidateFailed,
    stableFailed: book.stableFailed,
    classes: [...book.classes.values()].map(([stable, candidate, count]) => [
      stable,
      candidate,
      count,
    ]),
    scoreDeltas: [...book.scoreDeltas],
  };
}

export function resetPairs(book: PairBook): void {
  book.sampled = 0;
  book.dropped = 0;
  book.compared = 0;
  book.agreed = 0;
  book.units = 0;
  book.unitsDisagreed = 0;
  book.candidateFailed = 0;
  book.stableFailed = 0;
  book.classes.clear();
  book.scoreDeltas.fill(0);
}
