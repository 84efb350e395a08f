/** Going back in a stream: which records are answered again. Pure. */

export type PartitionPoint = { readonly epoch: number; readonly partition: number; readonly offset: number };
export type PartitionPlace = { readonly partition: number; readonly next: number };

/** The newest roll back that the holder of a partition has gone through. */
export type PartitionSeq = { readonly partition: number; readonly rollbackSeq: number };

export type ReplayRange = {
  readonly partition: number;
  /** The first record that is answered again. */
  readonly from: number;
  /** The first record that was not answered yet. */
  readonly to: number;
  readonly count: number;
};

/**
 * The records that were answered under this epoch or a later one, by partition. A partition without a point had no record since and stays
 * where it is; so does one whose place nobody has reported.
 */
export function replayRanges(points: readonly PartitionPoint[], epoch: number, places: readonly PartitionPlace[]): ReplayRange[] {
  const first = new Map<number, number>();
  for (const point of points) {
    if (point.epoch < epoch) continue;
    first.set(point.partition, Math.min(first.get(point.partition) ?? Number.POSITIVE_INFINITY, point.offset));
  }
  return places
    .flatMap(({ partition, next }) => {
      const from = first.get(partition);
      return from === undefined || from >= next ? [] : [{ partition, from, to: next, count: next - from }];
    })
    .sort((a, b) => a.partition - b.partition);
}

/** How many partitions of a roll back have gone through it, by whoever holds them now. */
export function partitionsGoneBack(seq: number, to: readonly { readonly partition: number }[], places: readonly PartitionSeq[]): number {
  const seqs = new Map(places.map(({ partition, rollbackSeq }) => [partition, rollbackSeq]));
  return to.filter(({ partition }) => (seqs.get(partition) ?? 0) >= seq).length;
}

/** Records in all. */
export const replayCount = (ranges: readonly ReplayRange[]): number => ranges.reduce((sum, { count }) => sum + count, 0);
