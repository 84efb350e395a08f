/**
 * Service levels of an endpoint: objectives, error budgets and burn rates. After "The Site Reliability Workbook" (Beyer et al., 2018), chapter 5,
 * "Multiwindow, Multi-Burn-Rate Alerts".
 */

export type Objectives = {
  /** Share of requests that must be answered, such as 0.999. Requests that the input contract refuses are the caller's and do not count. */
  readonly availability: number;
  /** Answers slower than this are slow; null: no objective for latency. Milliseconds. */
  readonly latencyMs: number | null;
  /** Share of answers that must not be slow, such as 0.99; null exactly when `latencyMs` is. */
  readonly latencyShare: number | null;
};

/** The rolling window that a budget is for. */
export const BUDGET_DAYS = 28;
const BUDGET_SECONDS = BUDGET_DAYS * 86_400;

export const objectiveKinds = ["availability", "latency"] as const;
export type ObjectiveKind = (typeof objectiveKinds)[number];

/** What was counted of an endpoint in some stretch, over all its versions, shadows left out. */
export type ServiceCounts = {
  readonly requests: number;
  readonly errors: number;
  readonly answered: number;
  /** Of the answered ones, those slower than the objective. */
  readonly slow: number;
};

export type Events = { readonly bad: number; readonly total: number };

/** The objectives that are set, with what counts for and against each. */
export function eventsOf({ availability, latencyShare }: Objectives, counts: ServiceCounts): { readonly objective: ObjectiveKind; readonly target: number; readonly events: Events }[] {
  const answered = { objective: "availability" as const, target: availability, events: { bad: counts.errors, total: counts.requests } };
  if (latencyShare === null) return [answered];
  return [answered, { objective: "latency" as const, target: latencyShare, events: { bad: counts.slow, total: counts.answered } }];
}

export type Budget = {
  readonly objective: ObjectiveKind;
  readonly target: number;
  readonly total: number;
  readonly bad: number;
  /** Share that was good; null without events. */
  readonly attained: number | null;
  /** Bad events that the objective allows for as many events as came. */
  readonly allowedBad: number;
  /** Share of the budget that is left; below 0 when it is overspent; null without events. */
  readonly left: number | null;
};

/** Budget of one objective: `1 - bad / ((1 - target) * total)` is left of it. */
export function budgetOf(objective: ObjectiveKind, target: number, { bad, total }: Events): Budget {
  const allowedBad = (1 - target) * total;
  return { objective, target, total, bad, allowedBad, attained: total === 0 ? null : 1 - bad / total, left: total === 0 ? null : 1 - bad / allowedBad };
}

/** How many times faster than the objective allows the budget is spent: 1 spends it exactly in its window. Null without events. */
export const burnRate = ({ bad, total }: Events, target: number): number | null => (total === 0 ? null : bad / total / (1 - target));

export type BurnWindow = {
  readonly key: "hour" | "six_hours" | "three_days";
  readonly severity: "page" | "ticket";
  /** Share of the whole budget that is spent in the long window when the alert fires. */
  readonly budgetShare: number;
  readonly longSeconds: number;
  /** A twelfth of it: says whether it still goes on, so that the alert ends soon after its cause. */
  readonly shortSeconds: number;
};

export const burnWindows: readonly BurnWindow[] = [
  { key: "hour", severity: "page", budgetShare: 0.02, longSeconds: 3600, shortSeconds: 300 },
  { key: "six_hours", severity: "page", budgetShare: 0.05, longSeconds: 6 * 3600, shortSeconds: 1800 },
  { key: "three_days", severity: "ticket", budgetShare: 0.1, longSeconds: 3 * 86_400, shortSeconds: 6 * 3600 },
];

/** Every stretch that burn rates are read over, seconds. */
export const burnStretches: readonly number[] = [...new Set(burnWindows.flatMap(({ longSeconds, shortSeconds }) => [longSeconds, shortSeconds]))].sort((a, b) => a - b);

/** Burn rate at which this share of the budget is gone within the long window. */
export const burnLimit = ({ budgetShare, longSeconds }: BurnWindow): number => (budgetShare * BUDGET_SECONDS) / longSeconds;

export type BurnReading = {
  readonly objective: ObjectiveKind;
  readonly window: BurnWindow;
  readonly limit: number;
  /** Null without events in that window. */
  readonly long: number | null;
  readonly short: number | null;
  /** Events in the long window. */
  readonly events: number;
  /** The smaller of both rates over the limit: at 1 and above it fires, because both are past it. Null when either is unknown. */
  readonly ratio: number | null;
};

/** Burn rates of every objective over every pair of windows. `counts` holds one entry for each of `burnStretches`. */
export function readBurns(objectives: Objectives, counts: ReadonlyMap<number, ServiceCounts>): BurnReading[] {
  const none: ServiceCounts = { requests: 0, errors: 0, answered: 0, slow: 0 };
  return burnWindows.flatMap((window) => {
    const shorts = eventsOf(objectives, counts.get(window.shortSeconds) ?? none);
    return eventsOf(objectives, counts.get(window.longSeconds) ?? none).map(({ objective, target, events }, index): BurnReading => {
      const limit = burnLimit(window);
      const long = burnRate(events, target);
      const short = burnRate(shorts[index]?.events ?? { bad: 0, total: 0 }, target);
      return { objective, window, limit, long, short, events: events.total, ratio: long === null || short === null ? null : Math.min(long, short) / limit };
    });
  });
}

/** Days until the budget is gone when it goes on being spent at this rate; null when it is not being spent faster than it comes back. */
export function daysLeft(left: number | null, rate: number | null): number | null {
  if (left === null || rate === null || rate <= 1) return null;
  return Math.max(0, (left * BUDGET_DAYS) / rate);
}
