import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { recompute } from "#lib/domain/release/verdict.ts";
import { newId } from "../new-id.ts";
import { releaseStage, type ReleaseStage } from "./release-stage.fixture.ts";

const REASON = "Evaluation and model card read, both fine.";

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

async function actionsOn({ app, lead }: ReleaseStage, releaseNumber: number): Promise<string[]> {
  const { events } = await app.audit.list({ ...lead, roles: [{ role: "auditor", environmentId: null }] }, { release: String(releaseNumber), limit: 200 });
  return events.map(({ action }) => action).reverse();
}

describe("a release, on a real database", () => {
  let stage: ReleaseStage;
  let release: { id: string; number: number; digest: string };

  beforeAll(async () => {
    stage = await releaseStage();
    release = await stage.createRelease();
  });
  afterAll(async () => stage.close());

  const approve = (actor: ReleaseStage["lead"], digest = release.digest, seen: number | null = null) =>
    stage.app.releases.approveRelease(actor, {
      releaseId: release.id,
      expectedRowVersion: seen,
      body: { meaning: "evidence_reviewed", reason: REASON, digest },
    });

  it("waits for approval and lets no second release of the endpoint begin", async () => {
    expect(await stage.state(release.id)).toBe("PENDING_APPROVAL");
    expect(await codeOf(stage.createRelease())).toBe("conflict");
  });

  it("is not approved by its author, by an engineer, for another digest or for a state that is gone", async () => {
    const author = { ...stage.engineer, roles: [{ role: "ml_lead" as const, environmentId: null }] };
    expect(await codeOf(approve(author))).toBe("self_approval");
    expect(await codeOf(approve(stage.engineer))).toBe("forbidden");
    expect(await codeOf(approve(stage.lead, `sha256:${"0".repeat(64)}`))).toBe("stale_version");
    expect(await codeOf(approve(stage.lead, release.digest, 41))).toBe("stale_version");
    expect(await stage.state(release.id)).toBe("PENDING_APPROVAL");
  });

  it("takes a new digest when the evidence changes, and refuses a signature for the old one", async () => {
    const before = release.digest;
    const { candidateVersionId } = (await stage.app.store.read((db) => db.releases.getRelease({ id: release.id }))).release;
    await stage.app.store.write(async ({ uow, appendAudit }) => {
      await uow.evidence.insertEvidence({
        id: newId(),
        kind: "load_profile",
        subjectType: "version",
        subjectId: candidateVersionId,
        subjectDigest: "sha256:0",
        verdict: "passed",
        summary: "A later profile.",
        details: {},
        producer: "Test",
        producerVersion: "1",
        inputsHash: newId(),
        expiresAt: null,
      });
      const draft = { action: "evidence.recorded", targets: [] } as const;
      await appendAudit({ drafts: [draft], actor: stage.lead, context: stage.lead.context, forceCheckpoint: false });
    });
    expect(await codeOf(approve(stage.lead))).toBe("stale_version");
    expect(await stage.reconcile(release.id)).toBe(true);
    release = { ...release, digest: (await stage.app.store.read((db) => db.releases.getRelease({ id: release.id }))).release.digest };
    expect(release.digest).not.toBe(before);
  });

  it("has exactly one effect when two people approve at the same moment", async () => {
    const answers = await Promise.all([codeOf(approve(stage.lead)), codeOf(approve(stage.validator))]);
    expect(answers.filter((answer) => answer === "done")).toHaveLength(1);
    expect(await stage.state(release.id)).toBe("APPROVED");
    expect((await actionsOn(stage, release.number)).filter((action) => action === "release.approved")).toHaveLength(1);
  });

  it("gives the candidate weight only once a runtime has it warm and stable's own past is known", async () => {
    expect(await stage.reconcile(release.id)).toBe(true);
    expect(await stage.state(release.id)).toBe("PROVISIONING");
    expect(await stage.reconcile(release.id)).toBe(false);
    await stage.confirm();
    while (await stage.reconcile(release.id));
    expect(await stage.state(release.id)).toBe("WARMING");

    const { release: machine } = await stage.app.store.read((db) => db.releases.getRelease({ id: release.id }));
    await stage.report([{ endpointId: machine.endpointId, versionId: machine.stableVersionId, requests: 1000 }]);
    while (await stage.reconcile(release.id));
    expect(await stage.state(release.id)).toBe("STEP_ACTIVE");
    const route = await stage.app.store.read((db) => db.endpoints.currentRoute(machine.endpointId));
    expect(route?.arms.map(({ arm, weightBp }) => [arm, weightBp])).toEqual([["stable", 9_500], ["candidate", 500]]);
    expect(route?.latencyThresholdsUs).not.toBeNull();
  });

  it("is rolled back by its own failures, and the decision can be computed again from its stored bytes", async () => {
    const epoch = await stage.confirm();
    const { release: machine } = await stage.app.store.read((db) => db.releases.getRelease({ id: release.id }));
    const base = { endpointId: machine.endpointId, releaseId: release.id, epoch };
    const none = { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 };
    await stage.report([
      { ...base, versionId: machine.stableVersionId, arm: "stable", requests: 950, units: 950, errors: 5, firstBad: { ...none, error: 5 } },
      { ...base, versionId: machine.candidateVersionId, arm: "candidate", requests: 50, units: 50, errors: 40, firstBad: { ...none, error: 40 } },
    ]);
    while (await stage.reconcile(release.id));
    expect(await stage.state(release.id)).toBe("ROLLING_BACK");
    await stage.confirm();
    while (await stage.reconcile(release.id));
    expect(await stage.state(release.id)).toBe("ROLLED_BACK");

    const decisions = await stage.app.store.read((db) => db.releases.decisionsOf(release.id));
    const decision = decisions.find(({ toState }) => toState === "ROLLING_BACK");
    expect(decision?.verdict).toBe("HARM");
    const stored = await stage.app.store.read((db) => db.releases.decisionCounts(decision?.id ?? ""));
    const again = recompute(JSON.parse(stored?.counts ?? "{}"), machine.plan);
    expect(JSON.parse(JSON.stringify(again))).toEqual(decision?.report);
  });

  it("goes on showing the guards that decided, whatever windows arrive afterwards", async () => {
    const before = await stage.app.views.readReleaseView(stage.lead, { number: release.number });
    const { release: machine } = await stage.app.store.read((db) => db.releases.getRelease({ id: release.id }));
    const epoch = machine.firstWeightEpoch ?? 0;
    const base = { endpointId: machine.endpointId, releaseId: release.id, epoch };
    await stage.report([
      { ...base, versionId: machine.stableVersionId, arm: "stable", requests: 9_000, units: 9_000, errors: 4_000, firstBad: { error: 4_000, latencyP95: 0, latencyP99: 0, wrongLabel: 0 } },
      { ...base, versionId: machine.candidateVersionId, arm: "candidate", requests: 4_000, units: 4_000 },
    ]);
    const after = await stage.app.views.readReleaseView(stage.lead, { number: release.number });
    expect(before.guards.find(({ metric }) => metric === "error")?.word).toBe("HARM");
    expect(after.guards).toEqual(before.guards);
    expect(after.predictions).toEqual(before.predictions);
    expect(after.guards[0]?.name.toLowerCase()).toBe("error rate");
    expect(after.sentence).toContain("error rate");
    expect(after.decided).toMatchObject({ decisionId: expect.any(String) as unknown, countsSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect(after.decided?.later).toContain("4,000 more requests");
    expect(after.decided?.later).toContain("error rate would read within limit");
    expect(before.decided?.later).toBeNull();
  });

  it("left one entry in the trail for every decision, route and deployment, and the trail verifies", async () => {
    const actions = await actionsOn(stage, release.number);
    const decisions = await stage.app.store.read((db) => db.releases.decisionsOf(release.id));
    const routes = await stage.app.store.read((db) => db.endpoints.routesOfRelease(release.id));
    const moves = actions.filter((action) => action.startsWith("release.") && !["release.created", "release.evidence_changed"].includes(action));
    expect(moves).toHaveLength(decisions.length);
    expect(actions.filter((action) => action === "route.changed")).toHaveLength(routes.length);
    expect(actions.filter((action) => action === "deployment.started")).toHaveLength(1);
    expect(actions.filter((action) => action === "deployment.ended")).toHaveLength(1);
    const trail = await stage.app.trail();
    await trail.signNow();
    expect(await trail.verify()).toMatchObject({ intact: true });
  });

  it("shows its page and its place in lists and inbox with the same sentence", async () => {
    const page = await stage.app.views.readReleaseView(stage.lead, { number: release.number });
    const list = await stage.app.views.readReleaseList(stage.lead, {});
    const inbox = await stage.app.views.readInboxView(stage.lead, {});
    expect(page.state).toBe("ROLLED_BACK");
    expect(page.sentence).toContain("Rolled back by its own metrics at 5");
    expect(list.rows[0]?.say).toBe(page.sentence);
    expect(inbox.decided[0]?.say).toBe(page.sentence);
    expect(page.stopwatch?.finalSentence).toContain("Back on 1.0.0 in");
  });

  it("is rolled back by one person alone, and a second order changes nothing", async () => {
    const next = await stage.createRelease();
    await stage.app.releases.approveRelease(stage.lead, {
      releaseId: next.id,
      expectedRowVersion: null,
      body: { meaning: "evidence_reviewed", reason: REASON, digest: next.digest },
    });
    await stage.confirm();
    for (let round = 0; round < 4; round += 1) {
      while (await stage.reconcile(next.id));
      await stage.confirm();
    }
    expect(await stage.state(next.id)).toBe("STEP_ACTIVE");
    const order = () =>
      stage.app.releases.rollbackRelease(stage.engineer, {
        releaseId: next.id,
        expectedRowVersion: 0,
        body: { cause: "errors", reason: "Callers report wrong answers." },
      });
    const answers = await Promise.all([codeOf(order()), codeOf(order()), codeOf(order())]);
    expect(answers.filter((answer) => answer === "done")).toHaveLength(1);
    expect((await actionsOn(stage, next.number)).filter((action) => action === "release.rollback_ordered")).toHaveLength(1);
  });
});
