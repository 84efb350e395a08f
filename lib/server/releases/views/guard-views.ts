import type { z } from "zod";
import type { bakeGuardView, GuardView, PredictionsView } from "#lib/contracts/views/guard-view.ts";
import type { BakeReport } from "#lib/domain/release/bake.ts";
import type { CanonicalCounts } from "#lib/domain/release/canonical-counts.ts";
import { guardReport, type GuardReport } from "#lib/domain/release/guard-report.ts";
import { GUARD_LABELS, metricName, metricVerb } from "#lib/domain/release/labels.ts";
import type { Plan, RateGuard } from "#lib/domain/release/plan.ts";
import type { PredictionReport } from "#lib/domain/release/prediction-report.ts";
import type { LatencyThresholds } from "#lib/domain/release/reference.ts";
import type { VerdictReport } from "#lib/domain/release/verdict.ts";
import { formatCount, formatRatio, formatShare } from "#lib/domain/release/wording.ts";
import type { RateMetric } from "#lib/domain/release/window.ts";
import { EMPTY_HISTOGRAM, merge, quantileUs } from "#lib/domain/statistics/histogram.ts";
import type { StoredWindow } from "../../db/window-repository.ts";

const ROLLING_SECONDS = 20;
const POINTS = 90;

const inMs = (us: number): number => Math.round(us / 10) / 100;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function unitNote(metric: RateMetric, thresholds: LatencyThresholds | null): string {
  switch (metric) {
    case "error":
      return "% of requests";
    case "wrongLabel":
      return "% of labels reported";
    case "latencyP95":
      return thresholds ? `% of requests slower than ${inMs(thresholds.p95)} ms, stable's p95` : "% of requests slower than stable's p95";
    case "latencyP99":
      return thresholds ? `% of requests slower than ${inMs(thresholds.p99)} ms, stable's p99` : "% of requests slower than stable's p99";
  }
}

function summaryOf(guard: GuardReport): string {
  const { stable, candidate, metric } = guard;
  if (stable.rate === null || candidate.rate === null) return "One of the arms has no data yet.";
  const rates = `Candidate ${formatShare(candidate.rate)} (${formatCount(candidate.bad)} of ${formatCount(candidate.of)}), stable ${formatShare(stable.rate)} (${formatCount(stable.bad)} of ${formatCount(stable.of)}).`;
  const limit = `limit ${formatRatio(guard.limitRatio)} times stable`;
  const band = guard.band.upper === null ? `at least ${formatRatio(guard.band.lower)}` : `${formatRatio(guard.band.lower)} to ${formatRatio(guard.band.upper)}`;
  if (guard.word === "HARM") return `${rates} The ratio is ${band}, past the ${limit}.`;
  if (guard.word === "SAFE" && guard.provenBy === "ceiling") {
    return `${rates} Proven below ${formatShare(guard.absoluteCeiling ?? 0)} of units.`;
  }
  if (guard.word === "SAFE") return `${rates} The ratio is ${band}, inside the ${limit}.`;
  return `${rates} ${capital(metricName(metric))} ${metricVerb(metric)} undecided: ratio ${band}, ${limit}.`;
}

type ArmName = "stable" | "candidate";

/** Windows of one arm by their start, so that a rolling look needs no second pass. */
const startMs = (window: StoredWindow): number => Date.parse(window.windowStart);

function rateIn(windows: readonly StoredWindow[], metric: RateMetric): number | null {
  const sum = (of: (window: StoredWindow) => number) => windows.reduce((total, window) => total + of(window), 0);
  if (metric === "wrongLabel") {
    const received = sum(({ labels }) => labels.received);
    return received === 0 ? null : (100 * sum(({ labels }) => labels.wrong)) / received;
  }
  if (metric === "error") {
    const requests = sum(({ requests: count }) => count);
    return requests === 0 ? null : (100 * sum(({ errors }) => errors)) / requests;
  }
  const merged = windows.reduce((all, window) => merge(all, window.latencyUs), EMPTY_HISTOGRAM);
  const us = quantileUs(merged, metric === "latencyP95" ? 0.95 : 0.99);
  return us === null ? null : inMs(us);
}

/** Evenly spread moments from the first to the last window, at most `POINTS`. */
function moments(windows: readonly StoredWindow[]): number[] {
  const ends = [...new Set(windows.map((window) => startMs(window) + window.windowSeconds * 1000))].sort((a, b) => a - b);
  const stride = Math.max(1, Math.ceil(ends.length / POINTS));
  return ends.filter((_, index) => index % stride === stride - 1 || index === ends.length - 1);
}

function armsSeries(windows: readonly StoredWindow[], metric: RateMetric, at: readonly number[]): GuardView["arms"] {
  const within = (arm: ArmName, until: number) =>
    windows.filter((window) => {
      const end = startMs(window) + window.windowSeconds * 1000;
      return window.arm === arm && end <= until && end > until - ROLLING_SECONDS * 1000;
    });
  return {
    unit: metric === "latencyP95" || metric === "latencyP99" ? "ms" : "%",
    rollingSeconds: ROLLING_SECONDS,
    points: at.map((until) => ({
      at: new Date(until).toISOString(),
      stable: rateIn(within("stable", until), metric),
      candidate: rateIn(within("candidate", until), metric),
    })),
  };
}

/** Counts as they stood at each moment: the same function that decides, over the windows that had ended by then. */
export type CountsAt = (untilMs: number) => CanonicalCounts;

function ratioSeries(guard: RateGuard, at: readonly number[], countsAt: ReadonlyMap<number, CanonicalCounts>): GuardView["ratioSeries"] {
  return at.flatMap((until) => {
    const counts = countsAt.get(until);
    if (!counts) return [];
    const report = guardReport(guard, counts);
    return [
      {
        at: new Date(until).toISOString(),
        estimate: report.ratio,
        low: report.word === "NO_DATA" ? null : report.band.lower,
        high: report.band.upper,
      },
    ];
  });
}

const ORDER: Readonly<Record<GuardReport["word"], number>> = { HARM: 0, UNDECIDED: 1, NO_DATA: 2, SAFE: 3 };

/** The guards of a release as the page shows them, worst first. */
export function guardViews(input: {
  plan: Plan;
  report: VerdictReport;
  counts: CanonicalCounts;
  windows: readonly StoredWindow[];
  thresholds: LatencyThresholds | null;
  countsAt: CountsAt;
  /** The moment of the decision, which `counts` belong to: the charts end there. Null while the comparison goes on. */
  endMs: number | null;
}): GuardView[] {
  const { plan, report, counts, windows, thresholds } = input;
  const served = windows.filter(({ arm, epoch }) => (arm === "stable" || arm === "candidate") && counts.context.epochs.some((entry) => entry.epoch === epoch));
  const { endMs } = input;
  const at = endMs === null ? moments(served) : [...moments(served).filter((until) => until < endMs), endMs];
  const countsByMoment = new Map(at.map((until) => [until, until === endMs ? counts : input.countsAt(until)]));
  return report.guards
    .map((guard): GuardView => {
      const own = plan.guards.find(({ metric }) => metric === guard.metric);
      const isLatency = guard.metric === "latencyP95" || guard.metric === "latencyP99";
      const quantile = guard.metric === "latencyP99" ? "p99" : "p95";
      const measured = counts.latencyUs;
      const msOf = (us: number | null): number | null => (us === null ? null : inMs(us));
      return {
        metric: guard.metric,
        name: capital(metricName(guard.metric)),
        unitNote: unitNote(guard.metric, thresholds),
        unitWord: guard.metric === "wrongLabel" ? "labels" : report.unitWord,
        action: guard.action,
        provesSafe: guard.provesSafe,
        word: guard.word,
        provenBy: guard.provenBy,
        stable: guard.stable,
        candidate: guard.candidate,
        band: { estimate: guard.ratio, low: guard.word === "NO_DATA" ? null : guard.band.lower, high: guard.band.upper },
        limits: { upper: guard.limitRatio, lower: null },
        ceiling: guard.absoluteCeiling === null ? null : { limit: guard.absoluteCeiling, upper: guard.ceilingUpper },
        differencePoints:
          guard.candidate.rate === null || guard.stable.rate === null ? null : 100 * (guard.candidate.rate - guard.stable.rate),
        latencyMs:
          isLatency && thresholds
            ? {
                quantile,
                threshold: inMs(thresholds[quantile]),
                stable: msOf(measured.stable[quantile]),
                candidate: msOf(measured.candidate[quantile]),
              }
            : null,
        unitsNeeded: guard.unitsStillNeeded,
        secondsNeeded: guard.etaSeconds,
        summary: summaryOf(guard),
        ratioSeries: own ? ratioSeries(own, at, countsByMoment) : [],
        arms: armsSeries(served, guard.metric, at),
      };
    })
    .sort((a, b) => ORDER[a.word] - ORDER[b.word]);
}

export function predictionsView(report: PredictionReport | null): PredictionsView | null {
  if (report === null) return null;
  const upper = 1 + report.margin;
  const farthest = [...report.classes]
    .filter(({ ratio }) => ratio !== null && ratio > 0)
    .sort((a, b) => Math.abs(Math.log(b.ratio ?? 1)) - Math.abs(Math.log(a.ratio ?? 1)))[0];
  const most = farthest ? ` Farthest is ${farthest.name}, predicted ${formatRatio(farthest.ratio ?? 1)} times as often as by stable.` : "";
  const word = report.word === "HARM" ? "Past the declared margin" : report.word === "NO_DATA" ? "No data yet" : "Not proven to be past the declared margin";
  return {
    action: report.action,
    word: report.word,
    limits: { upper, lower: 1 / upper },
    classes: report.classes.map((share) => ({ ...share })),
    summary: `${word} of ${formatRatio(1 / upper)} to ${formatRatio(upper)}.${most}`,
  };
}

export function bakeGuardViews(report: BakeReport | null, thresholds: LatencyThresholds | null): z.output<typeof bakeGuardView>[] {
  return (report?.guards ?? []).map((guard) => ({
    metric: guard.metric,
    name: capital(metricName(guard.metric)),
    unitNote: unitNote(guard.metric, thresholds),
    bad: guard.bad,
    of: guard.of,
    rate: guard.rate,
    referenceRate: guard.referenceRate,
    limitRate: guard.limitRate,
    word: guard.word,
  }));
}

/** "p95 latency: within limit", for frozen snapshots. */
export const guardLine = (guard: GuardReport): { name: string; word: GuardReport["word"]; text: string } => ({
  name: capital(metricName(guard.metric)),
  word: guard.word,
  text: `${GUARD_LABELS[guard.word].word}: ratio ${guard.ratio === null ? "unknown" : formatRatio(guard.ratio)}, limit ${formatRatio(guard.limitRatio)}`,
});
