import type { DrillView, OutcomeView, PairedView, StrategyView, TriggerView } from "#lib/contracts/views/strategy-view.ts";
import { isShadowing } from "#lib/domain/release/judge-context.ts";
import type { OutcomeReport } from "#lib/domain/release/outcome-report.ts";
import type { PairedReport } from "#lib/domain/release/paired-report.ts";
import { SCORE_DELTA_EDGES, type PairTotals } from "#lib/domain/release/pairs.ts";
import { releaseWeightBp } from "#lib/domain/release/release.ts";
import { faultText, STRATEGY_WORDS, triggerText, triggerValue } from "#lib/domain/release/strategy-words.ts";
import type { BackTest } from "#lib/domain/release/triggers.ts";
import { formatCount, formatSeconds, formatShare } from "#lib/domain/release/wording.ts";
import type { DecisionRecord, ReleaseRecord } from "../../db/release-repository.ts";
import { drillResult } from "../drill-result.ts";
import type { Observed } from "../observe.ts";

const inMs = (us: number | null): number | null => (us === null ? null : Math.round(us / 10) / 100);

function pairedSummary(report: PairedReport): string {
  if (report.agreement === null) return "No request has been answered by both versions yet.";
  const band = `between ${formatShare(report.band.lower)} and ${formatShare(report.band.upper)}`;
  const seen = `Both versions agree on ${formatShare(report.agreement)} of ${formatCount(report.units)} ${report.unitWord}, ${band} with every look allowed`;
  const word = { SAFE: "proven above", HARM: "proven below", UNDECIDED: "undecided against", NO_DATA: "unknown against" }[report.word];
  return `${seen}: ${word} the limit of ${formatShare(report.minAgreement)}.`;
}

function pairedView(report: PairedReport, pairs: PairTotals): PairedView {
  const disagreeing = (row: PairTotals["classes"][number]) => Number(row[0] !== row[1]);
  return {
    word: report.word,
    minAgreement: report.minAgreement,
    agreement: report.agreement,
    low: report.band.lower,
    high: report.band.upper,
    units: report.units,
    unitsDisagreed: report.unitsDisagreed,
    unitWord: report.unitWord,
    need: report.need,
    compared: report.compared,
    sampled: report.sampled,
    dropped: report.dropped,
    candidateOnlyFailed: report.failures.candidateOnly,
    stableOnlyFailed: report.failures.stableOnly,
    failuresWord: report.failures.word,
    latencyMs: {
      stableP50: inMs(pairs.p50Us.stable),
      candidateP50: inMs(pairs.p50Us.candidate),
      stableP95: inMs(pairs.p95Us.stable),
      candidateP95: inMs(pairs.p95Us.candidate),
    },
    classes: [...pairs.classes]
      .sort((a, b) => disagreeing(b) - disagreeing(a) || b[2] - a[2])
      .map(([stable, candidate, count]) => ({ stable, candidate, pairs: count })),
    scoreDeltas: SCORE_DELTA_EDGES.map((from, cell) => ({ from, to: SCORE_DELTA_EDGES[cell + 1] ?? null, pairs: pairs.scoreDeltas[cell] ?? 0 })),
    summary: pairedSummary(report),
  };
}

const short = (value: number | null): string => (value === null ? "open" : String(Number(value.toPrecision(3))));

function outcomeSummary(report: OutcomeReport): string {
  if (report.word === "NO_DATA") return "No outcome has been reported for both versions yet.";
  const what = report.metric === "value" ? "mean value" : "wrong labels";
  const effect =
    report.metric === "value"
      ? `difference ${short(report.effect)} (${short(report.band.lower)} to ${short(report.band.upper)})`
      : `ratio to stable ${short(report.effect)} (${short(report.band.lower)} to ${short(report.band.upper)})`;
  const word = { BETTER: "proven better", WORSE: "proven worse", UNDECIDED: "undecided", NO_DATA: "unknown" }[report.word];
  return `Candidate ${what} ${short(report.candidate.mean)} over ${formatCount(report.candidate.n)}, stable ${short(report.stable.mean)} over ${formatCount(report.stable.n)}; ${effect}: ${word}.`;
}

const outcomeView = (report: OutcomeReport): OutcomeView => ({
  metric: report.metric,
  word: report.word,
  stable: report.stable,
  candidate: report.candidate,
  effect: report.effect,
  low: report.band.lower,
  high: report.band.upper,
  summary: outcomeSummary(report),
});

function triggerViews({ verdict }: Observed, record: ReleaseRecord, tests: readonly BackTest[], hours: number): TriggerView[] {
  return (record.release.plan.triggers ?? []).map((trigger, index) => {
    const report = verdict?.report.triggers?.[index];
    const test = tests[index];
    return {
      metric: trigger.metric,
      text: triggerText(trigger),
      action: trigger.action,
      word: report?.word ?? "NO_DATA",
      latest: report === undefined || report.latest === null ? null : triggerValue(trigger.metric, report.latest),
      backTest: { firings: test?.firings ?? 0, intervals: test?.intervals ?? 0, hours },
    };
  });
}

function drillView(record: ReleaseRecord, decisions: readonly DecisionRecord[]): DrillView | null {
  const { drill } = record.release.plan;
  if (drill === undefined) return null;
  const result = drillResult(record.release, decisions, record.outcome?.rollbackMs ?? null);
  return {
    fault: faultText(drill.fault),
    objectiveSeconds: drill.objectiveSeconds,
    requestsPerSecond: drill.requestsPerSecond,
    detectedMs: result?.detectedMs ?? null,
    restoredMs: result?.restoredMs ?? null,
    passed: result?.passed ?? null,
    summary: result?.summary ?? `Rollback drill: ${faultText(drill.fault)}. Something must stop it within ${formatSeconds(drill.objectiveSeconds)}.`,
  };
}

const THEN = { steps: "goes on by itself once agreement is proven", gate: "a person decides", deprecate: "the challenger ends" } as const;

/** What a strategy adds to the page. */
export function strategyView(
  record: ReleaseRecord,
  observed: Observed,
  decisions: readonly DecisionRecord[],
  backTests: { readonly tests: readonly BackTest[]; readonly hours: number },
): StrategyView {
  const { release } = record;
  const { plan } = release;
  const { verdict, observation } = observed;
  const { paired, outcome } = verdict?.report ?? {};
  const pairs = verdict?.counts.pairs;
  const isPreviewed = plan.strategy === "blue_green" && release.stepIndex !== null && releaseWeightBp(release) === 0;
  return {
    name: plan.strategy,
    ...STRATEGY_WORDS[plan.strategy],
    isMirroring: isShadowing(release),
    mirroring:
      plan.shadow === null
        ? null
        : { samplingBp: plan.shadow.samplingBp, comparison: plan.shadow.comparison !== undefined, then: THEN[plan.shadow.comparison?.then ?? "steps"] },
    preview: isPreviewed ? { header: "slipway-preview", value: release.id, smokeTest: observation.smokeTest ?? null } : null,
    paired: paired && pairs ? pairedView(paired, pairs) : null,
    outcome: outcome ? outcomeView(outcome) : null,
    triggers: triggerViews(observed, record, backTests.tests, backTests.hours),
    drill: drillView(record, decisions),
    scheduledAt: release.startsAtMs === undefined || release.startsAtMs === null ? null : new Date(release.startsAtMs).toISOString(),
    freeze: observation.freeze === null ? null : { name: observation.freeze.name, until: new Date(observation.freeze.untilMs).toISOString() },
  };
}
