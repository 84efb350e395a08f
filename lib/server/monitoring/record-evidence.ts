import { z } from "zod";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import { monitorKinds, type MonitorKind } from "#lib/domain/drift/monitor-evidence.ts";
import { mergePeriods, type PeriodCounts } from "#lib/domain/drift/period.ts";
import { quantileUs } from "#lib/domain/statistics/histogram.ts";
import { command, unchanged } from "../command.ts";
import { contentDigest } from "../content-digest.ts";
import type { AuditDraft } from "../ports.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";

const PRODUCER = "Monitors";
const PRODUCER_VERSION = "monitors/1";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Fact = {
  readonly kind: MonitorKind;
  readonly holds: boolean;
  readonly summary: string;
  readonly details: JsonObject;
  /** How long it counts, and after how long it is made anew although nothing changed. */
  readonly livesMs: number;
};

type Scene = {
  readonly tx: UnitOfWork;
  readonly now: Date;
  readonly endpointId: string;
  readonly version: { readonly id: string; readonly name: string };
  /** The last day. */
  readonly day: PeriodCounts;
};

async function infrastructure({ tx, now, day }: Scene): Promise<Fact> {
  const live = (await tx.runtimes.listRuntimes(now)).filter((runtime) => runtime.live);
  const ages = live.map(({ windowsAt }) => (windowsAt === null ? Number.MAX_SAFE_INTEGER : (now.getTime() - windowsAt.getTime()) / 1000));
  const oldestSampleSeconds = Math.min(Math.round(Math.max(0, ...ages)), Number.MAX_SAFE_INTEGER);
  const percentiles = quantileUs(day.latencyUs, 0.99) !== null;
  const holds = live.length > 0 && oldestSampleSeconds <= 120 && percentiles;
  return {
    kind: "infra_dashboard_live",
    holds,
    summary: holds
      ? `${String(live.length)} runtimes report latency, errors and throughput; the oldest newest count is ${String(oldestSampleSeconds)} s old.`
      : live.length === 0
        ? "No runtime reports."
        : percentiles
          ? `A runtime has sent no counts for ${String(oldestSampleSeconds)} s.`
          : "No request was answered in the last day.",
    details: { replicas: live.length, oldestSampleSeconds, percentiles, errorRate: percentiles, throughput: percentiles },
    livesMs: 6 * HOUR_MS,
  };
}

async function features({ tx, now, endpointId, version }: Scene): Promise<Fact | null> {
  const baseline = await tx.baselines.baselineOfVersion(version.id);
  if (baseline === null || baseline.features.length === 0) return null;
  const windowsEvaluated = await tx.monitors.countEvaluations(endpointId, version.id);
  if (windowsEvaluated === 0) return null;
  const alertRouteTested = await tx.outgoing.wasRouteTested("alert.fired", new Date(now.getTime() - 90 * DAY_MS));
  const source = baseline.source === "training_profile" ? "Training profile" : "Sample";
  return {
    kind: "drift_monitor_active",
    holds: alertRouteTested,
    summary: `${String(baseline.features.length)} features compared with the ${source.toLowerCase()} in ${String(windowsEvaluated)} windows${alertRouteTested ? "" : "; no channel for alerts has been tested"}.`,
    details: { features: baseline.features.length, windowsEvaluated, reference: `${source}, ${String(baseline.rows)} rows`, alertRouteTested },
    livesMs: 1.25 * DAY_MS,
  };
}

async function answers({ tx, endpointId, version }: Scene): Promise<Fact | null> {
  const frozen = await tx.baselines.frozenBaseline(endpointId, version.id);
  if (frozen === null) return null;
  const standing = (await tx.monitors.standingsOf([endpointId])).find((one) => one.versionId === version.id && one.ruleKey === "prediction_drift");
  const comparing = standing !== undefined && frozen.outputs.length > 0;
  return {
    kind: "prediction_drift_baseline_set",
    holds: comparing,
    summary: `Answers are compared with the first ${String(frozen.rows)} rows of this deployment.`,
    details: { baselineDigest: frozen.binsHash, version: version.name, units: frozen.rows, comparing },
    livesMs: Number.POSITIVE_INFINITY,
  };
}

function labels({ now, day }: Scene): Fact | null {
  if (day.labelsReceived === 0 || day.requests === 0) return null;
  const joinRate = Math.min(1, day.labelsReceived / day.requests);
  return {
    kind: "performance_monitor_active",
    holds: joinRate >= 0.01,
    summary: `${String(day.labelsReceived)} labels in a day, for ${(joinRate * 100).toFixed(1)} % of the predictions.`,
    details: { labels: day.labelsReceived, joinRate, lastLabelAt: now.toISOString() },
    livesMs: 1.25 * DAY_MS,
  };
}

function outcomes({ day }: Scene): Fact | null {
  if (day.values.received === 0) return null;
  return {
    kind: "business_outcome_linked",
    holds: true,
    summary: `${String(day.values.received)} outcome values in a day, joined to the version by prediction id.`,
    details: { metric: "Outcome value by prediction", byVersion: true, values: day.values.received },
    livesMs: 31 * DAY_MS,
  };
}

/** A fact is recorded when it is new, has turned, or is past half of its life. */
function isDue(fact: Fact, newest: { readonly verdict: string; readonly producedAt: Date } | undefined, now: Date): boolean {
  if (newest === undefined) return true;
  if (newest.verdict !== (fact.holds ? "passed" : "failed")) return true;
  return now.getTime() - newest.producedAt.getTime() > fact.livesMs / 2;
}

/**
 * Writes down what the monitors can vouch for about an endpoint and its stable version: that telemetry is live, features are compared, answers have a baseline, labels and outcomes arrive.
 * Bound to the version's digest; what cannot be said is left out, never claimed.
 */
export const recordMonitorEvidence = command({
  name: "record-monitor-evidence",
  permission: "evidence:create",
  input: z.strictObject({ endpointId: z.uuid() }),
  async locate({ tx, input }) {
    const endpoint = await tx.endpoints.getEndpoint({ id: input.endpointId });
    return { environmentId: endpoint.environment.id, targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }], endpoint };
  },
  async run({ tx, now, located: { endpoint, targets } }) {
    if (endpoint.stableVersionId === null) return unchanged({ recorded: 0 });
    const version = await tx.models.getVersionById(endpoint.stableVersionId);
    const from = new Date(now.getTime() - DAY_MS);
    const hours = await tx.rollups.stretches({ endpointId: endpoint.id, versionId: version.id, grainSeconds: 300, from, to: now });
    const scene: Scene = { tx, now, endpointId: endpoint.id, version, day: mergePeriods(hours.filter(({ arm }) => arm !== "shadow").map(({ period }) => period)) };
    const facts = [await infrastructure(scene), await features(scene), await answers(scene), labels(scene), outcomes(scene)];
    const known = await tx.evidence.endpointEvidence(endpoint.id, monitorKinds);
    const drafts: AuditDraft[] = [];
    for (const fact of facts) {
      if (fact === null) continue;
      const newest = known.find(({ kind, subjectDigest }) => kind === fact.kind && subjectDigest === version.digest);
      if (!isDue(fact, newest, now)) continue;
      const id = newId();
      const inputsHash = contentDigest(fact.details);
      await tx.evidence.insertEvidence({
        id,
        kind: fact.kind,
        subjectType: "endpoint",
        subjectId: endpoint.id,
        subjectDigest: version.digest,
        verdict: fact.holds ? "passed" : "failed",
        summary: fact.summary,
        details: fact.details,
        producer: PRODUCER,
        producerVersion: PRODUCER_VERSION,
        inputsHash,
        expiresAt: Number.isFinite(fact.livesMs) ? new Date(now.getTime() + fact.livesMs) : null,
      });
      const subject = { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest };
      drafts.push({
        action: "evidence.recorded",
        targets: [{ type: "evidence", id, name: fact.kind, digest: null }, ...targets, subject],
        after: { kind: fact.kind, verdict: fact.holds ? "passed" : "failed", summary: fact.summary, inputsHash },
      });
    }
    const [first, ...rest] = drafts;
    return first === undefined ? unchanged({ recorded: 0 }) : { result: { recorded: drafts.length }, audit: [first, ...rest] };
  },
});
