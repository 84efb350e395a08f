import { QUIET_SHARE, observe, type Observation } from "./alert-state.ts";
import { ruleKinds, type AlertRule, type RuleKey } from "./alert-rules.ts";
import type { EstimatedPerformance } from "./estimate-performance.ts";
import type { FeatureDrift } from "./feature-drift.ts";
import { coverageOf, type PeriodCounts } from "./period.ts";
import type { BurnReading } from "#lib/domain/serving/service-level.ts";
import { quantileUs } from "#lib/domain/statistics/histogram.ts";

/** What all rules of one version are read from, for one window. */
export type SignalSnapshot = {
  /** Null: no window came in. */
  readonly period: PeriodCounts | null;
  /** Set when nothing has come for three windows: how long, and whether runtimes report at all. */
  readonly silence: { readonly seconds: number; readonly runtimesReport: boolean; readonly reason: string } | null;
  readonly features: readonly FeatureDrift[];
  readonly outputs: readonly FeatureDrift[];
  /** Why there is nothing to compare features or answers with; null when there is. */
  readonly noFeatures: string | null;
  readonly noOutputs: string | null;
  readonly estimate: EstimatedPerformance | null;
  /** Burn rates of the endpoint's service level; absent where none is set, or where another version of the endpoint reads them. */
  readonly burns?: readonly BurnReading[];
};

/** One rule read from one window. */
export type RuleReading = {
  readonly key: RuleKey;
  readonly observation: Observation;
  readonly value: number | null;
  readonly sentence: string;
  /** Features it is about. */
  readonly subjects: readonly string[];
};

const percent = (share: number): string => `${(share * 100).toFixed(Math.abs(share) < 0.1 ? 2 : 1)} %`;
const whole = (value: number): string => String(Math.round(value));
const score = (value: number): string => value.toFixed(3);

type Read = Omit<RuleReading, "key">;
const few = (have: number, need: number, what: string): Read => ({
  observation: "insufficient",
  value: null,
  sentence: `${whole(have)} ${what} in the window, ${whole(need)} needed.`,
  subjects: [],
});
const unknown = (sentence: string): Read => ({ observation: "insufficient", value: null, sentence, subjects: [] });

/** A single figure against its limit. */
function figure(rule: AlertRule, value: number, text: string): Read {
  const { above } = ruleKinds[rule.key];
  if (rule.limit === null) return { observation: "quiet", value, sentence: `${text}; no limit is set.`, subjects: [] };
  return { observation: observe(value, rule.limit, above), value, sentence: text, subjects: [] };
}

function share(rule: AlertRule, part: number, total: number, what: string, noun: string): Read {
  if (total < rule.minimum || total === 0) return few(total, Math.max(1, rule.minimum), noun);
  return figure(rule, part / total, `${percent(part / total)} of ${whole(total)} ${noun} ${what}`);
}

function latency(rule: AlertRule, period: PeriodCounts, q: number): Read {
  const us = quantileUs(period.latencyUs, q);
  if (us === null || period.latencyUs.count < rule.minimum) return few(period.latencyUs.count, rule.minimum, "answers");
  return figure(rule, us / 1000, `${(us / 1000).toFixed(1)} ms over ${whole(period.latencyUs.count)} answers`);
}

const listed = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${String(names.length - 3)} more`;

type Judged = { readonly name: string; readonly value: number; readonly isPast: boolean; readonly text: string };

/** Features past a limit, grouped in one reading: the worst is its value. */
function grouped(rule: AlertRule, judged: readonly Judged[], total: number, shortage: string): Read {
  const { limit } = rule;
  const [worst] = [...judged].sort((a, b) => b.value - a.value);
  if (worst === undefined || limit === null) return unknown(shortage);
  const past = judged.filter(({ isPast, value }) => isPast && value >= limit).sort((a, b) => b.value - a.value);
  const near = judged.some(({ isPast, value }) => isPast && value >= limit * QUIET_SHARE);
  const [first] = past;
  if (first === undefined) {
    return { observation: near ? "near" : "quiet", value: worst.value, subjects: [], sentence: `Largest of ${String(total)}: ${worst.name}, ${worst.text}` };
  }
  const names = past.map(({ name }) => name);
  const lead = past.length === 1 ? `${first.name}: ` : `${String(past.length)} of ${String(total)}: ${listed(names)}. Largest: ${first.name}, `;
  return { observation: "breach", value: first.value, subjects: names, sentence: `${lead}${first.text}` };
}

function drift(rule: AlertRule, scores: readonly FeatureDrift[], reason: string | null): Read {
  if (reason !== null) return unknown(reason);
  const judgeable = scores.filter(({ verdict, psi }) => verdict !== "insufficient" && psi !== null);
  const [first] = scores;
  const need = Math.min(...scores.map(({ minimumCount }) => minimumCount ?? Number.POSITIVE_INFINITY));
  const shortage = Number.isFinite(need)
    ? `${whole(first?.count ?? 0)} values in the window, ${whole(need)} needed.`
    : "The baseline is too small for any verdict.";
  const judged = judgeable.map(({ name, psi, nullBand, adjustedP, verdict }) => ({
    name,
    value: psi ?? 0,
    isPast: verdict !== "within" && (adjustedP ?? 1) <= 0.01,
    text: `PSI ${score(psi ?? 0)}; chance explains ${score(nullBand ?? 0)}`,
  }));
  return grouped(rule, judged, scores.length, shortage);
}

function changes(rule: AlertRule, scores: readonly FeatureDrift[], reason: string | null, of: "missing" | "outside"): Read {
  if (reason !== null) return unknown(reason);
  const judged = scores.flatMap((feature): Judged[] => {
    const change = feature[of];
    if (change === null || feature.count + (of === "missing" ? 1 : 0) === 0) return [];
    const rise = Math.max(0, change.current - change.reference);
    return [{ name: feature.name, value: rise, isPast: change.p <= 0.01, text: `${percent(change.current)}, was ${percent(change.reference)}` }];
  });
  return grouped(rule, judged, scores.length, "No values in the window.");
}

function silenceReading(rule: AlertRule, snapshot: SignalSnapshot): Read {
  const { silence } = snapshot;
  if (silence === null || silence.runtimesReport) return { observation: "quiet", value: 0, sentence: "Runtimes report.", subjects: [] };
  return figure(rule, silence.seconds, silence.reason);
}

/** A snapshot with a window in it. */
type Counted = SignalSnapshot & { readonly period: PeriodCounts };
const rowsOf = (period: PeriodCounts): number => period.binned.reduce((sum, one) => sum + one.rows, 0);

function coverage(rule: AlertRule, { period }: Counted): Read {
  const counted = coverageOf(period);
  if (counted === null || rowsOf(period) < rule.minimum) return few(rowsOf(period), rule.minimum, "counted rows");
  return figure(rule, counted, `${percent(counted)} of the rows were counted`);
}

function unusual(rule: AlertRule, { period, noFeatures }: Counted): Read {
  if (noFeatures !== null) return unknown(noFeatures);
  const rows = period.binned.reduce((sum, one) => sum + one.oodRows, 0);
  return share(rule, rows, rowsOf(period), "were unusual", "rows");
}

function estimated(rule: AlertRule, { estimate }: Counted): Read {
  if (estimate === null) return unknown("The model gives no probability that performance could be estimated from.");
  if (estimate.predictions < rule.minimum) return few(estimate.predictions, rule.minimum, "predictions");
  return figure(rule, estimate.accuracy, `${percent(estimate.accuracy)} ± ${percent(estimate.band)}, estimated without labels`);
}

function outcome(rule: AlertRule, { period }: Counted): Read {
  const { received, sum } = period.values;
  if (received < rule.minimum || received === 0) return few(received, Math.max(1, rule.minimum), "outcome values");
  return figure(rule, sum / received, `${(sum / received).toFixed(2)} a prediction over ${whole(received)} values`);
}

const lasting = (seconds: number): string => (seconds < 3600 ? `${String(seconds / 60)} min` : seconds < 86_400 ? `${String(seconds / 3600)} h` : `${String(seconds / 86_400)} days`);

/** The worst burn of this loudness, in multiples of its limit. */
function burn(rule: AlertRule, burns: readonly BurnReading[] | undefined, severity: "page" | "ticket"): Read {
  if (burns === undefined) return unknown("No service level is set for this endpoint.");
  const own = burns.filter(({ window }) => window.severity === severity);
  const enough = own.filter(({ events }) => events >= Math.max(1, rule.minimum));
  if (enough.length === 0) return few(own.reduce((most, { events }) => Math.max(most, events), 0), Math.max(1, rule.minimum), "requests");
  const known = enough.flatMap((reading) => (reading.ratio === null ? [] : [{ ...reading, ratio: reading.ratio }]));
  const [worst] = known.sort((a, b) => b.ratio - a.ratio);
  if (worst === undefined) return unknown("No request came in the short window.");
  const { objective, window, long, short, limit, ratio } = worst;
  const text = `The budget for ${objective} is spent ${(long ?? 0).toFixed(1)} times as fast as it lasts over ${lasting(window.longSeconds)}, ${(short ?? 0).toFixed(1)} times over ${lasting(window.shortSeconds)}; the limit is ${limit.toFixed(2)}`;
  const read = figure(rule, ratio, text);
  return read.observation === "breach" ? { ...read, subjects: [objective] } : read;
}

type BurnKey = "budget_burn_fast" | "budget_burn_slow";
const isBurn = (key: RuleKey): key is BurnKey => key === "budget_burn_fast" || key === "budget_burn_slow";

const readers: Readonly<Record<Exclude<RuleKey, "silence" | BurnKey>, (rule: AlertRule, counted: Counted) => Read>> = {
  error_rate: (rule, { period }) => share(rule, period.errors, period.requests, "failed", "requests"),
  latency_p95: (rule, { period }) => latency(rule, period, 0.95),
  latency_p99: (rule, { period }) => latency(rule, period, 0.99),
  coverage,
  feature_drift: (rule, { features, noFeatures }) => drift(rule, features, noFeatures),
  feature_nulls: (rule, { features, noFeatures }) => changes(rule, features, noFeatures, "missing"),
  feature_outside: (rule, { features, noFeatures }) => changes(rule, features, noFeatures, "outside"),
  prediction_drift: (rule, { outputs, noOutputs }) => drift(rule, outputs, noOutputs),
  out_of_distribution: unusual,
  estimated_accuracy: estimated,
  measured_accuracy: (rule, { period }) =>
    share(rule, period.labelsReceived - period.labelsWrong, period.labelsReceived, "were right", "labels"),
  business_value: outcome,
};

/** Reads one rule from one window. A rule without a limit is never a breach. */
export function readRule(rule: AlertRule, snapshot: SignalSnapshot): RuleReading {
  const { key } = rule;
  if (key === "silence") return { key, ...silenceReading(rule, snapshot) };
  const { period, silence } = snapshot;
  if (silence !== null) return { key, observation: "stale", value: null, sentence: silence.reason, subjects: [] };
  // Over stretches of their own, whatever came in the rule's window.
  if (isBurn(key)) return { key, ...burn(rule, snapshot.burns, key === "budget_burn_fast" ? "page" : "ticket") };
  if (period === null) return { key, ...unknown("No request came in this window.") };
  return { key, ...readers[key](rule, { ...snapshot, period }) };
}
