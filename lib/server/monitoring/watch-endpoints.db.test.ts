import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultRules } from "#lib/domain/drift/alert-rules.ts";
import { monitorKinds } from "#lib/domain/drift/monitor-evidence.ts";
import { evaluateEndpoint } from "./evaluate-endpoint.ts";
import { freezeBaseline, FREEZE_ROWS } from "./freeze-baseline.ts";
import { monitoringStage, type MonitoringStage } from "./monitoring-stage.fixture.ts";
import { MONITOR_ACTOR, settleAlert } from "./raise-alert.ts";
import { recordMonitorEvidence } from "./record-evidence.ts";
import { rollUpDue } from "./roll-up-windows.ts";

const RADIUS = "worst_radius";

describe("watching an endpoint that is under no release", () => {
  let stage: MonitoringStage;
  beforeAll(async () => {
    stage = await monitoringStage();
  });
  afterAll(() => stage.close());

  const minute = (index: number) => new Date(stage.start.getTime() + (index + 1) * 60_000 + 5_000);

  /** Six windows of one minute, added up. `shift` moves one feature's values into its last bin. */
  async function traffic(index: number, rows = 100, shift: string | null = null): Promise<void> {
    const windows = Array.from({ length: 6 }, (_, part) =>
      stage.window(index * 60 + part * 10, rows, (window) => {
        const { monitoring } = window;
        if (monitoring === undefined || shift === null) return window;
        const features = monitoring.features.map((one) =>
          one.name === shift ? { ...one, cells: one.cells.map((_, cell) => (cell === one.cells.length - 1 ? rows : 0)) } : one,
        );
        return { ...window, monitoring: { ...monitoring, features } };
      }),
    );
    await stage.send(windows);
    await rollUpDue(stage.app.store);
  }

  /** One round as the monitor makes it, at the end of this minute. */
  async function look(now: Date): Promise<Map<string, { state: string; sentence: string; subjects: readonly string[] }>> {
    const { store } = stage.app;
    const endpoint = await store.read((db) => db.endpoints.getEndpoint({ id: stage.endpointId }));
    const route = await store.read((db) => db.endpoints.currentRoute(stage.endpointId));
    if (route === null) throw new Error("No route.");
    const { rules } = await store.read((db) => db.alerts.rulesOf(stage.endpointId));
    const standings = await store.read((db) => db.monitors.standingsOf([stage.endpointId]));
    const found = await store.read((db) => evaluateEndpoint(db, { endpoint, route, rules, senders: { kind: "runtime", heardAt: now }, standings }, now));
    await store.telemetry(async ({ monitors }) => {
      await monitors.saveStandings(stage.endpointId, found.standings, found.versionIds);
      for (const evaluation of found.evaluations) await monitors.saveEvaluation(evaluation);
    });
    for (const { ruleKey } of found.standings) {
      await settleAlert(store)(MONITOR_ACTOR, { endpointId: stage.endpointId, versionId: stage.versionId, ruleKey });
    }
    return new Map((await store.read((db) => db.monitors.standingsOf([stage.endpointId]))).map((one) => [one.ruleKey, one]));
  }
  const open = () => stage.app.store.read((db) => db.alerts.openAlerts([stage.endpointId]));

  it("is within every limit for traffic that looks like the training data", async () => {
    await traffic(0);
    const seen = await look(minute(0));
    expect(seen.get("feature_drift")).toMatchObject({ state: "OK" });
    expect(seen.get("error_rate")).toMatchObject({ state: "OK" });
    expect(seen.get("prediction_drift")?.state).toBe("INSUFFICIENT");
    expect(seen.get("prediction_drift")?.sentence).toContain("frozen from the deployment's first traffic");
    expect(await open()).toEqual([]);
  });

  it("fires the drift of the one feature that moved, at the second window, and nothing else", async () => {
    await traffic(1, 100, RADIUS);
    expect((await look(minute(1))).get("feature_drift")).toMatchObject({ state: "PENDING", subjects: [RADIUS] });
    expect(await open()).toEqual([]);
    await traffic(2, 100, RADIUS);
    const seen = await look(minute(2));
    expect(seen.get("feature_drift")).toMatchObject({ state: "FIRING", subjects: [RADIUS] });
    const alerts = await open();
    expect(alerts.map(({ ruleKey, subjects, signalClass }) => [ruleKey, subjects, signalClass])).toEqual([["feature_drift", [RADIUS], "model"]]);
    // The same round again opens nothing twice.
    await look(minute(2));
    expect(await open()).toHaveLength(1);
  });

  it("resolves after three quiet windows and reopens the same alert, quietly, within the cooldown", async () => {
    for (const index of [3, 4, 5]) {
      await traffic(index);
      await look(minute(index));
    }
    expect(await open()).toEqual([]);
    for (const index of [6, 7]) {
      await traffic(index, 100, RADIUS);
      await look(minute(index));
    }
    const [again] = await open();
    expect(again).toMatchObject({ number: 1, ruleKey: "feature_drift" });
    expect(again?.refiredAt).not.toBeNull();
  });

  it("takes an acknowledgement once, by a person who may, and keeps it in the trail", async () => {
    const [alert] = await open();
    const { number } = alert ?? { number: 0 };
    await stage.app.monitoring.acknowledgeAlert(stage.lead, { number, note: "A new scanner; looked at." });
    await expect(stage.app.monitoring.acknowledgeAlert(stage.engineer, { number, note: "Me too." })).rejects.toMatchObject({ code: "conflict" });
    await expect(stage.app.monitoring.acknowledgeAlert(stage.runtime, { number, note: "No." })).rejects.toMatchObject({ code: "not_found" });
    expect((await open())[0]?.acknowledgement).toBe("A new scanner; looked at.");
  });

  it("goes stale with the reason when nothing comes, and does not end an alert by it", async () => {
    const later = new Date(minute(7).getTime() + 20 * 60_000);
    const seen = await look(later);
    expect(seen.get("feature_drift")).toMatchObject({ state: "STALE" });
    expect(seen.get("feature_drift")?.sentence).toMatch(/^Runtimes report, but this version answered nothing for \d+ s\.$/);
    expect(await open()).toHaveLength(1);
  });

  it("grows the window until there are enough values for a verdict", async () => {
    // 30 rows a minute are too few for any minute; an hour of them is not.
    const first = 60;
    for (let index = first; index < first + 20; index += 1) await traffic(index, 5);
    const seen = await look(minute(first + 19));
    expect(seen.get("feature_drift")?.state).not.toBe("INSUFFICIENT");
    const [newest] = await stage.app.store.read((db) =>
      db.monitors.evaluationsOf({ endpointId: stage.endpointId, versionId: stage.versionId, from: stage.start }, 1),
    );
    expect(newest === undefined ? 0 : newest.windowEnd.getTime() - newest.windowStart.getTime()).toBeGreaterThanOrEqual(300_000);
  });

  it("freezes the answers of the deployment's first traffic once, and then compares with them", async () => {
    const freeze = () => freezeBaseline(stage.app.store)(MONITOR_ACTOR, { endpointId: stage.endpointId, versionId: stage.versionId });
    expect(await freeze()).toEqual({ frozen: false });
    // The deployment began now; its first traffic is what comes from now on.
    const offset = Math.floor((Date.now() - stage.start.getTime()) / 1000);
    const base = Math.floor(offset / 10) * 10;
    await stage.send([stage.window(base, FREEZE_ROWS)]);
    await rollUpDue(stage.app.store, -120);
    expect(await freeze()).toEqual({ frozen: true });
    expect(await freeze()).toEqual({ frozen: false });
    const frozen = await stage.app.store.read((db) => db.baselines.frozenBaseline(stage.endpointId, stage.versionId));
    expect(frozen?.rows).toBeGreaterThanOrEqual(FREEZE_ROWS);
    expect(frozen?.outputs.every(({ reference }) => reference !== null)).toBe(true);
  });

  it("writes what it can vouch for as evidence, and not twice", async () => {
    await stage.app.store.telemetry(({ monitors }) => monitors.saveStandings(stage.endpointId, [], [stage.versionId]));
    const record = () => recordMonitorEvidence(stage.app.store)(MONITOR_ACTOR, { endpointId: stage.endpointId });
    const { recorded } = await record();
    expect(recorded).toBeGreaterThanOrEqual(3);
    expect(await record()).toEqual({ recorded: 0 });
    const evidence = await stage.app.store.read((db) => db.evidence.endpointEvidence(stage.endpointId, monitorKinds));
    const byKind = new Map(evidence.map((one) => [one.kind, one]));
    expect(byKind.get("drift_monitor_active")?.details).toMatchObject({ features: 30, alertRouteTested: false });
    expect(byKind.get("drift_monitor_active")?.verdict).toBe("failed");
    expect(byKind.get("prediction_drift_baseline_set")).toMatchObject({ verdict: "passed", details: { version: "1.0.0", comparing: true } });
    expect(byKind.has("business_outcome_linked")).toBe(false);
  });

  it("changes rules as a whole, against the version that was seen, with the reason in the trail", async () => {
    const rules = defaultRules.map((rule) => (rule.key === "error_rate" ? { ...rule, limit: 0.5 } : rule));
    const body = { endpoint: "triage", rules: [...rules], reason: "A noisy upstream." };
    expect(await stage.app.monitoring.saveAlertRules(stage.lead, { ...body, expectedRowVersion: 0 })).toEqual({ rowVersion: 1 });
    await expect(stage.app.monitoring.saveAlertRules(stage.lead, { ...body, rules: [...defaultRules], expectedRowVersion: 0 })).rejects.toMatchObject({ code: "stale_version" });
    const bad = defaultRules.map((rule) => (rule.key === "error_rate" ? { ...rule, limit: 2 } : rule));
    await expect(stage.app.monitoring.saveAlertRules(stage.lead, { ...body, rules: bad, expectedRowVersion: 1 })).rejects.toThrow(/at most 1/);
  });
});
