import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultCanaryPlan, PRODUCTION_CANARY_POLICY, STRATEGIES } from "#lib/domain/release/plan.ts";
import { planOfStrategy } from "#lib/domain/release/strategy-plans.ts";
import { releaseStage, type ReleaseStage } from "./release-stage.fixture.ts";

const canary = { ...defaultCanaryPlan(PRODUCTION_CANARY_POLICY), bakeSeconds: 0 };
const plan = { ...planOfStrategy("all_at_once", canary), keepWarmSeconds: 3_600 };

describe("deployments, the record of what is on an endpoint", () => {
  let stage: ReleaseStage;
  beforeAll(async () => {
    stage = await releaseStage({ allowedStrategies: [...STRATEGIES], approvalsRequired: 0, bakeSeconds: 0 });
  });
  afterAll(() => stage.close());

  const endpointId = async () => (await stage.app.store.read((db) => db.endpoints.getEndpoint({ name: "digits" }))).id;
  const open = async () => {
    const id = await endpointId();
    return (await stage.app.store.read((db) => db.endpoints.openDeployments(id))).map(({ versionName }) => versionName);
  };
  const entries = async (action: string) => {
    const { events } = await stage.app.audit.list({ ...stage.lead, roles: [{ role: "auditor", environmentId: null }] }, { limit: 200 });
    return events.filter((event) => event.action === action).length;
  };
  /** Until it waits for something else than a runtime. */
  async function advance(releaseId: string): Promise<string> {
    for (let round = 0; round < 5; round += 1) {
      while (await stage.reconcile(releaseId));
      await stage.confirm();
    }
    return stage.state(releaseId);
  }
  async function past(): Promise<void> {
    const { id, stableVersionId } = await stage.app.store.read((db) => db.endpoints.getEndpoint({ name: "digits" }));
    await stage.report([{ endpointId: id, versionId: stableVersionId ?? "", requests: 1_000 }]);
  }

  it("are as many as the versions of the weights: a version that was kept warm and comes again as a candidate is there once", async () => {
    await past();
    const first = await stage.createRelease({ strategy: "all_at_once", plan });
    expect(await advance(first.id)).toBe("BAKING");
    const { release } = await stage.app.store.read((db) => db.releases.getRelease({ id: first.id }));
    await stage.report([{ endpointId: release.endpointId, versionId: release.candidateVersionId, epoch: release.promotionEpoch ?? 0, requests: 1_000 }]);
    expect(await advance(first.id)).toBe("COMPLETED");
    expect(await open()).toEqual(["1.0.0", "1.1.0"]);

    const second = await stage.createRelease({ version: "1.0.0", strategy: "all_at_once", plan });
    while (await stage.reconcile(second.id));
    expect((await open()).sort()).toEqual(["1.0.0", "1.1.0"]);
    await stage.app.releases.rollbackRelease(stage.lead, { releaseId: second.id, expectedRowVersion: null, body: { cause: "business_decision", reason: "Not this one after all." } });
    await advance(second.id);
    expect(await open()).toEqual(["1.1.0"]);

    const id = await endpointId();
    const all = await stage.app.store.read((db) => db.endpoints.deploymentsOf({ endpointId: id }, 10));
    expect(all.map(({ versionName, endedAt }) => [versionName, endedAt !== null])).toEqual([["1.0.0", true], ["1.1.0", false], ["1.0.0", true]]);
    expect(await entries("deployment.started")).toBe(3);
    expect(await entries("deployment.ended")).toBe(2);
  });
});
