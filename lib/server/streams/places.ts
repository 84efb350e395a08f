import type { StoredStreamReport } from "../db/stream-reports.ts";

export type StreamPlace = {
  readonly partition: number;
  /** The next record to answer. */
  readonly next: number;
  /** End of the topic. */
  readonly end: number;
  /** The newest roll back that its holder has gone through. */
  readonly rollbackSeq: number;
  readonly runtime: string;
  readonly reportedAt: Date;
};

/** Where each partition is, by whoever spoke of it last. Reports come newest first. */
export function placesOf(reports: readonly StoredStreamReport[]): StreamPlace[] {
  const places = new Map<number, StreamPlace>();
  for (const { runtime, reportedAt, report } of reports)
    for (const { partition, next, end } of report.partitions)
      if (!places.has(partition)) places.set(partition, { partition, next, end, rollbackSeq: report.rollbackSeq, runtime, reportedAt });
  return [...places.values()].sort((a, b) => a.partition - b.partition);
}
