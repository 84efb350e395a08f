import { randomUUID } from "node:crypto";
import { cadenceSeconds, defaultRules, ruleKinds, rulesRead } from "#lib/domain/drift/alert-rules.ts";
import { openIncident } from "../incidents/open-incident.ts";
import { policyActor } from "../ports.ts";
import type { Store } from "../store.ts";
import { linkAlertToIncident } from "./act-on-alert.ts";
import { evaluateEndpoint, runtimeSenders, type EndpointWatch, type Senders } from "./evaluate-endpoint.ts";
import { freezeBaseline } from "./freeze-baseline.ts";
import { settleAlert } from "./raise-alert.ts";
import { recordMonitorEvidence } from "./record-evidence.ts";

const LEASE = "monitors";
const LEASE_SECONDS = 30;
const EVIDENCE_EVERY_MS = 5 * 60_000;

export type Monitors = {
  /** Evaluates every endpoint that has a new window; nothing while another replica holds the lease. */
  round(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Watches all endpoints, releases or not: reads every rule on every window, keeps where it stands, opens and resolves alerts, freezes baselines and
 * writes evidence. One replica at a time, by a lease; what two would do twice changes nothing the second time.
 */
export function createMonitors(store: Store, onError: (error: unknown, endpointId: string) => void): Monitors {
  const holder = randomUUID();
  const looked = new Map<string, number>();
  const evidenceAt = new Map<string, number>();

  async function settle(watch: EndpointWatch): Promise<void> {
    const { endpoint } = watch;
    const open = await store.read((db) => db.alerts.openAlerts([endpoint.id]));
    const standings = await store.read((db) => db.monitors.standingsOf([endpoint.id]));
    const firing = standings.filter(({ memory }) => memory.known === "FIRING" || memory.known === "RESOLVING");
    const is = (a: { versionId: string; ruleKey: string }, b: { versionId: string; ruleKey: string }) => a.versionId === b.versionId && a.ruleKey === b.ruleKey;
    const off = open.filter((alert) => !firing.some((standing) => is(standing, alert)));
    const fresh = firing.filter((standing) => !open.some((alert) => is(standing, alert)));
    for (const { versionId, ruleKey } of [...off, ...fresh]) {
      const settled = await settleAlert(store)(policyActor("Monitors"), { endpointId: endpoint.id, versionId, ruleKey });
      const opensIncident = watch.rules.find(({ key }) => key === ruleKey)?.opensIncident === true;
      if (settled.happened === "fired" && opensIncident) await openIncidentOf(watch, settled.number);
    }
  }

  async function openIncidentOf({ endpoint }: EndpointWatch, number: number): Promise<void> {
    const alert = await store.read((db) => db.alerts.getAlert({ number }));
    const version = await store.read((db) => db.models.getVersionById(alert.versionId));
    const incident = await openIncident(store)(policyActor("Monitors"), {
      title: `${ruleKinds[alert.ruleKey].title} on ${endpoint.name}`,
      summary: `Alert ${String(number)}: ${alert.sentence}`,
      severity: alert.severity === "page" ? "major" : "minor",
      endpoint: endpoint.name,
      model: endpoint.modelName,
      version: version.name,
      alertKey: `alert:${endpoint.id}:${alert.versionId}:${alert.ruleKey}`,
    });
    await linkAlertToIncident(store)(policyActor("Monitors"), { number, incidentId: incident.id });
  }

  async function watchEndpoint(watch: EndpointWatch): Promise<void> {
    const { endpoint } = watch;
    const result = await store.readSnapshot((db, now) => evaluateEndpoint(db, watch, now));
    if (result.standings.length > 0) {
      await store.telemetry(async ({ monitors }, _now, publish) => {
        await monitors.saveStandings(endpoint.id, result.standings, result.versionIds);
        for (const evaluation of result.evaluations) await monitors.saveEvaluation(evaluation);
        await publish([`monitoring:${endpoint.id}`]);
      });
    }
    await settle(watch);
    for (const versionId of result.versionIds) await freezeBaseline(store)(policyActor("Monitors"), { endpointId: endpoint.id, versionId });
    if ((evidenceAt.get(endpoint.id) ?? 0) > performance.now()) return;
    evidenceAt.set(endpoint.id, performance.now() + EVIDENCE_EVERY_MS);
    await recordMonitorEvidence(store)(policyActor("Monitors"), { endpointId: endpoint.id });
  }

  return {
    async round() {
      const token = await store.telemetry(({ leases }) => leases.holdLease(LEASE, holder, LEASE_SECONDS));
      if (token === null) return;
      const { nowMs, endpoints, runtimes, own } = await store.readSnapshot(async (db, now) => ({
        nowMs: now.getTime(),
        endpoints: await db.endpoints.listEndpoints(),
        runtimes: await db.runtimes.listRuntimes(now),
        own: await db.alerts.changedRules(),
      }));
      for (const endpoint of endpoints) {
        const rules = rulesRead(own.get(endpoint.id) ?? defaultRules, endpoint.pattern);
        const stepMs = Math.min(60, ...rules.filter(({ enabled }) => enabled).map(({ windowSeconds }) => cadenceSeconds(windowSeconds))) * 1000;
        const step = Math.floor((nowMs - 4_000) / stepMs);
        if (looked.get(endpoint.id) === step) continue;
        looked.set(endpoint.id, step);
        const route = await store.read((db) => db.endpoints.currentRoute(endpoint.id));
        if (route === null) continue;
        const standings = await store.read((db) => db.monitors.standingsOf([endpoint.id]));
        const senders: Senders =
          endpoint.pattern === "edge" ? { kind: "device", heardAt: await store.read((db) => db.deviceStandings.newestContact(endpoint.id)) } : runtimeSenders(runtimes);
        await watchEndpoint({ endpoint, route, rules, senders, standings }).catch((error: unknown) => onError(error, endpoint.id));
      }
    },
    stop: () => store.telemetry(({ leases }) => leases.releaseLease(LEASE, holder)).catch(() => undefined),
  };
}
