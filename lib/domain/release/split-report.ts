import { logESplit } from "#lib/domain/statistics/split-ratio.ts";
import type { CanonicalCounts } from "./canonical-counts.ts";

/** Whether keys fall into the arms as the weights say. Checked first: a routing fault voids every other test. */
export type SplitReport = {
  readonly isAlarm: boolean;
  /** The row nearest to its alarm; evidence already reduced by the row's share of the error budget. */
  readonly logE: number;
  readonly logELimit: number;
  readonly runtimeId: string | null;
  readonly epoch: number | null;
  readonly plannedShareBp: number | null;
  readonly candidateUnits: number;
  readonly units: number;
};

/**
 * The sample-ratio test on distinct new keys. Within one epoch and process start every key is drawn once, so its arm is
 * a fair coin at the configured share, however often the key comes back. Keys return in later epochs and on other
 * runtimes with the same hash, so those rows are *not* independent: they are not multiplied but share the error budget,
 * 1/(k(k+1)) to the k-th epoch and 1/(j(j+1)) to the j-th process start, which sums to 1 however many come.
 */
export function splitReport(counts: CanonicalCounts, splitAlpha: number): SplitReport {
  const shares = new Map(counts.epochs.map((epoch) => [epoch.epoch, epoch.candidateShareBp]));
  const logELimit = Math.log(1 / splitAlpha);
  let worst: SplitReport | null = null;
  for (const [j, boot] of counts.boots.entries()) {
    for (const [k, [epoch, stable, candidate]] of boot.units.entries()) {
      const plannedShareBp = shares.get(epoch) ?? 0;
      if (plannedShareBp <= 0 || plannedShareBp >= 10_000) continue;
      const price = Math.log((j + 1) * (j + 2)) + Math.log((k + 1) * (k + 2));
      const logE =
        logESplit([stable, candidate], [10_000 - plannedShareBp, plannedShareBp]) - price;
      if (worst !== null && logE <= worst.logE) continue;
      worst = {
        isAlarm: logE >= logELimit,
        logE,
        logELimit,
        runtimeId: boot.runtimeId,
        epoch,
        plannedShareBp,
        candidateUnits: candidate,
        units: stable + candidate,
      };
    }
  }
  return (
    worst ?? {
      isAlarm: false,
      logE: 0,
      logELimit,
      runtimeId: null,
      epoch: null,
      plannedShareBp: null,
      candidateUnits: 0,
      units: 0,
    }
  );
}
