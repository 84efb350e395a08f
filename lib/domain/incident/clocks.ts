import { CLOCK_RULES, type ClockLength, type ClockRule } from "./clock-rules.ts";
import type { Harm, LawRole } from "./harm.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** When a period ends that began at `startMs` (UTC). A period in days ends that many times 24 hours later, which is never after the end the law allows. */
export function clockEndMs(startMs: number, length: ClockLength): number {
  switch (length.unit) {
    case "at_once":
      return startMs;
    case "hours":
      return startMs + length.count * HOUR_MS;
    case "days":
      return startMs + length.count * DAY_MS;
    case "work_days":
      return workDaysAfter(startMs, length.count);
  }
}

function workDaysAfter(startMs: number, count: number): number {
  let at = startMs;
  for (let left = count; left > 0; ) {
    at += DAY_MS;
    const day = new Date(at).getUTCDay();
    if (day !== 0 && day !== 6) left -= 1;
  }
  return at;
}

export const clockLengthText = (length: ClockLength): string =>
  length.unit === "at_once" ? "immediately" : `${String(length.count)} ${length.unit.replace("_", " ")}`;

export type ClockFacts = {
  readonly harms: readonly Harm[];
  readonly lawRoles: readonly LawRole[];
  readonly jurisdictions: readonly string[];
  readonly sector: string | null;
  readonly awareAtMs: number;
  /** Reports that were sent: which clock each answers, and when it left. */
  readonly reports: readonly { readonly clockId: string | null; readonly sentAtMs: number }[];
};

export type ClockState = "running" | "overdue" | "met" | "met_late" | "informational";
export type Clock = {
  readonly rule: ClockRule;
  readonly endsAtMs: number;
  readonly state: ClockState;
  /** When the first report that answers it left. */
  readonly metAtMs: number | null;
};

function applies(rule: ClockRule, facts: ClockFacts): boolean {
  return (
    rule.harms.some((harm) => facts.harms.includes(harm)) &&
    facts.jurisdictions.includes(rule.jurisdiction) &&
    (rule.sectors.length === 0 || (facts.sector !== null && rule.sectors.includes(facts.sector))) &&
    (rule.lawRoles.length === 0 || rule.lawRoles.some((role) => facts.lawRoles.includes(role)))
  );
}

function clockOf(rule: ClockRule, facts: ClockFacts, nowMs: number): Clock {
  const endsAtMs = clockEndMs(facts.awareAtMs, rule.length);
  const sent = facts.reports.filter(({ clockId }) => clockId === rule.id).map(({ sentAtMs }) => sentAtMs);
  const metAtMs = sent.length === 0 ? null : Math.min(...sent);
  // "Immediately" names no number that could be missed: it is owed from the first moment, and whether it came soon enough is for people to say.
  const isLate = (atMs: number) => rule.length.unit !== "at_once" && atMs > endsAtMs;
  const open = isLate(nowMs) ? "overdue" : "running";
  const state: ClockState = !rule.isOurs ? "informational" : metAtMs === null ? open : isLate(metAtMs) ? "met_late" : "met";
  return { rule, endsAtMs, state, metAtMs };
}

/** The clocks that these facts start, the earliest end first. */
export function clocksOf(facts: ClockFacts, nowMs: number): Clock[] {
  return CLOCK_RULES.filter((rule) => applies(rule, facts))
    .map((rule) => clockOf(rule, facts, nowMs))
    .sort((a, b) => a.endsAtMs - b.endsAtMs || (a.rule.id < b.rule.id ? -1 : 1));
}

/** The clock to look at first of those that still want a report: what is overdue, then what ends first. Null when none wants one. */
export const nextClock = (clocks: readonly Clock[]): Clock | null =>
  clocks.find(({ state }) => state === "overdue") ?? clocks.find(({ state }) => state === "running") ?? null;
