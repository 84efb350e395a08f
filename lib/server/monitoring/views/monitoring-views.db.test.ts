import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monitoringView } from "#lib/contracts/views/monitoring-view.ts";
import { createMonitors } from "../watch-endpoints.ts";
import { monitoringStage, type MonitoringStage } from "../monitoring-stage.fixture.ts";
import { rollUpDue } from "../roll-up-windows.ts";

describe("what the monitoring page reads", () => {
  let stage: MonitoringStage;
  beforeAll(async () => {
    stage = await monitoringStage();
    // Five minutes that end now, so that "the last hour" holds them; labels and outcome values with the third.
    const offset = Math.floor((Date.now() - stage.start.getTime()) / 60_000) * 60 - 300;
    const windows = Array.from({ length: 30 }, (_, index) =>
      stage.window(offset + index * 10, 100, (window) => ({
        ...window,
        labels: { received: 20, wrong: 2 },
        labelPairs: [["benign", "benign", 12], ["malignant", "malignant", 6], ["benign", "malignant", 2]],
        values: { received: 10, sum: 50, sumSquares: 260 },
        inferenceUs: window.latencyUs,
        reasons: [{ reason: "timeout", status: 504, count: 1 }],
      })),
    );
    await stage.send(windows);
    await rollUpDue(stage.app.store, -120);
    const monitors = createMonitors(stage.app.store, (error) => {
      throw error;
    });
    await monitors.round();
    await monitors.stop();
  });
  afterAll(() => stage.close());

  const read = (feature: string | null = null) => stage.app.monitoring.readMonitoring(stage.lead, { endpoint: "triage", range: "1h", against: "training", version: null, feature });

  it("holds three classes of signals, features by excess, performance and value, in the form the page parses", async () => {
    const view = await read("worst_radius");
    expect(() => monitoringView.parse(view)).not.toThrow();
    expect(view.versionName).toBe("1.0.0");
    expect(new Set(view.signals.map(({ signalClass }) => signalClass))).toEqual(new Set(["infrastructure", "model", "business"]));
    expect(view.signals.find(({ key }) => key === "error_rate")?.state).toBe("OK");
    expect(view.features).toHaveLength(30);
    expect(view.feature?.bins.map(({ label }) => label)).toContain("under");
    expect(view.feature?.bins.reduce((sum, { current }) => sum + current, 0)).toBeCloseTo(1, 9);
    expect(view.performance).toMatchObject({ labels: 600, accuracy: 0.9 });
    expect(view.performance.classes.find(({ label }) => label === "malignant")).toMatchObject({ support: 240, precision: 1, recall: 0.75 });
    expect(view.versions[0]).toMatchObject({ requests: 3000, values: 300, valueMean: 5 });
    expect(view.reasons).toEqual([{ reason: "timeout", status: 504, count: 30 }]);
    expect(view.points.filter(({ requestsPerSecond }) => requestsPerSecond !== null).length).toBeGreaterThanOrEqual(5);
    expect(view.say).toContain("1.0.0");
  });

  it("estimates accuracy by what earlier labels say of each score, and by the score itself only while there are too few", async () => {
    const before = await read();
    // Scores are spread evenly here, so probabilities taken at their word are right in three of four answers.
    expect(before.performance).toMatchObject({ calibrationLabels: 0, estimatedAccuracy: expect.closeTo(0.75, 6) as unknown });
    // Two hours ago half of the labelled answers of every score were malignant: the scores say nothing.
    const even = [...Array.from({ length: 20 }, () => 10), 0, 0];
    await stage.send([
      stage.window(0, 400, (window) => ({
        ...window,
        labels: { received: 400, wrong: 200 },
        ...(window.monitoring === undefined ? {} : { monitoring: { ...window.monitoring, labelsByScore: [["benign", even], ["malignant", even]] } }),
      })),
    ]);
    await rollUpDue(stage.app.store, -120);
    expect((await read()).performance).toMatchObject({ calibrationLabels: 400, estimatedAccuracy: expect.closeTo(0.5, 6) as unknown });
  });

  it("hides an endpoint from people who may not read it, and lists no alerts that are not there", async () => {
    await expect(stage.app.monitoring.readMonitoring(stage.runtime, { endpoint: "nowhere", range: "1h", against: "training", version: null, feature: null })).rejects.toMatchObject({ code: "not_found" });
    expect((await stage.app.monitoring.readAlerts(stage.lead, { show: "all", before: null })).alerts).toEqual([]);
    const rules = await stage.app.monitoring.readAlertRules(stage.lead, { endpoint: "triage" });
    expect(rules).toMatchObject({ isDefault: true, rowVersion: 0 });
    expect(rules.mayEdit.open).toBe(true);
  });
});
