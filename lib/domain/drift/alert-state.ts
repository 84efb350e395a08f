/**
 * The states of one alert rule on one version. Pure: an observation per evaluated window goes in, the next memory comes out.
 *
 * OK -> PENDING at the first breach -> FIRING at 2 breaches within 3 windows -> RESOLVING at the first quiet window -> OK after 3 quiet ones in a row.
 * Between the limit and 0.8 of it is neither: it does not count as a breach, and it ends a run of quiet windows. Too few values or none at all are states of
 * their own and never the end of an alert: INSUFFICIENT and STALE keep what was known and go back to it with the next window that says something.
 */

export const alertStates = ["OK", "PENDING", "FIRING", "RESOLVING", "INSUFFICIENT", "STALE"] as const;
export type AlertState = (typeof alertStates)[number];
type KnownState = Exclude<AlertState, "INSUFFICIENT" | "STALE">;

export const observations = ["breach", "near", "quiet", "insufficient", "stale"] as const;
export type Observation = (typeof observations)[number];

/** How a value must stand to the limit before an alert calms down: hysteresis against flapping. */
export const QUIET_SHARE = 0.8;

export type AlertRhythm = {
  /** Breaches within `outOf` windows that fire. */
  readonly breaches: number;
  readonly outOf: number;
  /** Quiet windows in a row that close. */
  readonly quiet: number;
};
export const defaultRhythm: AlertRhythm = { breaches: 2, outOf: 3, quiet: 3 };

export type AlertMemory = {
  readonly state: AlertState;
  /** What holds apart from missing data. */
  readonly known: KnownState;
  /** Whether each of the last windows was a breach, newest last; at most `outOf`. */
  readonly recent: readonly boolean[];
  readonly quietRun: number;
};

export const calm: AlertMemory = { state: "OK", known: "OK", recent: [], quietRun: 0 };

/** What a value says about a limit. `above`: larger is worse. */
export function observe(value: number, limit: number, above = true): Observation {
  if (above) return value >= limit ? "breach" : value < limit * QUIET_SHARE ? "quiet" : "near";
  const near = limit + Math.abs(limit) * (1 - QUIET_SHARE) * 0.25;
  return value < limit ? "breach" : value >= near ? "quiet" : "near";
}

function knownAfter(memory: AlertMemory, seen: "breach" | "near" | "quiet", recent: readonly boolean[], quietRun: number, rhythm: AlertRhythm): KnownState {
  const breaches = recent.filter(Boolean).length;
  switch (memory.known) {
    case "OK":
    case "PENDING":
      if (breaches >= rhythm.breaches) return "FIRING";
      return breaches > 0 ? "PENDING" : "OK";
    case "FIRING":
      if (seen !== "quiet") return "FIRING";
      return quietRun >= rhythm.quiet ? "OK" : "RESOLVING";
    case "RESOLVING":
      if (seen === "breach") return "FIRING";
      return quietRun >= rhythm.quiet ? "OK" : "RESOLVING";
  }
}

export function nextAlert(memory: AlertMemory, seen: Observation, rhythm: AlertRhythm = defaultRhythm): AlertMemory {
  if (seen === "insufficient" || seen === "stale") {
    return { ...memory, state: seen === "stale" ? "STALE" : "INSUFFICIENT" };
  }
  const quietRun = seen === "quiet" ? memory.quietRun + 1 : 0;
  const recent = [...memory.recent, seen === "breach"].slice(-rhythm.outOf);
  const known = knownAfter(memory, seen, recent, quietRun, rhythm);
  const isOver = known === "OK" && memory.known !== "OK" && memory.known !== "PENDING";
  return { state: known, known, recent: isOver ? [] : recent, quietRun };
}
