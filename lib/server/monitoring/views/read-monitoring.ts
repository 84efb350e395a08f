import { slug } from "#lib/contracts/registry-api.ts";
import { monitoringViewQuery, type Distribution, type MonitoringView, type SignalRow } from "#lib/contracts/views/monitoring-view.ts";
import { ruleKinds, type AlertRule } from "#lib/domain/drift/alert-rules.ts";
import { binnedBy, mergePeriods, type BinnedCounts, type PeriodCounts } from "#lib/domain/drift/period.ts";
import { quantileUs } from "#lib/domain/statistics/histogram.ts";
import type { BaselineRecord } from "../../db/baseline-repository.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { RuleStanding } from "../../db/monitor-repository.ts";
import type { Stretch } from "../../db/rollup-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { actIn, BUILDERS } from "../../registry/views/open-acts.ts";
import { readCalibration } from "../read-calibration.ts";
import { driftOf, estimateOf, labelledScores, scoreBins, type Reference } from "../read-signals.ts";
import { alertRows } from "./alert-rows.ts";
import { distributionOf, featureRows } from "./feature-rows.ts";
import { sayMonitoring } from "./say-monitoring.ts";
import { performanceOf, RANGES, versionColumn, watchPoints } from "./watch-points.ts";

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const isAnswering = ({ arm }: { readonly arm: string }): boolean => arm !== "shadow";
const sum = (found: readonly Stretch[]): PeriodCounts => mergePeriods(found.filter(isAnswering).map(({ period }) => period));

function signalRows(rules: readonly AlertRule[], standings: readonly RuleStanding[]): SignalRow[] {
  const byKey = new Map(standings.map((one) => [one.ruleKey, one]));
  return rules.map((rule): SignalRow => {
    const { title, signalClass, unit, above } = ruleKinds[rule.key];
    const standing = rule.enabled ? byKey.get(rule.key) : undefined;
    return {
      key: rule.key,
      title,
      signalClass,
      unit,
      above,
      state: standing?.state ?? null,
      since: standing?.since.toISOString() ?? null,
      value: standing?.value ?? null,
      limit: rule.limit,
      enabled: rule.enabled,
      sentence: standing?.sentence ?? (rule.enabled ? "Not evaluated yet." : "This rule is off."),
      subjects: [...(standing?.subjects ?? [])],
    };
  });
}

/** Counts that the newest evaluation is also compared with: the same hour of the last four weeks, and the hour before. */
async function pastCounts(db: ReadModels, endpointId: string, versionId: string, binsHash: string, end: Date): Promise<{ sameHour: BinnedCounts | null; hourBefore: BinnedCounts | null }> {
  const hour = Math.floor((end.getTime() - 1) / HOUR_MS) * HOUR_MS;
  const read = (from: number, grainSeconds: number) =>
    db.rollups.stretches({ endpointId, versionId, grainSeconds, from: new Date(from), to: new Date(from + HOUR_MS) });
  const weeks: Stretch[] = [];
  for (const week of [1, 2, 3, 4]) weeks.push(...(await read(hour - week * WEEK_MS, 3600)));
  const before = await read(Math.floor((end.getTime() - 2 * HOUR_MS) / 300_000) * 300_000, 300);
  return { sameHour: binnedBy(sum(weeks), binsHash), hourBefore: binnedBy(sum(before), binsHash) };
}

/** The counts of the evaluation's own window. */
async function windowCounts(db: ReadModels, endpointId: string, versionId: string, start: Date, end: Date): Promise<PeriodCounts> {
  const seconds = (end.getTime() - start.getTime()) / 1000;
  const grainSeconds = seconds < 60 ? 10 : seconds <= 300 ? 60 : seconds <= 3600 ? 300 : 3600;
  return sum(await db.rollups.stretches({ endpointId, versionId, grainSeconds, from: start, to: end }));
}

async function compare(db: ReadModels, endpoint: EndpointRecord, versionId: string, reference: Reference, featureName: string | null, now: Date) {
  const { version, frozen } = reference;
  const history = await db.monitors.evaluationsOf({ endpointId: endpoint.id, versionId, from: new Date(now.getTime() - WEEK_MS) }, 48);
  const [newest] = history;
  if (newest === undefined || version === null) return { window: null, features: [], feature: null, predictions: [] };
  const period = await windowCounts(db, endpoint.id, versionId, newest.windowStart, newest.windowEnd);
  const current = binnedBy(period, version.binsHash);
  const past = await pastCounts(db, endpoint.id, versionId, version.binsHash, newest.windowEnd);
  const judged = driftOf(reference, period);
  const shown = version.features.find(({ bins }) => bins.name === featureName);
  const values = current?.features.find(({ name }) => name === featureName);
  const predictions = (frozen?.outputs ?? []).flatMap((placed): Distribution[] => {
    const own = current?.outputs.find(({ name }) => name === placed.bins.name);
    const found = own === undefined || placed.reference === null ? null : distributionOf(placed, placed.reference, own);
    return found === null ? [] : [found];
  });
  return {
    window: { start: newest.windowStart.toISOString(), end: newest.windowEnd.toISOString(), rows: newest.rows, coverage: newest.coverage },
    features: featureRows(judged.features.length > 0 ? judged.features : newest.report.features, version.features, { current, ...past }, history),
    feature: shown?.reference && values ? distributionOf(shown, shown.reference, values) : null,
    predictions,
  };
}

const baselineView = (version: BaselineRecord | null, frozen: BaselineRecord | null): MonitoringView["baseline"] =>
  version === null
    ? null
    : {
        source: version.source,
        rows: version.rows,
        binsHash: version.binsHash,
        notes: [...version.notes],
        frozenRows: frozen?.rows ?? null,
        frozenAt: frozen?.createdAt.toISOString() ?? null,
      };

/** Everything the monitoring page shows of an endpoint: three classes of signals, features, answers, performance, value, alerts. */
export const readMonitoring = query({
  name: "read-monitoring",
  permission: "endpoint:read",
  of: "one",
  input: monitoringViewQuery.extend({ endpoint: slug }),
  async run({ db, actor, input, now, authorise }): Promise<MonitoringView> {
    const endpoint = await db.endpoints.getEndpoint({ name: input.endpoint });
    const environmentId = endpoint.environment.id;
    authorise({ environmentId, targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }] });
    const { seconds, grain, totals } = RANGES[input.range];
    const to = new Date(Math.floor(now.getTime() / (grain * 1000)) * grain * 1000);
    const from = new Date(to.getTime() - seconds * 1000);

    const all = await db.rollups.trafficPoints({ endpointId: endpoint.id, grainSeconds: grain, from, to });
    const route = await db.endpoints.currentRoute(endpoint.id);
    const ids = [...new Set([...(route?.arms ?? []).map(({ versionId }) => versionId), ...all.map(({ versionId }) => versionId)])].slice(0, 8);
    const heads = new Map((await db.registry.versionHeads({ ids }, ids.length)).map(({ id, name }) => [id, name]));
    const versionId = ids.find((id) => heads.get(id) === input.version) ?? endpoint.stableVersionId ?? ids[0] ?? "";
    const versionName = heads.get(versionId) ?? "unknown";

    const found = await db.rollups.stretches({ endpointId: endpoint.id, grainSeconds: totals, from, to: now });
    const total = sum(found.filter((one) => one.versionId === versionId));
    const reference: Reference = { version: await db.baselines.baselineOfVersion(versionId), frozen: await db.baselines.frozenBaseline(endpoint.id, versionId) };
    const counts = reference.version === null ? null : binnedBy(total, reference.version.binsHash);
    const placed = scoreBins(reference.version);
    const { rules } = await db.alerts.rulesOf(endpoint.id);
    const calibration = await readCalibration(db, endpoint.id, reference.version, from);
    const standings = (await db.monitors.standingsOf([endpoint.id])).filter((one) => one.versionId === versionId);
    const signals = signalRows(rules, standings);
    const silences = await db.alerts.silencesOf(endpoint.id, now);
    const names = await db.alerts.namesOf(silences.map(({ createdById }) => createdById));
    const queue = quantileUs(total.queueUs, 0.95);
    const inference = quantileUs(total.inferenceUs, 0.95);
    return {
      asOf: now.toISOString(),
      endpointName: endpoint.name,
      environmentName: endpoint.environment.name,
      modelName: endpoint.modelName,
      say: sayMonitoring(versionName, signals),
      range: input.range,
      against: input.against,
      from: from.toISOString(),
      to: to.toISOString(),
      pointSeconds: grain,
      versionName,
      versions: ids.flatMap((id) => {
        const own = found.filter((one) => one.versionId === id);
        const role = route?.arms.find((arm) => arm.versionId === id)?.arm ?? "previous";
        return own.length === 0 && role === "previous" ? [] : [versionColumn(heads.get(id) ?? "unknown", role, mergePeriods(own.map(({ period }) => period)))];
      }),
      signals,
      points: watchPoints(all.filter((one) => one.versionId === versionId && isAnswering(one)), { from, to, grain }),
      queueMsP95: queue === null ? null : queue / 1000,
      inferenceMsP95: inference === null ? null : inference / 1000,
      reasons: total.reasons.map((one) => ({ ...one })),
      baseline: baselineView(reference.version, reference.frozen),
      ...(await compare(db, endpoint, versionId, reference, input.feature, now)),
      performance: performanceOf(total, placed === null ? null : labelledScores(placed, counts), estimateOf(reference, counts, calibration)),
      alerts: await alertRows(db, await db.alerts.listAlerts({ environments: [environmentId], endpointId: endpoint.id, show: "all", before: null }, 20)),
      silences: silences.map((one) => ({
        silenceId: one.id,
        title: one.ruleKey === null ? "All rules" : (signals.find(({ key }) => key === one.ruleKey)?.title ?? one.ruleKey),
        reason: one.reason,
        until: one.until.toISOString(),
        by: names.get(one.createdById) ?? "Unknown person",
      })),
      mayAcknowledge: actIn(actor, "alert:acknowledge", environmentId, "engineers, ML leads, validators and administrators"),
      maySilence: actIn(actor, "alert:silence", environmentId, `${BUILDERS} and administrators`),
      mayEditRules: actIn(actor, "alert:edit_rules", environmentId, `${BUILDERS} and administrators`),
    };
  },
});
