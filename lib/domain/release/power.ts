import { isProvenBelow } from "#lib/domain/statistics/bernoulli.ts";
import {
  candidateShareOfEvents,
  expectedEvents,
  logESafe,
} from "#lib/domain/statistics/rate-ratio.ts";
import { secondsUntil } from "./forecast.ts";
import type { Plan, PlanStep, RateGuard } from "./plan.ts";

/** An endpoint's own traffic before a release: what can be told in advance rests on it. */
export type Traffic = {
  readonly requestsPerSecond: number;
  /** Stable's bad requests per request, for the guard's metric. */
  readonly baseRate: number;
};

export type Detection = {
  /** How many times stable's rate is assumed. */
  readonly ratio: number;
  readonly seconds: number | null;
  /** Bad answers of the candidate until then. */
  readonly badAnswers: number | null;
};

export type Power = {
  readonly metric: RateGuard["metric"];
  readonly detections: readonly Detection[];
  /** Until a candidate as good as stable is proven safe, from the first step that asks for proof on. */
  readonly safeSeconds: number | null;
};

const CEILING_T_OPT = 300;
export const ASSUMED_RATIOS = [2, 5, 10] as const;

/** The share of a step that lasts, at a moment of the plan: each step takes its dwell or its units, whichever is longer. */
function schedule(plan: Plan, traffic: Traffic): { shareBp: number; seconds: number }[] {
  return plan.steps.map((step: PlanStep, index) => {
    const flow = (traffic.requestsPerSecond * step.weightBp) / 10_000;
    const units = flow > 0 ? step.minUnits / flow : Number.POSITIVE_INFINITY;
    const isLast = index === plan.steps.length - 1;
    return {
      shareBp: step.weightBp,
      seconds: isLast ? Number.POSITIVE_INFINITY : Math.max(step.dwellSeconds, units),
    };
  });
}

/**
 * When a candidate whose rate is `ratio` times stable's is expected to be found: evidence per bad event is the
 * divergence at the step's share, and ln(G/alpha) is needed (progressive-delivery planning formula, a figure and no
 * promise). Null when it never is at this traffic.
 */
export function detection(
  plan: Plan,
  guard: RateGuard,
  traffic: Traffic,
  ratio: number,
): Detection {
  let missing = 1;
  let seconds = 0;
  let badAnswers = 0;
  for (const step of schedule(plan, traffic)) {
    const rho = step.shareBp / 10_000;
    if (rho <= 0 || rho >= 1) continue;
    const perSecond = traffic.requestsPerSecond * traffic.baseRate * (1 - rho + ratio * rho);
    const events = expectedEvents(ratio, guard.limitRatio, step.shareBp, guard.alpha);
    const needed =
      perSecond > 0 && ratio > guard.limitRatio
        ? (missing * events) / perSecond
        : Number.POSITIVE_INFINITY;
    const spent = Math.min(needed, step.seconds);
    if (!Number.isFinite(spent)) return { ratio, seconds: null, badAnswers: null };
    seconds += spent;
    badAnswers += spent * perSecond * candidateShareOfEvents(ratio, step.shareBp);
    missing -= needed > 0 ? spent / needed : 0;
    if (missing <= 1e-9) return { ratio, seconds, badAnswers };
  }
  return { ratio, seconds: null, badAnswers: null };
}

/** When a candidate as good as stable is expected to be proven safe within one step of this share. */
export function safeSeconds(guard: RateGuard, traffic: Traffic, shareBp: number): number | null {
  const rho = shareBp / 10_000;
  const { requestsPerSecond, baseRate } = traffic;
  if (requestsPerSecond <= 0 || rho <= 0) return null;
  return secondsUntil((seconds) => {
    const units = requestsPerSecond * rho * seconds;
    const bad = units * baseRate;
    const stable = requestsPerSecond * (1 - rho) * seconds * baseRate;
    const byRatio =
      guard.betaRelative > 0 &&
      logESafe([{ candidateShareBp: shareBp, candidate: bad, stable }], guard.limitRatio) >=
        Math.log(1 / guard.betaRelative);
    const byCeiling =
      guard.absoluteCeiling !== null &&
      guard.betaAbsolute > 0 &&
      isProvenBelow(guard.absoluteCeiling, bad, units, guard.betaAbsolute, CEILING_T_OPT);
    return byRatio || byCeiling;
  });
}

/** What the plan's error guard can find on this endpoint, before anything is started. Null for plans that compare no errors. */
export function powerOf(plan: Plan, traffic: Traffic): Power | null {
  const guard = plan.guards.find(({ metric }) => metric === "error");
  if (guard === undefined || plan.steps.length === 0) return null;
  const proving = plan.steps.find(({ advance }) => advance === "safe" || advance === "better");
  return {
    metric: guard.metric,
    // At the limit itself nothing is ever proven: what is asked about lies above it.
    detections: ASSUMED_RATIOS.map((ratio) =>
      detection(plan, guard, traffic, Math.max(ratio, guard.limitRatio * 1.5)),
    ),
    safeSeconds: proving === undefined ? null : safeSeconds(guard, traffic, proving.weightBp),
  };
}
