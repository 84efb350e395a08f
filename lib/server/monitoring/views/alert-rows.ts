import type { AlertRow } from "#lib/contracts/views/monitoring-view.ts";
import type { AlertRecord } from "../../db/alert-repository.ts";
import type { ReadModels } from "../../ports.ts";

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const times = (alert: AlertRecord): Pick<AlertRow, "firedAt" | "refiredAt" | "resolvedAt" | "acknowledgedAt"> => ({
  firedAt: alert.firedAt.toISOString(),
  refiredAt: iso(alert.refiredAt),
  resolvedAt: iso(alert.resolvedAt),
  acknowledgedAt: iso(alert.acknowledgedAt),
});

/** Alerts as the screens show them, with names in place of ids. */
export async function alertRows(db: ReadModels, alerts: readonly AlertRecord[]): Promise<AlertRow[]> {
  const endpointIds = [...new Set(alerts.map(({ endpointId }) => endpointId))];
  const endpoints = new Map((await db.endpoints.listEndpoints()).map((endpoint) => [endpoint.id, endpoint]));
  const heads = await db.registry.versionHeads({ ids: alerts.map(({ versionId }) => versionId) }, alerts.length);
  const versions = new Map(heads.map(({ id, name }) => [id, name]));
  const standings = await db.monitors.standingsOf(endpointIds);
  const names = await db.alerts.namesOf(alerts.flatMap(({ acknowledgedById }) => acknowledgedById ?? []));
  const incidents = await db.alerts.incidentNumbers(alerts.flatMap(({ incidentId }) => incidentId ?? []));
  return alerts.map((alert): AlertRow => {
    const endpoint = endpoints.get(alert.endpointId);
    const standing = standings.find((one) => one.endpointId === alert.endpointId && one.versionId === alert.versionId && one.ruleKey === alert.ruleKey);
    const isResolving = standing?.memory.known === "RESOLVING";
    // While it fires the row says how things are now; afterwards how they were.
    const live = alert.resolvedAt === null && standing !== undefined && standing.value !== null ? standing : alert;
    return {
      number: alert.number,
      state: alert.resolvedAt !== null ? "RESOLVED" : isResolving ? "RESOLVING" : "FIRING",
      severity: alert.severity,
      signalClass: alert.signalClass,
      ruleKey: alert.ruleKey,
      title: alert.title,
      sentence: live.sentence,
      subjects: [...(live.subjects.length > 0 ? live.subjects : alert.subjects)],
      endpointName: endpoint?.name ?? "unknown",
      modelName: endpoint?.modelName ?? "unknown",
      versionName: versions.get(alert.versionId) ?? "unknown",
      ...times(alert),
      acknowledgedBy: alert.acknowledgedById === null ? null : (names.get(alert.acknowledgedById) ?? "Unknown person"),
      acknowledgement: alert.acknowledgement,
      incidentNumber: alert.incidentId === null ? null : (incidents.get(alert.incidentId) ?? null),
    };
  });
}
