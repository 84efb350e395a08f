import { asJson, contentDigest } from "../../content-digest.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { LiveTally } from "../../db/live-reads.ts";
import type { ModelRecord, VersionRecord } from "../../db/model-repository.ts";
import type { RuntimeRecord } from "../../db/runtime-repository.ts";
import type { NewFact } from "../record-facts.ts";
import { endpointSubject, modelSubject } from "../subjects.ts";

export const TELEMETRY_PRODUCER = { producer: "Telemetry", producerVersion: "telemetry/1" } as const;

/** Answers that a prediction baseline is frozen from. */
const BASELINE_UNITS = 100;
const seconds = (from: Date, to: Date): number => Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));

/** What telemetry shows of one endpoint now. `hash` leaves out what changes with every look. */
export function endpointFacts(endpoint: EndpointRecord, stable: VersionRecord, tally: LiveTally, runtimes: readonly RuntimeRecord[], now: Date): NewFact[] {
  const subject = endpointSubject(endpoint.id);
  const live = runtimes.filter(({ live: isLive }) => isLive);
  const ages = live.map(({ windowsAt, registeredAt }) => seconds(windowsAt ?? registeredAt, now));
  const oldest = ages.length === 0 ? null : Math.max(...ages);
  const facts: NewFact[] = [];
  if (oldest !== null && tally.requests > 0) {
    facts.push({
      kind: "infra_dashboard_live",
      subject,
      summary: `${live.length} runtime${live.length === 1 ? "" : "s"} reporting; ${tally.requests} requests counted with latency, errors and throughput.`,
      details: { replicas: live.length, oldestSampleSeconds: oldest, percentiles: tally.latencyCounts > 0, errorRate: true, throughput: true },
      inputsHash: contentDigest({ endpoint: endpoint.id, replicas: live.length, percentiles: tally.latencyCounts > 0 }),
    });
  }
  const units = Object.values(tally.predictions).reduce((sum, count) => sum + count, 0);
  if (units >= BASELINE_UNITS) {
    const shares = Object.fromEntries(Object.entries(tally.predictions).map(([name, count]) => [name, Math.round((10_000 * count) / units)]));
    facts.push({
      kind: "prediction_drift_baseline_set",
      subject,
      summary: `Prediction shares of ${stable.name} frozen from ${units} answers: ${Object.keys(shares).length} classes.`,
      details: { baselineDigest: contentDigest(asJson(shares)), version: stable.digest, units, comparing: true, sharesBp: asJson(shares) },
      // One baseline for as long as the version stands: only another version makes another one.
      inputsHash: contentDigest({ endpoint: endpoint.id, version: stable.digest }),
    });
  }
  if (tally.refused > 0) {
    facts.push({
      kind: "input_schema_enforced",
      subject,
      summary: `The contract is in force: ${tally.refused} requests outside it were refused in the last day.`,
      details: { contractDigest: contentDigest(asJson(stable.contract)), invalidRefused: true, refused: tally.refused },
      inputsHash: contentDigest({ endpoint: endpoint.id, contract: asJson(stable.contract) }),
    });
  }
  if (tally.labelsReceived > 0 && tally.requests > 0 && tally.newestLabelAt !== null) {
    const joinRate = Math.min(1, Math.round((10_000 * tally.labelsReceived) / tally.requests) / 10_000);
    facts.push(
      {
        kind: "performance_monitor_active",
        subject,
        summary: `${tally.labelsReceived} true labels joined to predictions in the last day, ${(joinRate * 100).toFixed(1)} % of requests.`,
        details: { labels: tally.labelsReceived, joinRate, lastLabelAt: tally.newestLabelAt.toISOString() },
        inputsHash: contentDigest({ endpoint: endpoint.id, labels: true }),
      },
      {
        kind: "business_outcome_linked",
        subject,
        summary: `Outcomes arrive as true labels by version: ${tally.labelsReceived} in the last day, ${tally.labelsWrong} of them against the prediction.`,
        details: { metric: "true label", byVersion: true, values: tally.labelsReceived },
        inputsHash: contentDigest({ endpoint: endpoint.id, outcome: "true label" }),
      },
    );
  }
  return facts;
}

type Owner = { readonly name: string; readonly isActive: boolean };

/** What the registry shows of a model as an inventory entry. */
export function modelFacts(model: ModelRecord, owner: Owner, others: { readonly judges: number; readonly unknownEndpoints: number }): NewFact[] {
  const subject = modelSubject(model);
  const fields = { purpose: model.intendedUse, tier: model.riskTier, sector: model.sector, countries: model.jurisdictions.length === 0 ? null : model.jurisdictions.length, owner: owner.name };
  const missing = Object.entries(fields).filter(([, value]) => value === null || value === "").map(([name]) => name);
  return [
    {
      kind: "model_inventory_entry",
      subject,
      summary: missing.length === 0 ? "Purpose, tier, sector, countries and owner are recorded." : `Not recorded: ${missing.join(", ")}.`,
      details: { missingFields: missing.length, unknownEndpoints: others.unknownEndpoints },
    },
    {
      kind: "roles_assigned",
      subject,
      summary: `Owner ${owner.name}; ${others.judges} other people may validate and approve.`,
      details: { owner: owner.name, inactive: owner.isActive ? 0 : 1, distinct: others.judges > 0 },
    },
  ];
}
