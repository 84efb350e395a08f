import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RUNBOOK_SECTIONS } from "#lib/contracts/runbook-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { policyActor } from "../ports.ts";
import { contentDigest } from "../content-digest.ts";
import { testPerson } from "../test-app.ts";
import { releaseStage, type ReleaseStage } from "../releases/release-stage.fixture.ts";

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await releaseStage();
});
afterAll(() => stage.close());

const opened = { title: "Wrong digits on forms", summary: "A clinic reports wrong readings on forms.", severity: "major" } as const;

describe("an incident", () => {
  it("opens from an alert once, however often it rings, and again after it was closed", async () => {
    const alert = { ...opened, severity: "minor", endpoint: "digits", alertKey: "drift:digits" } as const;
    const first = await stage.app.incidents.openIncident(policyActor("Monitors"), alert);
    const again = await stage.app.incidents.openIncident(policyActor("Monitors"), alert);
    expect(again.number).toBe(first.number);
    for (const state of ["resolved", "closed"] as const) {
      await stage.app.incidents.moveIncident(stage.lead, { number: first.number, body: { state, reason: "The feed was mended." } });
    }
    const later = await stage.app.incidents.openIncident(policyActor("Monitors"), alert);
    expect(later.number).toBeGreaterThan(first.number);
  });

  it("starts clocks at the recorded awareness, stops them by a report, and closes only when nothing is owed", async () => {
    const { app, lead, engineer } = stage;
    const awareAt = new Date(Date.now() - 3_600_000).toISOString();
    const { number } = await app.incidents.openIncident(engineer, {
      ...opened, endpoint: "digits", harms: ["death", "serious_health_harm"], jurisdictions: ["EU"], lawRoles: ["provider"], awareAt,
    });
    const view = await app.incidents.readIncident(lead, { number });
    expect(view.clocks.map(({ id, endsAt }) => [id, Date.parse(endsAt) - Date.parse(awareAt)])).toEqual([
      ["eu-73-4", 10 * 86_400_000],
      ["eu-73-2", 15 * 86_400_000],
    ]);
    expect(view.nextClock?.citation).toBe("Regulation (EU) 2024/1689, Art. 73(4)");
    await app.incidents.moveIncident(lead, { number, body: { state: "resolved", reason: "The model was taken off." } });
    const close = () => app.incidents.moveIncident(lead, { number, body: { state: "closed", reason: "Nothing is left to do." } });
    expect(await codeOf(close())).toBe("requirements_open");

    const { text } = await app.incidents.draftIncidentReport(lead, { number, kind: "initial", clock: "eu-73-4" });
    expect(text).toContain("Art. 73(4)");
    expect(text).toContain(opened.summary);
    const report = { kind: "initial", recipient: "BfArM", text, sentAt: new Date().toISOString(), reference: "2026-1" } as const;
    expect(await codeOf(app.incidents.sendIncidentReport(lead, { number, body: { ...report, clockId: "fda-803-30" } }))).toBe("invalid_input");
    for (const clockId of ["eu-73-4", "eu-73-2"]) await app.incidents.sendIncidentReport(lead, { number, body: { ...report, clockId } });
    expect(await codeOf(close())).toBe("requirements_open");
    await app.incidents.writePostMortem(lead, {
      number,
      body: { whatHappened: "Forms of a new size were read.", rootCause: "No range rule.", whatWorked: "The roll back.", whatDidNot: "The alert.", lessons: "Write range rules." },
    });
    await app.incidents.addIncidentAction(lead, { number, body: { title: "Add a range rule", owner: "priya.nair@example.com", dueAt: new Date(Date.now() + 86_400_000).toISOString() } });
    expect(await codeOf(close())).toBe("requirements_open");
    const [action] = (await app.incidents.readIncident(lead, { number })).actions;
    await app.incidents.endIncidentAction(lead, { number, body: { actionId: action?.id ?? "", state: "done", note: "Rule is in 1.2.0." } });
    await close();
    const closed = await app.incidents.readIncident(lead, { number });
    expect([closed.state, closed.clocks.map(({ state }) => state)]).toEqual(["closed", ["met", "met"]]);
    const { events } = await app.audit.list({ ...lead, roles: [{ role: "auditor", environmentId: null }] }, { action: "incident", limit: 200 });
    expect(events.map(({ action: name }) => name)).toEqual(expect.arrayContaining(["incident.opened", "incident.reported", "incident.closed"]));
  });

  it("is not for viewers, and its record cannot be changed even by the owner of the tables", async () => {
    const viewer = await testPerson(stage.app, "Vera Lang", ["viewer"]);
    expect(await codeOf(stage.app.incidents.openIncident(viewer, opened))).toBe("not_found");
    expect(await codeOf(stage.app.incidents.openIncident(stage.engineer, { ...opened, awareAt: new Date(Date.now() + 60_000).toISOString() }))).toBe("invalid_input");
    const owner = new Client({ connectionString: stage.database.ownerUrl });
    await owner.connect();
    await expect(owner.query(`UPDATE "IncidentEntry" SET "text" = 'nothing happened'`)).rejects.toThrow(/never changed/);
    await expect(owner.query(`DELETE FROM "IncidentReport"`)).rejects.toThrow(/never changed/);
    await owner.end();
  });
});

describe("an automatic roll back", () => {
  it("preserves how it stood before the route changes, and opens one incident that holds it", async () => {
    const { app, lead, validator } = stage;
    const release = await stage.createRelease();
    const reason = "Evaluation and model card read, both fine.";
    await app.releases.approveRelease(lead, { releaseId: release.id, expectedRowVersion: null, body: { meaning: "fit_for_use", reason, digest: release.digest } });
    const machine = async () => (await app.store.read((db) => db.releases.getRelease({ id: release.id }))).release;
    const settle = async () => {
      while (await stage.reconcile(release.id));
    };
    await settle();
    await stage.confirm();
    await settle();
    const { endpointId, stableVersionId, candidateVersionId } = await machine();
    await stage.report([{ endpointId, versionId: stableVersionId, requests: 1000 }]);
    await settle();
    expect(await stage.state(release.id)).toBe("STEP_ACTIVE");
    const routeBefore = await app.store.read((db) => db.endpoints.currentRoute(endpointId));
    const base = { endpointId, releaseId: release.id, epoch: await stage.confirm() };
    const none = { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 };
    await stage.report([
      { ...base, versionId: stableVersionId, arm: "stable", requests: 950, units: 950, errors: 5, firstBad: { ...none, error: 5 } },
      { ...base, versionId: candidateVersionId, arm: "candidate", requests: 50, units: 50, errors: 40, firstBad: { ...none, error: 40 } },
    ]);
    await settle();
    expect(await stage.state(release.id)).toBe("ROLLING_BACK");

    const { rows } = await app.incidents.listIncidents(validator, { state: "open" });
    const own = rows.filter((row) => row.releaseNumber === release.number);
    expect(own.map(({ source }) => source)).toEqual(["rollback"]);
    const view = await app.incidents.readIncident(validator, { number: own[0]?.number ?? 0 });
    const [kept] = view.preserved;
    expect(kept?.releasedAt).toBeNull();
    expect(kept?.digest).toBe(contentDigest(kept?.content as never));
    expect(kept?.content["weights"]).toMatchObject({ epoch: routeBefore?.epoch, arms: routeBefore?.arms });
    expect(kept?.content["windows"]).toMatchObject({ count: 2, byArm: [{ arm: "candidate", requests: 50, errors: 40 }, { arm: "stable", requests: 950, errors: 5 }] });
    const owner = new Client({ connectionString: stage.database.ownerUrl });
    await owner.connect();
    await expect(owner.query(`DELETE FROM "PreservedEvidence"`)).rejects.toThrow(/on hold/);
    await owner.end();
  });
});

describe("a runbook", () => {
  const text = RUNBOOK_SECTIONS.map((name) => `## ${name}\n\nSteps for it.`).join("\n\n");
  it("counts as assigned when both people have acknowledged the newest text, and not after a new one", async () => {
    const { app, lead, engineer } = stage;
    await app.runbooks.createRunbook(lead, { name: "digits-down", title: "Digits answers wrongly", text });
    expect(await codeOf(app.runbooks.createRunbook(lead, { name: "half", title: "Half", text: "## Afterwards\n\nToo little of a runbook to be one, by four headings." }))).toContain("It needs the headings");
    const gaps = async () => (await app.runbooks.readRunbook(lead, { runbook: "digits-down" })).gaps;
    expect(await gaps()).toHaveLength(3);
    await app.runbooks.linkRunbook(lead, { runbook: "digits-down", body: { endpoint: "digits" } });
    await app.runbooks.assignRunbook(lead, { runbook: "digits-down", body: { person: "priya.nair@example.com", duty: "primary" } });
    await app.runbooks.assignRunbook(lead, { runbook: "digits-down", body: { person: "maren.okafor@example.com", duty: "secondary" } });
    expect(await codeOf(app.runbooks.acknowledgeRunbook(stage.validator, { runbook: "digits-down", body: { version: 1 } }))).toBe("forbidden");
    await app.runbooks.acknowledgeRunbook(lead, { runbook: "digits-down", body: { version: 1 } });
    expect(await gaps()).toEqual(["Priya Nair has not acknowledged version 1."]);
    await app.runbooks.acknowledgeRunbook(engineer, { runbook: "digits-down", body: { version: 1 } });
    expect(await gaps()).toEqual([]);
    await app.runbooks.writeRunbook(lead, { runbook: "digits-down", body: { text: `${text}\n\nOne more.` } });
    expect(await gaps()).toHaveLength(2);
    const { number } = await app.incidents.openIncident(engineer, { ...opened, endpoint: "digits" });
    expect((await app.incidents.readIncident(lead, { number })).runbooks).toEqual([{ name: "digits-down", title: "Digits answers wrongly" }]);
  });
});
