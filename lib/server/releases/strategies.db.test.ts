import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WindowReport } from "#lib/contracts/runtime-protocol.ts";
import { AppError } from "#lib/domain/errors.ts";

import { defaultCanaryPlan, PRODUCTION_CANARY_POLICY, STRATEGIES } from "#lib/domain/release/plan.ts";
import { planOfStrategy } from "#lib/domain/release/strategy-plans.ts";
import { policyActor } from "../ports.ts";
import { recordSmokeTest } from "./record-smoke-test.ts";
import { releaseStage, type ReleaseStage } from "./release-stage.fixture.ts";

const REASON = "Seen and decided in a test.";
const NONE = { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 };

let stage: ReleaseStage;
let now: { id: string; number: number; digest: string };

const canary = { ...defaultCanaryPlan(PRODUCTION_CANARY_POLICY), bakeSeconds: 3_600 };

beforeAll(async () => {
  stage = await releaseStage({ allowedStrategies: [...STRATEGIES], approvalsRequired: 0, faultInjection: true });
});
afterAll(async () => stage.close());

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const machine = async () => (await stage.app.store.read((db) => db.releases.getRelease({ id: now.id }))).release;
const route = async () => stage.app.store.read(async (db) => db.endpoints.currentRoute((await machine()).endpointId));
const page = () => stage.app.views.readReleaseView(stage.lead, { number: now.number });
const act = (body: object = { reason: REASON }) => ({ releaseId: now.id, expectedRowVersion: null, body });
const settle = async () => {
  while (await stage.reconcile(now.id));
};
/** Until it waits for something else than a runtime. */
async function advance(rounds = 4): Promise<string> {
  for (let round = 0; round < rounds; round += 1) {
    await settle();
    await stage.confirm();
  }
  await settle();
  return stage.state(now.id);
}
async function past(): Promise<void> {
  const { endpointId, stableVersionId } = await machine();
  await stage.report([{ endpointId, versionId: stableVersionId, requests: 1_000 }]);
}
async function end(): Promise<void> {
  await stage.app.releases.rollbackRelease(stage.engineer, act({ cause: "business_decision", reason: REASON }));
  await advance();
}
const smoke = async (passed: number) =>
  recordSmokeTest(stage.app.store)(policyActor(), { releaseId: now.id, inputs: "golden", results: [{ runtime: "rt-1", passed, total: 10, slowestMs: 1 }] });

describe("blue-green, on a real database", () => {
  it("waits at 0 % for its smoke test, then for a person, switches in one table and goes back in one", async () => {
    now = await stage.createRelease({ strategy: "blue_green", plan: planOfStrategy("blue_green", canary) });
    await past();
    expect(await advance()).toBe("STEP_ACTIVE");
    expect((await route())?.arms).toMatchObject([{ arm: "stable", weightBp: 10_000 }, { arm: "candidate", weightBp: 0, preview: true }]);
    const waiting = await page();
    expect(waiting.wait?.code).toBe("awaiting_smoke_test");
    expect(waiting.byStrategy.preview).toMatchObject({ header: "slipway-preview", value: now.id, smokeTest: null });

    await smoke(10);
    expect(await advance()).toBe("AWAITING_GATE");
    expect((await page()).sentence).toContain("a person switches all traffic");
    expect(await codeOf(stage.app.releases.passGate(stage.engineer, act()))).toBe("forbidden");
    await stage.app.releases.passGate(stage.lead, act());
    const { candidateVersionId, stableVersionId } = await machine();
    expect((await route())?.arms).toEqual([
      { arm: "stable", versionId: candidateVersionId, weightBp: 10_000 },
      { arm: "previous", versionId: stableVersionId, weightBp: 0 },
    ]);
    expect(await advance()).toBe("BAKING");

    await stage.app.releases.rollbackRelease(stage.engineer, act({ cause: "errors", reason: REASON }));
    expect((await route())?.arms).toEqual([{ arm: "stable", versionId: stableVersionId, weightBp: 10_000 }]);
    expect(await advance()).toBe("ROLLED_BACK");
  });

  it("never switches when golden inputs are answered otherwise", async () => {
    now = await stage.createRelease({ strategy: "blue_green", plan: planOfStrategy("blue_green", canary) });
    expect(await advance()).toBe("STEP_ACTIVE");
    await smoke(9);
    expect(await advance()).toBe("ABORTED");
    expect((await page()).sentence).toContain("9 of 10 golden inputs");
  });
});

type Pairs = NonNullable<WindowReport["pairs"]>;
const pairs = (units: number, unitsDisagreed: number, over: Partial<Pairs> = {}): Pairs => ({
  sampled: units,
  dropped: 0,
  compared: units,
  agreed: units - unitsDisagreed,
  units,
  unitsDisagreed,
  candidateFailed: 0,
  stableFailed: 0,
  classes: [["3", "3", units - unitsDisagreed] as [string, string, number], ["3", "8", unitsDisagreed] as [string, string, number]],
  scoreDeltas: [0, 0, 0, 0, units, 0, 0, 0, 0, 0],
  ...over,
});

describe("a challenger, on a real database", () => {
  const shadow = planOfStrategy("shadow", canary);
  const plan = { ...shadow, shadow: { samplingBp: 10_000, dwellSeconds: 0, comparison: { ...shadow.shadow!.comparison!, minUnits: 500 } } };

  async function mirrored(counts: ReturnType<typeof pairs>): Promise<void> {
    const { endpointId, candidateVersionId, epoch } = await machine();
    await stage.report([{ endpointId, versionId: candidateVersionId, arm: "shadow", releaseId: now.id, epoch: epoch ?? 0, requests: counts.compared, units: counts.units, pairs: counts }]);
  }

  it("is compared pair by pair, waits for a person, and ends with its copy stopped everywhere", async () => {
    now = await stage.createRelease({ strategy: "shadow", plan });
    expect(await advance()).toBe("SHADOWING");
    expect((await route())?.arms[1]).toMatchObject({ arm: "shadow", weightBp: 10_000, tolerance: 0.05 });
    await mirrored(pairs(200, 3));
    expect(await advance()).toBe("SHADOWING");
    expect((await page()).wait?.code).toBe("comparing");
    await mirrored(pairs(800, 4));
    expect(await advance()).toBe("AWAITING_GATE");

    const shown = (await page()).byStrategy;
    expect(shown.isMirroring).toBe(true);
    expect(shown.paired).toMatchObject({ word: "SAFE", units: 1_000, unitsDisagreed: 7, compared: 1_000 });
    expect(shown.paired?.classes[0]).toEqual({ stable: "3", candidate: "8", pairs: 7 });
    await stage.app.releases.deprecateRelease(stage.engineer, act());
    expect(await stage.state(now.id)).toBe("ROLLING_BACK");
    expect((await route())?.arms.map(({ arm }) => arm)).toEqual(["stable"]);
    expect(await advance()).toBe("DEPRECATED");
    const ended = await page();
    expect(ended.sentence).toContain("agreement 99.3 % of 1,000");
    expect(ended.sentence).toContain("stopped on every runtime");
    // What was found stays, as it stood.
    expect(ended.byStrategy.paired?.units).toBe(1_000);
  });

  it("goes on to the steps when a person says so", async () => {
    now = await stage.createRelease({ strategy: "shadow", plan });
    await advance();
    await mirrored(pairs(800, 0));
    expect(await advance()).toBe("AWAITING_GATE");
    await stage.app.releases.passGate(stage.lead, act());
    expect(await stage.state(now.id)).toBe("STEP_ACTIVE");
    expect((await route())?.arms.map(({ arm, weightBp }) => [arm, weightBp])).toEqual([["stable", 9_500], ["candidate", 500]]);
    await end();
    expect(await stage.state(now.id)).toBe("ROLLED_BACK");
  });

  it("that fails where stable answers is stopped by itself", async () => {
    now = await stage.createRelease({ strategy: "shadow", plan });
    await advance();
    await mirrored(pairs(100, 0, { candidateFailed: 60 }));
    expect(await advance()).toBe("ABORTED");
    expect((await page()).sentence).toContain("60 keys on which it alone failed");
  });
});

describe("A/B, all at once and drills, on a real database", () => {
  const arms = async (values: { stable: number; candidate: number }) => {
    const epoch = await stage.confirm();
    const { endpointId, stableVersionId, candidateVersionId } = await machine();
    const base = { endpointId, releaseId: now.id, epoch, firstBad: NONE, requests: 6_000, units: 6_000 };
    const worth = (mean: number) => ({ received: 6_000, sum: 6_000 * mean, sumSquares: 6_000 * (mean * mean + 1) });
    await stage.report([
      { ...base, versionId: stableVersionId, arm: "stable", values: worth(values.stable) },
      { ...base, versionId: candidateVersionId, arm: "candidate", values: worth(values.candidate) },
    ]);
  };
  const ab = planOfStrategy("ab", canary);
  const plan = { ...ab, steps: [{ weightBp: 5_000, dwellSeconds: 0, minUnits: 100, advance: "better" as const }], outcome: { ...ab.outcome!, metric: "value" as const, better: "higher" as const } };

  it("A/B promotes the version whose values are proven better", async () => {
    now = await stage.createRelease({ strategy: "ab", plan });
    expect(await advance()).toBe("STEP_ACTIVE");
    await arms({ stable: 10, candidate: 10.01 });
    await settle();
    expect((await page()).wait?.code).toBe("awaiting_outcome");
    await arms({ stable: 10, candidate: 10.5 });
    await settle();
    expect(await stage.state(now.id)).toBe("PROMOTING");
    expect((await page()).byStrategy.outcome?.word).toBe("BETTER");
    await advance();
    await end();
  });

  it("A/B takes back the version whose values are proven worse", async () => {
    now = await stage.createRelease({ strategy: "ab", plan });
    await advance();
    await arms({ stable: 10, candidate: 9 });
    await settle();
    expect(await stage.state(now.id)).toBe("ROLLING_BACK");
    await advance();
    expect((await page()).sentence).toContain("by its outcome: outcome proven worse");
  });

  it("all at once goes straight to promotion where the tier allows it", async () => {
    now = await stage.createRelease({ strategy: "all_at_once", plan: planOfStrategy("all_at_once", canary) });
    expect(await advance(2)).toBe("BAKING");
    await end();
    expect(await stage.state(now.id)).toBe("ROLLED_BACK");
  });

  it("a drill puts its fault in, is found by its guards, and becomes evidence that expires", async () => {
    now = await stage.createRelease({ drill: "errors" });
    expect(await advance()).toBe("STEP_ACTIVE");
    expect((await route())?.arms[1]).toMatchObject({ arm: "candidate", weightBp: 5_000, fault: { kind: "errors", share: 0.5 } });
    expect(await codeOf(stage.app.releases.promoteRelease(stage.lead, act()))).toBe("conflict");
    const epoch = await stage.confirm();
    const { endpointId, stableVersionId, candidateVersionId } = await machine();
    const base = { endpointId, releaseId: now.id, epoch };
    await stage.report([
      { ...base, versionId: stableVersionId, arm: "stable", requests: 100, units: 100 },
      { ...base, versionId: candidateVersionId, arm: "candidate", requests: 100, units: 100, errors: 50, firstBad: { ...NONE, error: 50 } },
    ]);
    expect(await advance()).toBe("ROLLED_BACK");
    const evidence = await stage.app.store.read((db) => db.evidence.evidenceOf("version", candidateVersionId));
    const drill = evidence.find(({ kind }) => kind === "rollback_drill_passed");
    expect(drill).toMatchObject({ verdict: "passed", details: { cause: "harm", fired: "error rate", goldenEqual: true, fault: { kind: "errors" } } });
    expect(evidence.filter(({ kind }) => kind.startsWith("rollback_drill"))).toHaveLength(1);
    expect(drill?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 89 * 86_400_000);
    expect((await page()).byStrategy.drill).toMatchObject({ passed: true });
    const listed = await stage.app.releases.listDrills(stage.lead, { endpoint: null });
    expect(listed.rows[0]).toMatchObject({ releaseNumber: now.number, passed: true, fired: "error rate", evidenceExpiresAt: drill?.expiresAt?.toISOString() });
    expect((await stage.app.releases.listDrills(stage.lead, { endpoint: listed.rows[0]?.endpointName ?? "" })).rows).toEqual(listed.rows);
    expect((await stage.app.releases.listDrills(stage.lead, { endpoint: "no-such-endpoint" })).rows).toEqual([]);
  });
});

describe("before the start", () => {
  it("another plan has another digest, and voids what was signed", async () => {
    const other = await releaseStage({ approvalsRequired: 2 });
    try {
      const draft = await other.createRelease();
      const approve = (digest: string) =>
        codeOf(other.app.releases.approveRelease(other.lead, { releaseId: draft.id, expectedRowVersion: null, body: { meaning: "evidence_reviewed", reason: REASON, digest } }));
      expect(await approve(draft.digest)).toBe("done");
      const before = await other.app.views.readReleaseView(other.lead, { number: draft.number });
      const plan = { ...before.plan, bakeSeconds: 7_200 };
      await other.app.releases.changePlan(other.engineer, { releaseId: draft.id, expectedRowVersion: null, body: { plan, reason: REASON } });
      const after = await other.app.views.readReleaseView(other.lead, { number: draft.number });
      expect(after.approvals.given).toBe(0);
      expect(after.approvals.rows[0]?.voidReason).toContain("plan was changed");
      expect(after.planDigest).not.toBe(before.planDigest);
      expect(after.planDifferences).toEqual([{ place: "bake, s", usual: "0", here: "7200" }]);
      expect(await approve(draft.digest)).toBe("stale_version");

      const next = await other.createRelease({ supersede: true });
      expect(await other.state(draft.id)).toBe("SUPERSEDED");
      expect(await other.state(next.id)).toBe("PENDING_APPROVAL");
      expect(await codeOf(other.createRelease({ drill: "latency", supersede: true }))).toBe("invalid_input");
    } finally {
      await other.close();
    }
  });
});
