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

/** Where a partition goes back to, and for which roll back. */
export type OwedTarget = { readonly partition: number; readonly offset: number; readonly seq: number };

/**
 * What partitions owe after another roll back: what it asks for, and what earlier ones asked of partitions that are not known to have gone through
 * them. An earlier target that the new one goes back beyond is left out.
 */
export function owedTargets(earlier: readonly OwedTarget[], seq: number, ranges: readonly Pick<ReplayRange, "partition" | "from">[], places: readonly PartitionSeq[]): OwedTarget[] {
  const done = new Map(places.map(({ partition, rollbackSeq }) => [partition, rollbackSeq]));
  const asked = new Map(ranges.map(({ partition, from }) => [partition, from]));
  const still = earlier.filter(
    (target) => (done.get(target.partition) ?? 0) < target.seq && target.offset < (asked.get(target.partition) ?? Number.POSITIVE_INFINITY),
  );
  return [...still, ...ranges.map(({ partition, from }) => ({ partition, offset: from, seq }))];
}

/** Where a partition that has gone through the roll backs up to `doneSeq` has to go back to; null when it owes nothing. */
export function owedOffset(targets: readonly OwedTarget[], partition: number, doneSeq: number): number | null {
  const offsets = targets.filter((target) => target.partition === partition && target.seq > doneSeq).map(({ offset }) => offset);
  return offsets.length === 0 ? null : Math.min(...offsets);
}

/** How many of the partitions that a roll back names there are, and how many of them have gone through it, by whoever holds them now. */
export function partitionsGoneBack(seq: number, to: readonly { readonly partition: number }[], places: readonly PartitionSeq[]): { readonly partitions: number; readonly goneBack: number } {
  const seqs = new Map(places.map(({ partition, rollbackSeq }) => [partition, rollbackSeq]));
  const named = [...new Set(to.map(({ partition }) => partition))];
  return { partitions: named.length, goneBack: named.filter((partition) => (seqs.get(partition) ?? 0) >= seq).length };
}

/** Records in all. */
export const replayCount = (ranges: readonly ReplayRange[]): number => ranges.reduce((sum, { count }) => sum + count, 0);
