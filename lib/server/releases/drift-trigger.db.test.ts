import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import type { MonitoringBaseline } from "#lib/contracts/runtime-telemetry.ts";
import { defaultCanaryPlan, PRODUCTION_CANARY_POLICY } from "#lib/domain/release/plan.ts";
import type { Trigger } from "#lib/domain/release/plan-parts.ts";
import { explainDecision } from "#lib/domain/release/explain.ts";
import { rollUpDue } from "../monitoring/roll-up-windows.ts";
import { releaseStage, type ReleaseStage } from "./release-stage.fixture.ts";

const TRIGGER: Trigger = { metric: "featureDrift", threshold: 0.6, seconds: 60, intervals: 2, minRequests: 50, action: "roll_back" };
const plan = { ...defaultCanaryPlan(PRODUCTION_CANARY_POLICY), bakeSeconds: 0, triggers: [TRIGGER] };
const MINUTE_MS = 60_000;

type Bins = MonitoringBaseline["features"][number];
const cellsOf = (bins: Bins): number => (bins.kind === "numeric" ? bins.edges.length - 1 : bins.values.length);

/** A window's inputs: as in the reference, or all of them above every bin. */
function inputs(baseline: MonitoringBaseline, isDrifted: boolean): NonNullable<WindowReport["monitoring"]> {
  const features = baseline.features.map((bins) => {
    const cells = bins.baseline ?? Array.from({ length: cellsOf(bins) }, () => 1);
    const rows = cells.reduce((sum, count) => sum + count, 0);
    const none = cells.map(() => 0);
    return { name: bins.name, cells: isDrifted ? none : [...cells], under: 0, over: isDrifted ? rows : 0, unseen: 0, nulls: 0, nan: 0, moments: null };
  });
  return { binsHash: baseline.binsHash, rows: 200, rowsSkipped: 0, oodRows: 0, features, outputs: [], labelsByScore: [] };
}

describe("a trigger on the drift of inputs", () => {
  let stage: ReleaseStage;
  beforeAll(async () => {
    stage = await releaseStage({ approvalsRequired: 0 }, "tumour-triage");
  });
  afterAll(() => stage.close());

  const baselineOf = async (versionId: string): Promise<MonitoringBaseline> => {
    const desired = await stage.app.store.readSnapshot((db) => db.desired.readDesiredState());
    const found = desired.baselines?.find((one) => one.versionId === versionId);
    if (found === undefined) throw new Error("The version came without a baseline.");
    return found;
  };
  const release = async (id: string) => (await stage.app.store.read((db) => db.releases.getRelease({ id }))).release;

  /** From the draft to the first step, with stable's own past. */
  async function begin() {
    const { id, number } = await stage.createRelease({ plan });
    const { endpointId, stableVersionId } = await release(id);
    await stage.report([{ endpointId, versionId: stableVersionId, requests: 1_000 }]);
    for (let round = 0; round < 4; round += 1) {
      while (await stage.reconcile(id));
      await stage.confirm();
    }
    while (await stage.reconcile(id));
    expect(await stage.state(id)).toBe("STEP_ACTIVE");
    return { id, number };
  }

  /** Whole minutes of the past in which the candidate answered; each release of a version has minutes of its own. */
  async function served(id: string, minutesAgo: readonly number[], isDrifted: boolean): Promise<void> {
    const { endpointId, candidateVersionId, stableVersionId, stepEpoch } = await release(id);
    const monitoring = inputs(await baselineOf(candidateVersionId), isDrifted);
    const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const base = { endpointId, releaseId: id, epoch: stepEpoch ?? 0 };
    // In the step's own proportion: 5 % of the requests are the candidate's.
    const arms = [
      { ...base, versionId: candidateVersionId, arm: "candidate" as const, requests: 200, units: 200, monitoring },
      { ...base, versionId: stableVersionId, arm: "stable" as const, requests: 3_800, units: 3_800 },
    ];
    await stage.report(minutesAgo.flatMap((minutes) => arms.map((arm) => ({ ...arm, windowStart: new Date(startMs - minutes * MINUTE_MS).toISOString() }))));
    await rollUpDue(stage.app.store);
  }

  it("stays quiet while inputs look like what the candidate was made from", async () => {
    const { id, number } = await begin();
    await served(id, [4, 3], false);
    await stage.reconcile(id);
    expect(await stage.state(id)).toBe("STEP_ACTIVE");
    const [shown] = (await stage.app.views.readReleaseView(stage.lead, { number })).byStrategy.triggers;
    expect(shown).toMatchObject({ word: "QUIET" });
    await stage.app.releases.rollbackRelease(stage.engineer, { releaseId: id, expectedRowVersion: null, body: { cause: "business_decision", reason: "Enough was seen." } });
    await stage.confirm();
    while (await stage.reconcile(id));
  });

  it("fires after its intervals in a row, rolls back, and the decision can be computed again", async () => {
    const { id, number } = await begin();
    await served(id, [2, 1], true);
    expect(await stage.reconcile(id)).toBe(true);
    const { state, rollback } = await release(id);
    expect(state).toBe("ROLLING_BACK");
    expect(rollback?.cause).toBe("trigger");
    expect((await stage.app.views.readReleaseView(stage.lead, { number })).sentence).toContain("feature drift trigger");
    const exported = await stage.app.releases.readDecisions(stage.lead, id);
    expect(exported.decisions.some(({ to, verdict }) => to === "ROLLING_BACK" && verdict === "HARM")).toBe(true);
    const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
    const results = exported.decisions.map((decision) => explainDecision(decision, plan, sha256).result);
    expect(new Set(results)).toEqual(new Set(["identical", "no_counts"]));
  });
});
