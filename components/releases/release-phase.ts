import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { isEnd, mayHaveWeight } from "#lib/domain/release/states.ts";
import type { Flag, StepColumn } from "../charts/chart-frame.ts";

/** Small readings of a release that several parts of its page need. */

export function isMoving(release: ReleaseView): boolean {
  return !isEnd(release.state);
}

export function hasWeight(release: ReleaseView): boolean {
  return mayHaveWeight(release.state);
}

/** When its evidence ends: now while it moves, else the end of the release. */
export function evidenceEndMs(release: ReleaseView, nowMs: number): number {
  if (isMoving(release)) return nowMs;
  return release.endedAt === null ? Date.parse(release.stateSince) : Date.parse(release.endedAt);
}

/** The steps as columns of the charts. */
export function stepColumns(release: ReleaseView, endMs: number): readonly StepColumn[] {
  return release.steps.flatMap((step) =>
    step.startedAt === null
      ? []
      : [
          {
            index: step.index,
            weightBp: step.weightBp,
            fromMs: Date.parse(step.startedAt),
            toMs: step.endedAt === null ? endMs : Date.parse(step.endedAt),
          },
        ],
  );
}

/** Log entries with a number, as flags of the charts. */
export function chartFlags(release: ReleaseView): readonly Flag[] {
  return release.log.entries.flatMap((entry) =>
    entry.flag === null ? [] : [{ flag: entry.flag, atMs: Date.parse(entry.at) }],
  );
}

/** Progress of the present step, 0..1: as far as its slower condition, dwell or units, has come. */
export function stepProgress(step: ReleaseView["steps"][number], nowMs: number): number {
  if (step.startedAt === null) return 0;
  const seconds = (nowMs - Date.parse(step.startedAt)) / 1000;
  const dwell = step.dwellSeconds > 0 ? seconds / step.dwellSeconds : 1;
  const units = step.minUnits > 0 ? step.candidateUnits / step.minUnits : 1;
  return Math.min(Math.max(Math.min(dwell, units), 0), 1);
}

/** "3 within, 1 undecided": only what there is, worst last. */
export function guardCounts(words: readonly string[]): string {
  const count = (word: string) => words.filter((one) => one === word).length;
  const parts = [
    [count("SAFE"), "within"],
    [count("UNDECIDED"), "undecided"],
    [count("NO_DATA"), "no data"],
    [count("HARM"), "past"],
  ] as const;
  const present = parts.filter(([n]) => n > 0);
  return present.length === 0
    ? "none"
    : present.map(([n, name]) => `${String(n)} ${name}`).join(", ");
}
