import { cadenceSeconds, ruleWindows, type AlertRule, type RuleWindow } from "#lib/domain/drift/alert-rules.ts";
import { calm, nextAlert } from "#lib/domain/drift/alert-state.ts";
import { readRule, type RuleReading, type SignalSnapshot } from "#lib/domain/drift/evaluate-signals.ts";
import { burnStretches, readBurns, type BurnReading, type Objectives } from "#lib/domain/serving/service-level.ts";
import { coverageOf, type PeriodCounts } from "#lib/domain/drift/period.ts";
import type { EndpointRecord, StoredRoute } from "../db/endpoint-repository.ts";
import type { DriftEvaluationRecord, RuleStanding } from "../db/monitor-repository.ts";
import type { RuntimeRecord } from "../db/runtime-repository.ts";
import type { ReadModels } from "../ports.ts";
import { readCalibration } from "./read-calibration.ts";
import { snapshotOf, type LabelledCounts, type Reference } from "./read-signals.ts";

/** Windows arrive this long after their end, as a rule: base windows at once, minutes once they are added up. Seconds. */
const LAG_SECONDS = 4;
/** Nothing for so many windows is silence. */
const SILENT_WINDOWS = 3;
/** What each window is made of: the finer grain that it slides by. */
const GRAIN: Readonly<Record<RuleWindow, number>> = { 10: 10, 60: 60, 300: 60, 3600: 300, 86_400: 3600 };

export type Senders = {
  readonly kind: "runtime" | "device";
  /** When any of them last reported, with or without counts. */
  readonly heardAt: Date | null;
};

export const runtimeSenders = (runtimes: readonly Pick<RuntimeRecord, "windowsAt">[]): Senders => {
  const newest = Math.max(0, ...runtimes.map(({ windowsAt }) => windowsAt?.getTime() ?? 0));
  return { kind: "runtime", heardAt: newest === 0 ? null : new Date(newest) };
};

/** A device's window is that long, and it comes a minute or so after its end. Seconds. */
const DEVICE_WINDOW = 300;

export type EndpointWatch = {
  readonly endpoint: EndpointRecord;
  readonly route: StoredRoute;
  readonly rules: readonly AlertRule[];
  /** What may send counts of it: runtimes, or the devices it is served on. */
  readonly senders: Senders;
  readonly standings: readonly RuleStanding[];
};

export type Evaluated = {
  readonly versionIds: readonly string[];
  readonly standings: readonly RuleStanding[];
  readonly evaluations: readonly DriftEvaluationRecord[];
};

const windowEndOf = (nowMs: number, windowSeconds: RuleWindow): Date => {
  const stepMs = cadenceSeconds(windowSeconds) * 1000;
  return new Date(Math.floor((nowMs - LAG_SECONDS * 1000) / stepMs) * stepMs);
};

const windowStartOf = (nowMs: number, windowSeconds: RuleWindow): Date => new Date(windowEndOf(nowMs, windowSeconds).getTime() - windowSeconds * 1000);

/** Rules that have a new window since they were last read. */
function rulesDue(rules: readonly AlertRule[], standings: readonly RuleStanding[], now: Date): AlertRule[] {
  const last = new Map(standings.map(({ ruleKey, windowEnd }) => [ruleKey, windowEnd?.getTime() ?? 0]));
  return rules.filter(({ key, enabled, windowSeconds }) => enabled && windowEndOf(now.getTime(), windowSeconds).getTime() > (last.get(key) ?? 0));
}

/** How long nothing has come for this version, when that is silence; and whether anything that serves it reports at all. */
export function silenceOf(newestEnd: Date | null, { kind, heardAt }: Senders, now: Date, windowSeconds: number): SignalSnapshot["silence"] {
  const sinceMs = newestEnd === null ? Number.POSITIVE_INFINITY : now.getTime() - newestEnd.getTime();
  const usualSeconds = kind === "device" ? DEVICE_WINDOW : Math.max(10, Math.min(windowSeconds, 60));
  const limitMs = SILENT_WINDOWS * usualSeconds * 1000;
  if (sinceMs <= limitMs) return null;
  const silentMs = heardAt === null ? Number.POSITIVE_INFINITY : now.getTime() - heardAt.getTime();
  const runtimesReport = silentMs <= limitMs;
  const seconds = Math.round((runtimesReport ? sinceMs : silentMs) / 1000);
  const span = Number.isFinite(seconds) && seconds < 1e8 ? ` for ${String(seconds)} s` : "";
  const reason = runtimesReport
    ? `${kind === "device" ? "Devices" : "Runtimes"} report, but this version answered nothing${span || " yet"}.`
    : heardAt === null
      ? `No ${kind} has ${kind === "device" ? "been heard of" : "sent counts"} yet.`
      : `No ${kind} has ${kind === "device" ? "been heard of" : "sent counts"}${span}.`;
  return { seconds: Number.isFinite(seconds) ? seconds : 0, runtimesReport, reason };
}

/** The snapshot of one version, and the sample it rests on: a drift rule takes the next longer window while its own has too few values. */
type Reader = (windowSeconds: RuleWindow) => Promise<{ snapshot: SignalSnapshot; start: Date; end: Date }>;

function readerOf(db: ReadModels, watch: EndpointWatch, versionId: string, reference: Reference, calibration: LabelledCounts | null, newestEnd: Date | null, now: Date): Reader {
  const known = new Map<RuleWindow, ReturnType<Reader>>();
  const read: Reader = async (windowSeconds) => {
    const end = windowEndOf(now.getTime(), windowSeconds);
    const start = windowStartOf(now.getTime(), windowSeconds);
    const grainSeconds = GRAIN[windowSeconds];
    const found = await db.rollups.stretches({ endpointId: watch.endpoint.id, versionId, grainSeconds, from: start, to: end });
    const parts: PeriodCounts[] = found.filter(({ arm }) => arm !== "shadow").map(({ period }) => period);
    const silence = silenceOf(newestEnd, watch.senders, now, windowSeconds);
    return { snapshot: snapshotOf(reference, parts, silence, calibration), start, end };
  };
  return (windowSeconds) => {
    const reading = known.get(windowSeconds) ?? read(windowSeconds);
    known.set(windowSeconds, reading);
    return reading;
  };
}

const GROWING: ReadonlySet<string> = new Set(["feature_drift", "feature_nulls", "feature_outside", "prediction_drift"]);

/** Reads a rule from its window; drift rules from the shortest window that has enough values, a day at most. */
async function readGrowing(rule: AlertRule, reader: Reader, burns: readonly BurnReading[] | undefined): Promise<{ reading: RuleReading; start: Date; end: Date; snapshot: SignalSnapshot }> {
  const windows = GROWING.has(rule.key) ? ruleWindows.filter((seconds) => seconds >= rule.windowSeconds) : [rule.windowSeconds];
  let last: { reading: RuleReading; start: Date; end: Date; snapshot: SignalSnapshot } | null = null;
  for (const windowSeconds of windows) {
    const { snapshot, start, end } = await reader(windowSeconds);
    last = { reading: readRule(rule, burns === undefined ? snapshot : { ...snapshot, burns }), start, end, snapshot };
    const isHopeless = (rule.key === "prediction_drift" ? snapshot.noOutputs : snapshot.noFeatures) !== null;
    if (last.reading.observation !== "insufficient" || isHopeless) return last;
  }
  if (last === null) throw new Error("A rule has no window.");
  return last;
}

const isBurnRule = ({ key }: AlertRule): boolean => key === "budget_burn_fast" || key === "budget_burn_slow";

/** Burn rates of an endpoint at a moment, over all its versions. */
export async function burnsOf(db: ReadModels, endpointId: string, objectives: Objectives, to: Date): Promise<BurnReading[]> {
  const counts = await Promise.all(
    burnStretches.map(async (seconds) => {
      const from = new Date(to.getTime() - seconds * 1000);
      return [seconds, await db.serviceLevels.serviceCounts(endpointId, from, to, objectives.latencyMs)] as const;
    }),
  );
  return readBurns(objectives, new Map(counts));
}

/** The endpoint's burn rates when a rule about them is due; undefined where no service level is set. */
async function burnsWhenDue(db: ReadModels, endpointId: string, due: readonly AlertRule[], now: Date): Promise<readonly BurnReading[] | undefined> {
  const rule = due.find(isBurnRule);
  const objectives = rule === undefined ? null : ((await db.serviceLevels.findServiceLevel(endpointId))?.objectives ?? null);
  return rule === undefined || objectives === null ? undefined : burnsOf(db, endpointId, objectives, windowEndOf(now.getTime(), rule.windowSeconds));
}

/** Reads every rule that has a new window, on every version that answers there. Reads only; the caller keeps the result. */
export async function evaluateEndpoint(db: ReadModels, watch: EndpointWatch, now: Date): Promise<Evaluated> {
  const { endpoint, route, rules } = watch;
  const versionIds = [...new Set(route.arms.filter(({ arm, weightBp }) => arm === "stable" || weightBp > 0).map(({ versionId }) => versionId))];
  const standings: RuleStanding[] = [];
  const evaluations: DriftEvaluationRecord[] = [];
  for (const versionId of versionIds) {
    const before = watch.standings.filter((one) => one.versionId === versionId);
    // The budget is the endpoint's, whichever versions answer: it is read once, with the version that is live.
    const isStable = route.arms.some((arm) => arm.arm === "stable" && arm.versionId === versionId);
    const due = rulesDue(rules, before, now).filter((rule) => isStable || !isBurnRule(rule));
    if (due.length === 0) continue;
    const burns = await burnsWhenDue(db, endpoint.id, due, now);
    const version = await db.baselines.baselineOfVersion(versionId);
    const reference: Reference = { version, frozen: await db.baselines.frozenBaseline(endpoint.id, versionId) };
    const newestEnd = await db.rollups.newestWindowEnd(endpoint.id, versionId);
    const estimate = due.find(({ key }) => key === "estimated_accuracy");
    const calibration = estimate === undefined ? null : await readCalibration(db, endpoint.id, version, windowStartOf(now.getTime(), estimate.windowSeconds));
    const reader = readerOf(db, watch, versionId, reference, calibration, newestEnd, now);
    for (const rule of due) {
      const { reading, start, end, snapshot } = await readGrowing(rule, reader, burns);
      standings.push(nextStanding(endpoint.id, versionId, rule, before, reading, start, windowEndOf(now.getTime(), rule.windowSeconds), now));
      const { features, outputs, period } = snapshot;
      if (rule.key !== "feature_drift" || version === null || period === null || features.length + outputs.length === 0) continue;
      evaluations.push({
        endpointId: endpoint.id,
        versionId,
        windowStart: start,
        windowEnd: end,
        baselineId: version.id,
        rows: period.binned.reduce((sum, one) => sum + one.rows, 0),
        coverage: coverageOf(period),
        report: { method: "psi", smoothing: "add-0.5", binsHash: version.binsHash, features, outputs },
      });
    }
  }
  return { versionIds, standings, evaluations };
}

function nextStanding(
  endpointId: string,
  versionId: string,
  rule: AlertRule,
  before: readonly RuleStanding[],
  reading: RuleReading,
  windowStart: Date,
  windowEnd: Date,
  now: Date,
): RuleStanding {
  const last = before.find(({ ruleKey }) => ruleKey === rule.key);
  const memory = nextAlert(last?.memory ?? calm, reading.observation);
  const since = last?.state === memory.state ? last.since : now;
  // What fired is remembered while it calms down, so that the alert goes on saying what it is about.
  const subjects = reading.subjects.length > 0 || memory.known === "OK" || memory.known === "PENDING" ? reading.subjects : (last?.subjects ?? []);
  return {
    endpointId,
    versionId,
    ruleKey: rule.key,
    state: memory.state,
    since,
    memory,
    value: reading.value,
    limit: rule.limit,
    sentence: reading.sentence,
    subjects,
    windowStart,
    windowEnd,
    evaluatedAt: now,
  };
}
