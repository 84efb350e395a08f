import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import { releaseManifest } from "#lib/contracts/release-manifest.ts";
import { parseVerifierKey } from "#lib/domain/audit/signed-note.ts";
import { verifyManifest } from "#lib/domain/governance/manifest-note.ts";
import { AppError } from "#lib/domain/errors.ts";
import { PLAIN } from "#lib/domain/governance/frameworks/plain-answers.ts";
import { sha256 } from "../audit/sha256.ts";
import { verifyEd25519 } from "../audit/signing-key.ts";
import { asJson } from "../content-digest.ts";
import type { Actor } from "../ports.ts";
import { releaseStage, type ReleaseStage } from "../releases/release-stage.fixture.ts";
import { testPerson } from "../test-app.ts";
import { metricsKept, pruneOldMetrics } from "../monitoring/roll-up-windows.ts";
import { whatIsKept } from "../retention/read-retention.ts";
import { produceLiveFacts, produceOrganisationFacts } from "./produce-facts.ts";

const REASON = "Evaluation and model card read, both fine.";
const WHY = "So that the test can see it.";

let stage: ReleaseStage;
let database: Client;
let admin: Actor;
let compliance: Actor;

beforeAll(async () => {
  stage = await releaseStage();
  database = new Client({ connectionString: stage.database.superuserUrl });
  await database.connect();
  admin = await testPerson(stage.app, "Root Admin", ["admin"]);
  compliance = await testPerson(stage.app, "Ruth Keller", ["compliance"]);
});
afterAll(async () => {
  await database.end();
  await stage.close();
});

const refusal = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(() => "done", (error: unknown) => (error instanceof AppError ? `${error.code}: ${error.message}` : String(error)));
const factOf = async (kind: string, subjectId: string) => {
  const { data } = await stage.app.governance.listEvidence(compliance, { kind, subjectId, limit: 200 });
  return data[0] ?? null;
};
const record = (id: string) => stage.app.store.read((db) => db.releases.getRelease({ id }));
const cancel = (releaseId: string) => stage.app.releases.cancelRelease(stage.engineer, { releaseId, expectedRowVersion: null, body: { reason: "Making room for another." } });
const approve = async (actor: Actor, releaseId: string) =>
  stage.app.releases.approveRelease(actor, { releaseId, expectedRowVersion: null, body: { meaning: "fit_for_use", reason: REASON, digest: (await record(releaseId)).release.digest } });
const policyOf = (policy: Partial<EnvironmentPolicy>) => async () => {
  const environment = await stage.app.store.read((db) => db.endpoints.findEnvironment("production"));
  if (environment === null) throw new Error("There is no production.");
  await stage.app.registry.changeEnvironmentPolicy(admin, { environment: "production", policy: { ...environment.policy, ...policy }, reason: WHY });
};
const small = (smallTeam: boolean) => stage.app.signing.changeSigningRules(admin, { part11: false, smallTeam, reason: WHY });

describe("facts are derived from what was found", () => {
  it("holds the format found in the content against the one the file's name declares", async () => {
    const { rows } = await database.query<{ id: string }>(`SELECT "id" FROM "Version" WHERE "name" = '1.0.0'`);
    expect(await factOf("artifact_digest_recorded", rows[0]?.id ?? "")).toMatchObject({ verdict: "passed", details: { declaredFormat: "onnx", formatAsDeclared: true } });
    expect((await factOf("dependency_lock_present", rows[0]?.id ?? ""))?.details).not.toHaveProperty("mismatched");
  });

  it("counts what a release changes, and describes it anew when its plan changes", async () => {
    const { id } = await stage.createRelease({ submit: false });
    const before = await factOf("change_record", id);
    expect(before?.details).toMatchObject({ changes: expect.any(Number), parts: expect.arrayContaining(["artifact"]) });
    expect(before?.details["changes"]).toBe((before?.details["parts"] as string[]).length);
    const { release } = await record(id);
    const plan = { ...release.plan, bakeSeconds: release.plan.bakeSeconds + 60 };
    await stage.app.releases.changePlan(stage.engineer, { releaseId: id, expectedRowVersion: null, body: { plan, reason: "A longer look after promotion." } });
    const after = await factOf("release_strategy_selected", id);
    expect(after?.subjectDigest).not.toBe(before?.subjectDigest);
    expect(after).toMatchObject({ verdict: "passed" });
    await cancel(id);
  });

  it("says how an approval was signed, and counts a void one that still counts", async () => {
    const { id } = await stage.createRelease();
    await approve(stage.validator, id);
    expect(await factOf("release_approval_signed", id)).toMatchObject({ verdict: "passed", details: { voided: 0, independenceMet: true, signedByAuthors: 0 } });
    expect(await factOf("esignature_record", id)).toMatchObject({ details: { method: "password" } });
    await cancel(id);
  });
});

describe("approvals by risk tier", () => {
  it("ask for what the tier asks for, fixed when the release is submitted", async () => {
    await policyOf({ approvalsByTier: { low: { approvalsRequired: 2, approverRoles: ["validator", "compliance"], eachOf: ["validator", "compliance"] } } })();
    const { id } = await stage.createRelease();
    await policyOf({ approvalsByTier: {} })();
    expect((await record(id)).release).toMatchObject({ approvalsNeeded: 2, rolesNeeded: ["validator", "compliance"] });
    expect(await refusal(approve(stage.lead, id))).toMatch(/^forbidden/);
    await approve(stage.validator, id);
    expect(await stage.state(id)).toBe("PENDING_APPROVAL");
    const view = await stage.app.views.readReleaseView(compliance, { number: (await record(id)).number });
    expect(view.approvals).toMatchObject({ required: 2, given: 1, rolesNeeded: ["Validator", "Compliance"], independence: null });
    await approve(compliance, id);
    expect(await stage.state(id)).toBe("APPROVED");
    await cancel(id);
  });

  it("are taken anew when a draft is submitted under another policy", async () => {
    const { id } = await stage.createRelease({ submit: false });
    await policyOf({ approvalsRequired: 2 })();
    await stage.app.releases.submitRelease(stage.engineer, { releaseId: id, expectedRowVersion: null, body: {} });
    expect((await record(id)).release.approvalsNeeded).toBe(2);
    await policyOf({ approvalsRequired: 1 })();
    await cancel(id);
  });
});

describe("a small team", () => {
  it("may not approve its own work while the mode is off", async () => {
    const own = { ...stage.engineer, roles: [...stage.engineer.roles, { role: "ml_lead", environmentId: null }] } as Actor;
    const { id } = await stage.createRelease();
    expect(await refusal(approve(own, id))).toMatch(/^self_approval/);
    await cancel(id);
  });

  it("records on approval, page and manifest that independence was not met", async () => {
    await small(true);
    await policyOf({ approvalsRequired: 5, approverRoles: ["ml_lead"] })();
    await database.query(`INSERT INTO "RoleGrant" ("id", "userId", "role") VALUES (gen_random_uuid(), $1, 'ml_lead')`, [stage.engineer.userId]);
    const own = { ...stage.engineer, roles: [...stage.engineer.roles, { role: "ml_lead", environmentId: null }] } as Actor;
    const { id, number } = await stage.createRelease();
    expect((await record(id)).release).toMatchObject({ approvalsNeeded: 2, smallTeam: { required: 5, independent: 1 } });
    await approve(own, id);
    await approve(stage.lead, id);
    expect(await stage.state(id)).toBe("APPROVED");

    const view = await stage.app.views.readReleaseView(compliance, { number });
    expect(view.approvals.independence).toMatch(/^Independence not met: the policy asks for 5 independent people and there is 1\./);
    expect(view.approvals.rows.map(({ by, isIndependent }) => [by.name, isIndependent])).toEqual([["Priya Nair", false], ["Maren Okafor", true]]);
    expect(await factOf("release_approval_signed", id)).toMatchObject({ details: { independenceMet: false, signedByAuthors: 1 } });
    const { manifest } = await stage.app.releaseManifest(compliance, { number });
    expect(manifest.release.independence).toBe(view.approvals.independence);
    expect(manifest.approvals.map(({ independent }) => independent)).toEqual([false, true]);

    await cancel(id);
    await database.query(`DELETE FROM "RoleGrant" WHERE "userId" = $1 AND "role" = 'ml_lead'`, [stage.engineer.userId]);
    await policyOf({ approvalsRequired: 1, approverRoles: ["ml_lead", "validator"] })();
    await small(false);
  });
});

describe("the change plan", () => {
  const ENVELOPE = {
    regimes: ["FDA_PCCP"],
    authorisationRef: "TEST-1",
    planVersion: "1.0",
    status: "authorised",
    modifications: [{ id: "M1", description: "Retrain on more data", allowed: { artifact: true, architecture: "any", inputs: "add_optional", outputs: "any" } }],
    criteria: [],
    drillMaxAgeDays: 30,
  } as const;

  it("stops a release whose rollback drill is missing or too old, and names that bound", async () => {
    const { intendedUse } = await stage.app.store.read((db) => db.models.getModel("digits"));
    await stage.app.governance.registerEnvelope(compliance, { model: "digits", body: { ...ENVELOPE, intendedUse, regimes: [...ENVELOPE.regimes], modifications: [...ENVELOPE.modifications], criteria: [] } });
    const draft = await stage.createRelease({ submit: false });
    const { release, candidateDigest } = await record(draft.id);
    const submit = () => stage.app.releases.submitRelease(stage.engineer, { releaseId: draft.id, expectedRowVersion: null, body: {} });
    expect(await refusal(submit())).toContain("No rollback drill of this version has passed; the plan asks for one of the last 30 days");

    const drilled = (days: number) =>
      database.query(
        `INSERT INTO "Evidence" ("id", "kind", "subjectType", "subjectId", "subjectDigest", "verdict", "summary", "details", "producer", "producerVersion", "inputsHash", "producedAt")
         VALUES (gen_random_uuid(), 'rollback_drill', 'version', $1, $2, 'passed', 'Rehearsed.', '{}', 'Release controller', 'rollback-drill/1', 'sha256:drill', now() - make_interval(days => $3))`,
        [release.candidateVersionId, candidateDigest, days],
      );
    await drilled(31);
    await produceLiveFacts(stage.app.store);
    expect(await refusal(submit())).toContain("The rollback drill is 31 days old; the plan asks for one of the last 30 days");

    await drilled(1);
    await produceLiveFacts(stage.app.store);
    const within = await factOf("pccp_within_envelope", draft.id);
    expect(within).toMatchObject({ verdict: "passed" });
    // It stops to count by itself when the drill is 30 days old.
    const lives = (Date.parse(within?.countsUntil ?? "") - Date.parse(within?.producedAt ?? "")) / 86_400_000;
    expect(lives).toBeGreaterThan(28.9);
    expect(lives).toBeLessThan(29.1);
    expect(await refusal(submit())).toBe("done");
    await cancel(draft.id);
  });
});

describe("what people decide", () => {
  it("classifies a model, opens obligations, and asks again when the purpose changes", async () => {
    const view = () => stage.app.views.readVersionAssurance(compliance, { model: "digits", version: "1.0.0" });
    expect((await view()).classification).toBeNull();
    expect(await refusal(stage.app.governance.classifyModel(stage.engineer, { model: "digits", body: { answers: PLAIN, rationale: WHY } }))).toMatch(/^forbidden/);
    await stage.app.governance.classifyModel(compliance, { model: "digits", body: { answers: { ...PLAIN, annexIii: ["5b"], profilesPersons: true }, rationale: WHY } });
    const { rows: [model] } = await database.query<{ id: string }>(`SELECT "id" FROM "Model" WHERE "name" = 'digits'`);
    expect(await factOf("risk_classification_recorded", model?.id ?? "")).toMatchObject({ verdict: "passed" });
    await database.query(`UPDATE "Model" SET "jurisdictions" = ARRAY['EU'] WHERE "id" = $1`, [model?.id]);
    const { rows } = await database.query<{ count: string }>(`SELECT count(*) FROM "AuditEvent" WHERE "action" = 'model.classified'`);
    expect(rows[0]?.count).toBe("1");
    expect(JSON.stringify(await view())).toContain("has changed since");
  });

  it("switches the catalogue with a reason, and leaves the releases that were judged by the former one as they are", async () => {
    const { id, number } = await stage.createRelease({ submit: false });
    const before = (await stage.app.releaseManifest(compliance, { number })).manifest.catalogue;
    const other = before?.version === "2026.11.1" ? "2026.11.2" : "2026.11.1";
    expect(await refusal(stage.app.governance.chooseCatalogue(stage.engineer, { version: other, reason: WHY }))).toMatch(/^forbidden/);
    expect(await refusal(stage.app.governance.chooseCatalogue(compliance, { version: "1999.1", reason: WHY }))).not.toBe("done");
    await stage.app.governance.chooseCatalogue(compliance, { version: other, reason: WHY });
    expect((await stage.app.releaseManifest(compliance, { number })).manifest.catalogue).toEqual(before);
    await cancel(id);
    const next = await stage.createRelease({ submit: false });
    expect((await stage.app.releaseManifest(compliance, { number: next.number })).manifest.catalogue?.version).toBe(other);
    await cancel(next.id);
  });
});

describe("the manifest", () => {
  it("keeps its schema and is signed by the key of the trail over its own bytes", async () => {
    const { id, number } = await stage.createRelease({ submit: false });
    const signed = await stage.app.releaseManifest(compliance, { number });
    expect(releaseManifest.safeParse(JSON.parse(JSON.stringify(signed.manifest))).success).toBe(true);
    const key = parseVerifierKey((await stage.app.trail()).vkey, sha256);
    if (key === null) throw new Error("The trail has no key.");
    const manifest = asJson(signed.manifest);
    expect(verifyManifest({ manifest, note: signed.note }, [key], sha256, verifyEd25519)).toMatchObject({ ok: true });
    const edited = asJson({ ...signed.manifest, release: { ...signed.manifest.release, independence: "met, honestly" } });
    expect(verifyManifest({ manifest: edited, note: signed.note }, [key], sha256, verifyEd25519)).toMatchObject({ ok: false, fault: "tampered" });
    await cancel(id);
  });
});

describe("producers that look by themselves", () => {
  it("find the runbook of an endpoint, who is on call, and whether they have read it", async () => {
    const { app } = stage;
    const [endpoint] = await app.store.read((db) => db.endpoints.listEndpoints());
    const text = ["When to use it", "First five minutes", "Roll back", "Whom to tell", "Afterwards"].map((name) => `## ${name}\n\nAs it is written down here.\n`).join("\n");
    await app.runbooks.createRunbook(stage.lead, { name: "digits", title: "When digits misbehave", text });
    await app.runbooks.linkRunbook(stage.lead, { runbook: "digits", body: { model: "digits" } });
    await produceLiveFacts(app.store);
    expect(await factOf("incident_runbook_assigned", endpoint?.id ?? "")).toMatchObject({ verdict: "failed", summary: expect.stringContaining("Nobody is assigned as primary") });

    await app.runbooks.assignRunbook(stage.lead, { runbook: "digits", body: { person: "priya.nair@example.com", duty: "primary" } });
    await app.runbooks.assignRunbook(stage.lead, { runbook: "digits", body: { person: "maren.okafor@example.com", duty: "secondary" } });
    for (const person of [stage.engineer, stage.lead]) await app.runbooks.acknowledgeRunbook(person, { runbook: "digits", body: { version: 1 } });
    await produceLiveFacts(app.store);
    expect(await factOf("incident_runbook_assigned", endpoint?.id ?? "")).toMatchObject({ verdict: "passed", details: { primary: "Priya Nair", secondary: "Maren Okafor", acknowledged: true, missingSections: 0 } });
  });

  it("say of retention what the rules say, and name the floor that a shorter time would break", async () => {
    const { app } = stage;
    const organisation = async () => (await app.governance.listEvidence(compliance, { kind: "audit_log_retention", limit: 1 })).data[0];
    await produceOrganisationFacts(app.store, await app.trail());
    expect(await organisation()).toMatchObject({ verdict: "passed", details: { effectiveDays: 3653, rulesBelowFloor: 0, deleteRefused: true } });
    const set = (actor: Actor, recordClass: "audit_trail" | "evidence" | "hourly_counts", days: number) => app.retention.setRetention(actor, { recordClass, days, reason: WHY });
    expect(await refusal(set(stage.engineer, "audit_trail", 400))).toMatch(/^forbidden/);
    expect(await refusal(set(compliance, "audit_trail", 100))).toContain("Checklist item GOV-3 asks for at least 184 days");
    await set(compliance, "audit_trail", 400);
    await produceOrganisationFacts(app.store, await app.trail());
    expect(await organisation()).toMatchObject({ verdict: "passed", details: { effectiveDays: 400 } });
  });
});

describe("retention", () => {
  const keptHours = async () => (await whatIsKept(stage.app.store, metricsKept({ hoursDays: 30, evaluationsDays: 30 }))).kept.metrics[3600] / 86_400;

  it("goes by the setting, then by the rule, and never below the floor of a high-risk system", async () => {
    const { app } = stage;
    expect(await keptHours()).toBe(30);
    await app.retention.setRetention(compliance, { recordClass: "hourly_counts", days: 60, reason: WHY });
    expect(await keptHours()).toBe(60);
    await app.governance.classifyModel(compliance, { model: "digits", body: { answers: { ...PLAIN, annexIii: ["5b"], profilesPersons: true }, rationale: WHY } });
    expect(await keptHours()).toBe(184);
    expect(await refusal(app.retention.setRetention(compliance, { recordClass: "hourly_counts", days: 90, reason: WHY }))).toContain("Arts. 19(1) and 26(6) asks for at least 184 days");
    const view = await app.retention.readRetention(compliance, {});
    expect(view.classes.find(({ recordClass }) => recordClass === "hourly_counts")).toMatchObject({ effectiveDays: 184, askedDays: 60, isBelowFloor: true });
    await expect(database.query(`UPDATE "RetentionRule" SET "days" = 1`)).rejects.toThrow(/append-only/);
  });

  it("keeps what is on hold past its time, until the hold is lifted", async () => {
    const { app } = stage;
    const [endpoint] = await app.store.read((db) => db.endpoints.listEndpoints());
    const old = (days: number) =>
      database.query(
        `INSERT INTO "MetricRollup" ("endpointId", "versionId", "arm", "grainSeconds", "periodStart", "inputs", "requests", "errors", "refused", "labelsReceived", "labelsWrong", "valuesReceived", "valuesSum", "counts", "binned")
         VALUES ($1, $2, 'stable', 3600, date_trunc('hour', now()) - make_interval(days => $3), 1, 1, 0, 0, 0, 0, 0, 0, '{}', '[]')`,
        [endpoint?.id, endpoint?.stableVersionId, days],
      );
    const left = async () => Number((await database.query<{ count: string }>(`SELECT count(*) FROM "MetricRollup" WHERE "grainSeconds" = 3600`)).rows[0]?.count);
    const prune = async () => {
      const { kept, heldEndpointIds, isAllHeld } = await whatIsKept(app.store, metricsKept({ hoursDays: 30, evaluationsDays: 30 }));
      if (!isAllHeld) await pruneOldMetrics(app.store, kept, heldEndpointIds);
    };
    await old(183);
    await old(185);
    const hold = await app.retention.placeHold(compliance, { name: "Case 7", model: "digits", reason: WHY });
    await prune();
    expect(await left()).toBe(2);
    expect(await refusal(app.retention.liftHold(stage.engineer, { holdId: hold.id, reason: WHY }))).toMatch(/^forbidden/);
    await app.retention.liftHold(compliance, { holdId: hold.id, reason: WHY });
    await prune();
    expect(await left()).toBe(1);

    await app.retention.placeHold(compliance, { name: "Everything", reason: WHY });
    expect((await whatIsKept(app.store, metricsKept({ hoursDays: 30, evaluationsDays: 30 }))).isAllHeld).toBe(true);
  });
});
