import { z } from "zod";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { query } from "../read.ts";

/** Metrics of the control plane in the Prometheus text format. Labels are names of endpoints, versions, rules and features: closed sets, never of people or requests. */
export const CONTROL_METRICS = {
  slipway_monitor_rule_value: "Newest value of a rule, in its own unit.",
  slipway_monitor_rule_limit: "Limit of a rule; absent where none is set.",
  slipway_monitor_rule_firing: "1 while the rule fires or calms down, else 0.",
  slipway_monitor_rule_blind: "1 while the rule has too little data or none, else 0.",
  slipway_drift_score: "PSI of a feature in the newest window; at most 50 features a version.",
  slipway_drift_null_band: "PSI that chance alone reaches in one of a hundred windows of this size.",
  slipway_alerts_open: "Alerts that are not resolved, by severity.",
  slipway_runtimes_live: "Runtimes heard from in the last 20 seconds.",
  slipway_monitor_window_lag_seconds: "Age of the oldest stretch of time that waits to be added up.",
  slipway_deliveries_waiting: "Messages that wait to be sent.",
} as const;
export type ControlMetric = keyof typeof CONTROL_METRICS;

const MAX_FEATURES = 50;
const HOUR_MS = 3_600_000;

type Sample = { readonly name: ControlMetric; readonly labels: Readonly<Record<string, string>>; readonly value: number };

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
const labelText = (labels: Sample["labels"]): string => {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
};

/** Samples as text, grouped by metric as the format asks. */
export function metricsText(samples: readonly Sample[]): string {
  const names = Object.keys(CONTROL_METRICS) as ControlMetric[];
  return names
    .flatMap((name) => {
      const own = samples.filter((sample) => sample.name === name);
      return [`# HELP ${name} ${CONTROL_METRICS[name]}`, `# TYPE ${name} gauge`, ...own.map(({ labels, value }) => `${name}${labelText(labels)} ${String(value)}`)];
    })
    .concat("")
    .join("\n");
}

/** What monitoring knows of the endpoints that the caller may read. */
export const readMetrics = query({
  name: "read-metrics",
  permission: "endpoint:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<string> {
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment }) => allowed === "all" || allowed.includes(environment.id));
    const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const standings = await db.monitors.standingsOf([...byId.keys()]);
    const ids = [...new Set(standings.map(({ versionId }) => versionId))];
    const versions = new Map((await db.registry.versionHeads({ ids }, ids.length)).map(({ id, name }) => [id, name]));
    const place = (endpointId: string, versionId: string) => ({ endpoint: byId.get(endpointId)?.name ?? "", version: versions.get(versionId) ?? "" });
    const samples: Sample[] = [];
    for (const { endpointId, versionId, ruleKey, value, limit, memory, state } of standings) {
      const labels = { ...place(endpointId, versionId), rule: ruleKey };
      if (value !== null) samples.push({ name: "slipway_monitor_rule_value", labels, value });
      if (limit !== null) samples.push({ name: "slipway_monitor_rule_limit", labels, value: limit });
      samples.push({ name: "slipway_monitor_rule_firing", labels, value: memory.known === "FIRING" || memory.known === "RESOLVING" ? 1 : 0 });
      samples.push({ name: "slipway_monitor_rule_blind", labels, value: state === "STALE" || state === "INSUFFICIENT" ? 1 : 0 });
    }
    for (const { endpointId, versionId, report } of await db.monitors.newestEvaluations([...byId.keys()], new Date(now.getTime() - HOUR_MS))) {
      for (const feature of report.features.slice(0, MAX_FEATURES)) {
        const labels = { ...place(endpointId, versionId), feature: feature.name };
        if (feature.psi !== null) samples.push({ name: "slipway_drift_score", labels, value: feature.psi });
        if (feature.nullBand !== null && Number.isFinite(feature.nullBand)) samples.push({ name: "slipway_drift_null_band", labels, value: feature.nullBand });
      }
    }
    const open = await db.alerts.openAlerts([...byId.keys()]);
    for (const severity of ["page", "ticket"] as const) samples.push({ name: "slipway_alerts_open", labels: { severity }, value: open.filter((alert) => alert.severity === severity).length });
    samples.push({ name: "slipway_runtimes_live", labels: {}, value: (await db.runtimes.listRuntimes(now)).filter(({ live }) => live).length });
    samples.push({ name: "slipway_monitor_window_lag_seconds", labels: {}, value: await db.rollups.rollupLagSeconds() });
    samples.push({ name: "slipway_deliveries_waiting", labels: {}, value: await db.outgoing.countWaiting() });
    return metricsText(samples);
  },
});
