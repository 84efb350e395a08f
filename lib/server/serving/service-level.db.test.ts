import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RuleKey } from "#lib/domain/drift/alert-rules.ts";
import type { AuditTarget } from "../ports.ts";
import { evaluateEndpoint } from "../monitoring/evaluate-endpoint.ts";
import { monitoringStage, type MonitoringStage } from "../monitoring/monitoring-stage.fixture.ts";
import { MONITOR_ACTOR, settleAlert } from "../monitoring/raise-alert.ts";
import { rollUpDue } from "../monitoring/roll-up-windows.ts";

const LEVEL = {
  endpoint: "triage",
  objectives: { availability: 0.99, latencyMs: 10, latencyShare: 0.95 },
  scaling: { minReplicas: 2, maxReplicas: 4, targetUtilisation: 0.6, scaleDownAfterSeconds: 300 },
  prices: { currency: "EUR", perReplicaHour: 0.5, perMonth: 10, perThousandRequests: 0 },
  reason: "As agreed with the clinic.",
};

describe("a service level", () => {
  let stage: MonitoringStage;
  beforeAll(async () => {
    stage = await monitoringStage();
  });
  afterAll(() => stage.close());

  /** A window of `requests`, of which `errors` fail. Those that are answered take a millisecond, half of it in the model. */
  const windowAt = (seconds: number, requests: number, errors: number) =>
    stage.window(seconds, requests, (window) => {
      const answered = requests - errors;
      const latencyUs = { ...window.latencyUs, bins: [[320, answered] as [number, number]], count: answered, sum: answered * 1000 };
      return { ...window, errors, latencyUs, inferenceUs: { ...latencyUs, bins: [[288, answered]], sum: answered * 500, min: 500, max: 500 } };
    });

  /** A minute of 600 requests, of which `errors` in each hundred fail. */
  async function traffic(minute: number, errors: number): Promise<void> {
    await stage.send(Array.from({ length: 6 }, (_, part) => windowAt(minute * 60 + part * 10, 100, errors)));
    await rollUpDue(stage.app.store);
  }

  /** One round of the monitors at the end of this minute; the state and the sentence of one rule. */
  async function look(minute: number, key: RuleKey): Promise<{ state: string; sentence: string; subjects: readonly string[] } | undefined> {
    const now = new Date(stage.start.getTime() + (minute + 1) * 60_000 + 5_000);
    const { store } = stage.app;
    const endpoint = await store.read((db) => db.endpoints.getEndpoint({ id: stage.endpointId }));
    const route = await store.read((db) => db.endpoints.currentRoute(stage.endpointId));
    if (route === null) throw new Error("No route.");
    const { rules } = await store.read((db) => db.alerts.rulesOf(stage.endpointId));
    const standings = await store.read((db) => db.monitors.standingsOf([stage.endpointId]));
    const found = await store.read((db) => evaluateEndpoint(db, { endpoint, route, rules, senders: { kind: "runtime", heardAt: now }, standings }, now));
    await store.telemetry(({ monitors }) => monitors.saveStandings(stage.endpointId, found.standings, found.versionIds));
    await settleAlert(store)(MONITOR_ACTOR, { endpointId: stage.endpointId, versionId: stage.versionId, ruleKey: key });
    return found.standings.find(({ ruleKey }) => ruleKey === key);
  }
  const open = async () => (await stage.app.store.read((db) => db.alerts.openAlerts([stage.endpointId]))).map(({ ruleKey, subjects, severity }) => [ruleKey, subjects, severity]);
  const read = () => stage.app.serving.readServiceLevel(stage.engineer, { endpoint: "triage" });

  it("is nothing until somebody sets it, and no budget is then judged", async () => {
    expect(await read()).toMatchObject({ objectives: null, budgets: [], burns: [], capacity: null, rowVersion: 0 });
    // A large hour before, so that six hours are not spent by what spends one.
    await stage.send([windowAt(-3 * 3600, 60_000, 0)]);
    for (let minute = 0; minute < 5; minute += 1) await traffic(minute, 0);
    expect(await look(4, "budget_burn_fast")).toMatchObject({ state: "INSUFFICIENT", sentence: "No service level is set for this endpoint." });
  });

  it("is set as a whole, against the version that was seen, with the reason in the trail", async () => {
    expect(await stage.app.serving.saveServiceLevel(stage.lead, { ...LEVEL, expectedRowVersion: 0 })).toEqual({ rowVersion: 1 });
    await expect(stage.app.serving.saveServiceLevel(stage.lead, { ...LEVEL, prices: null, expectedRowVersion: 0 })).rejects.toMatchObject({ code: "stale_version" });
    // The same again changes nothing and says nothing.
    expect(await stage.app.serving.saveServiceLevel(stage.lead, { ...LEVEL, expectedRowVersion: 1 })).toEqual({ rowVersion: 1 });
    await expect(stage.app.serving.saveServiceLevel({ ...stage.lead, roles: [{ role: "auditor", environmentId: null }] }, { ...LEVEL, expectedRowVersion: null })).rejects.toMatchObject({ code: /forbidden|not_found/ });
    await expect(stage.app.serving.saveServiceLevel(stage.lead, { ...LEVEL, objectives: { availability: 1, latencyMs: null, latencyShare: null }, expectedRowVersion: null })).rejects.toThrow(/nothing may ever fail/);
    await expect(stage.app.serving.saveServiceLevel(stage.lead, { ...LEVEL, objectives: { availability: 0.99, latencyMs: 5, latencyShare: null }, expectedRowVersion: null })).rejects.toThrow(/a time and a share/);
    const { events } = await stage.app.audit.list({ ...stage.lead, roles: [{ role: "auditor", environmentId: null }] }, { limit: 200 });
    const changes = events.filter(({ action }) => action === "endpoint.service_level_changed");
    expect(changes).toHaveLength(1);
    expect(changes[0]?.targets.map(({ type, name }: AuditTarget) => `${type} ${name ?? ""}`)).toContain("endpoint triage");
  });

  it("fires when the budget is spent too fast over the hour and the last five minutes, and says by what", async () => {
    expect(await look(5, "budget_burn_fast")).toMatchObject({ state: "OK" });
    for (let minute = 5; minute < 10; minute += 1) await traffic(minute, 30);
    // In the hour 900 of 6000 failed, 15 times what 99 % allows; in the last five minutes 900 of 3000, 30 times. The limit is 13.44.
    const first = await look(9, "budget_burn_fast");
    expect(first).toMatchObject({ state: "PENDING", subjects: ["availability"] });
    expect(first?.sentence).toBe("The budget for availability is spent 15.0 times as fast as it lasts over 1 h, 30.0 times over 5 min; the limit is 13.44");
    expect(await open()).toEqual([]);
    await traffic(10, 30);
    expect(await look(10, "budget_burn_fast")).toMatchObject({ state: "FIRING" });
    expect(await open()).toEqual([["budget_burn_fast", ["availability"], "page"]]);
  });

  it("resolves soon after the cause has gone, though the hour is still bad", async () => {
    for (let minute = 11; minute < 20; minute += 1) {
      await traffic(minute, 0);
      await look(minute, "budget_burn_fast");
    }
    expect(await open()).toEqual([]);
  });

  it("shows what is left of each budget, and what numbers of replicas would have cost", async () => {
    const view = await read();
    // 60 000 and 20 minutes of 600 requests; 180 failed in each of six minutes: 1080 of 72 000, where 720 may.
    expect(view.budgets[0]).toMatchObject({ objective: "availability", total: 72_000, bad: 1080, attained: 0.985 });
    expect(view.budgets[0]?.left).toBeCloseTo(-0.5, 6);
    expect(view.budgets[1]).toMatchObject({ objective: "latency", total: 70_920, bad: 0, left: 1 });
    expect(view.burns).toHaveLength(6);
    // Forty stretches of five minutes, five of them with traffic, none of which keeps a replica more than a tenth busy.
    expect(view.capacity).toMatchObject({ hours: 10 / 3, requests: 72_000, isStored: true });
    expect(view.capacity?.rows.map(({ minReplicas, isInForce, saturatedShare, fragileShare }) => [minReplicas, isInForce, saturatedShare, fragileShare])).toEqual([
      [1, false, 0, 5 / 40],
      [2, true, 0, 0],
      [3, false, 0, 0],
      [4, false, 0, 0],
    ]);
    // Two replicas for 730 hours at 0.50, and 10; 72 thousand in 10/3 hours are 15 768 thousand in a month.
    expect(view.capacity?.rows[1]?.costPerMonth).toBeCloseTo(740, 6);
    expect(view.capacity?.rows[1]?.costPerThousand).toBeCloseTo(740 / 15_768, 6);
  });

  it("counts answers past the time that was promised as slow", async () => {
    await stage.app.serving.saveServiceLevel(stage.lead, { ...LEVEL, objectives: { availability: 0.99, latencyMs: 0.5, latencyShare: 0.95 }, expectedRowVersion: 1 });
    expect((await read()).budgets[1]).toMatchObject({ objective: "latency", total: 70_920, bad: 70_920, attained: 0 });
  });
});
