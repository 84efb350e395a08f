import { describe, expect, it } from "vitest";
import { owedOffset, owedTargets, partitionsGoneBack, replayCount, replayRanges } from "./replay.ts";

const POINTS = [
  { epoch: 1, partition: 0, offset: 0 },
  { epoch: 1, partition: 1, offset: 0 },
  { epoch: 2, partition: 0, offset: 100 },
  { epoch: 3, partition: 0, offset: 140 },
  { epoch: 3, partition: 1, offset: 70 },
];
const PLACES = [
  { partition: 1, next: 90 },
  { partition: 0, next: 150 },
  { partition: 2, next: 5 },
];

describe("what a roll back answers again", () => {
  it("goes to the first record under the epoch or a later one, partition by partition", () => {
    expect(replayRanges(POINTS, 2, PLACES)).toEqual([
      { partition: 0, from: 100, to: 150, count: 50 },
      { partition: 1, from: 70, to: 90, count: 20 },
    ]);
    expect(replayCount(replayRanges(POINTS, 3, PLACES))).toBe(30);
  });

  it("leaves alone what had no record since", () => {
    expect(replayRanges(POINTS, 4, PLACES)).toEqual([]);
    expect(replayRanges(POINTS, 1, [{ partition: 2, next: 9 }])).toEqual([]);
  });

  it("never goes forward: a place that was rolled back already is before the later points", () => {
    expect(replayRanges(POINTS, 3, [{ partition: 0, next: 120 }])).toEqual([]);
    expect(replayRanges([...POINTS, { epoch: 5, partition: 0, offset: 100 }], 3, [{ partition: 0, next: 120 }])).toEqual([
      { partition: 0, from: 100, to: 120, count: 20 },
    ]);
  });
});

describe("what partitions owe to roll backs", () => {
  const first = [{ partition: 0, offset: 50, seq: 1 }, { partition: 1, offset: 60, seq: 1 }];

  it("keeps what an earlier roll back asked of whoever has not gone through it, and of nobody else", () => {
    const owed = owedTargets(first, 2, [{ partition: 0, from: 90 }], [{ partition: 0, rollbackSeq: 0 }, { partition: 1, rollbackSeq: 1 }]);
    expect(owed).toEqual([{ partition: 0, offset: 50, seq: 1 }, { partition: 0, offset: 90, seq: 2 }]);
    expect(owedOffset(owed, 0, 0)).toBe(50);
    expect(owedOffset(owed, 0, 1)).toBe(90);
    expect(owedOffset(owed, 0, 2)).toBeNull();
    expect(owedOffset(owed, 1, 1)).toBeNull();
  });

  it("sends nobody back a second time over a roll back that nobody was there to confirm", () => {
    const owed = owedTargets(first, 2, [{ partition: 0, from: 90 }], []);
    expect(owedOffset(owed, 1, 1)).toBeNull();
    expect(owedOffset(owed, 1, 0)).toBe(60);
  });

  it("leaves out an earlier target that the new one goes back beyond", () => {
    expect(owedTargets(first, 2, [{ partition: 0, from: 20 }, { partition: 1, from: 60 }], [])).toEqual([{ partition: 0, offset: 20, seq: 2 }, { partition: 1, offset: 60, seq: 2 }]);
  });
});

describe("how far a roll back is", () => {
  const to = [{ partition: 0 }, { partition: 1 }];

  it("counts a partition by the word of its own holder, not of another one", () => {
    expect(partitionsGoneBack(2, to, [{ partition: 0, rollbackSeq: 2 }, { partition: 1, rollbackSeq: 1 }])).toEqual({ partitions: 2, goneBack: 1 });
    expect(partitionsGoneBack(2, to, [{ partition: 0, rollbackSeq: 2 }, { partition: 1, rollbackSeq: 2 }])).toEqual({ partitions: 2, goneBack: 2 });
  });

  it("counts nothing for a partition that nobody speaks of, and leaves out those that had nothing to go back over", () => {
    expect(partitionsGoneBack(1, to, [{ partition: 0, rollbackSeq: 1 }, { partition: 7, rollbackSeq: 1 }])).toEqual({ partitions: 2, goneBack: 1 });
  });
});
