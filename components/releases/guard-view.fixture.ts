import type { GuardView } from "#lib/contracts/views/guard-view.ts";

/** Made-up guards for the development gallery and component tests. */

export const START = Date.parse("2026-11-23T13:41:30.000Z");
export const iso = (ms: number) => new Date(ms).toISOString();

/** A small deterministic source of noise. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296 - 0.5;
  };
}

type GuardPlan = Pick<
  GuardView,
  | "metric"
  | "name"
  | "unitNote"
  | "unitWord"
  | "word"
  | "provesSafe"
  | "provenBy"
  | "limits"
  | "summary"
> & {
  readonly ratio: number;
  readonly spread: number;
  readonly rate: number;
  readonly ceiling: GuardView["ceiling"];
  readonly ms: GuardView["latencyMs"];
  readonly seed: number;
  readonly needs: { units: number; seconds: number } | null;
};

function guard(plan: GuardPlan): GuardView {
  const next = noise(plan.seed);
  const points = Array.from({ length: 90 }, (_, index) => {
    const share = (index + 1) / 90;
    const spread = plan.spread / Math.sqrt(share);
    const drift = 1 + next() * 0.3 * (1 - share);
    const estimate = index < 3 ? null : plan.ratio * drift;
    return {
      at: iso(START + index * 20_000),
      estimate,
      low: index < 5 ? null : plan.ratio * drift * Math.exp(-spread),
      high: index < 9 ? null : plan.ratio * drift * Math.exp(spread),
    };
  });
  const last = points.at(-1) ?? { estimate: null, low: null, high: null };
  const base = plan.ms ? 12 : plan.rate * 100;
  return {
    ...plan,
    action: "roll_back",
    stable: {
      bad: Math.round(65_779 * plan.rate),
      of: 65_779,
      rate: plan.rate,
      firstBad: Math.round(61_000 * plan.rate),
      units: 61_000,
    },
    candidate: {
      bad: Math.round(12_245 * plan.rate * plan.ratio),
      of: 12_245,
      rate: plan.rate * plan.ratio,
      firstBad: Math.round(11_400 * plan.rate * plan.ratio),
      units: 11_400,
    },
    band: { estimate: last.estimate, low: last.low, high: last.high },
    differencePoints: plan.rate * (plan.ratio - 1) * 100,
    latencyMs: plan.ms,
    unitsNeeded: plan.needs?.units ?? null,
    secondsNeeded: plan.needs?.seconds ?? null,
    ratioSeries: points,
    arms: {
      unit: plan.ms ? "ms" : "%",
      rollingSeconds: 20,
      points: points.map((point) => ({
        at: point.at,
        stable: base * (1 + next() * 0.15),
        candidate: base * plan.ratio * (1 + next() * 0.3),
      })),
    },
  };
}

export const guards: readonly GuardView[] = [
  guard({
    metric: "latencyP95",
    name: "p95 latency",
    unitNote: "% of requests slower than 14.2 ms, stable's p95",
    unitWord: "keys",
    word: "UNDECIDED",
    provesSafe: true,
    provenBy: null,
    limits: { upper: 2, lower: null },
    ratio: 1.62,
    spread: 0.3,
    rate: 0.05,
    ceiling: null,
    ms: { quantile: "p95", threshold: 14.2, stable: 14.2, candidate: 15.9 },
    seed: 7,
    needs: { units: 2_100, seconds: 210 },
    summary:
      "Candidate 8.1 % slower than 14.2 ms (992 of 12,245), stable 5.0 %. The ratio is 1.21 to 2.19, limit 2 times stable.",
  }),
  guard({
    metric: "latencyP99",
    name: "p99 latency",
    unitNote: "% of requests slower than 31.0 ms, stable's p99",
    unitWord: "keys",
    word: "UNDECIDED",
    provesSafe: false,
    provenBy: null,
    limits: { upper: 3, lower: null },
    ratio: 1.3,
    spread: 0.7,
    rate: 0.01,
    ceiling: null,
    ms: { quantile: "p99", threshold: 31, stable: 30.6, candidate: 33.4 },
    seed: 11,
    needs: null,
    summary:
      "Candidate 1.3 % slower than 31.0 ms (159 of 12,245), stable 1.0 %. The ratio is 0.65 to 2.60, limit 3 times stable.",
  }),
  guard({
    metric: "wrongLabel",
    name: "Wrong labels",
    unitNote: "% of labels reported",
    unitWord: "labels",
    word: "SAFE",
    provesSafe: true,
    provenBy: "ratio",
    limits: { upper: 2, lower: null },
    ratio: 0.83,
    spread: 0.5,
    rate: 0.031,
    ceiling: null,
    ms: null,
    seed: 3,
    needs: null,
    summary:
      "Candidate 2.6 % (317 of 12,245), stable 3.1 %. The ratio is 0.50 to 1.37, inside the limit 2 times stable.",
  }),
  guard({
    metric: "error",
    name: "Error rate",
    unitNote: "% of requests",
    unitWord: "keys",
    word: "SAFE",
    provesSafe: true,
    provenBy: "ceiling",
    limits: { upper: 2, lower: null },
    ratio: 0.7,
    spread: 1.1,
    rate: 0.0024,
    ceiling: { limit: 0.01, upper: 0.0035 },
    ms: null,
    seed: 5,
    needs: null,
    summary: "Candidate 0.17 % (21 of 12,245), stable 0.24 %. Proven below 1.0 % of requests.",
  }),
];
