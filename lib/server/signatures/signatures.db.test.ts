import { hash } from "@node-rs/argon2";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { newId } from "../new-id.ts";
import { systemActor, type Actor } from "../ports.ts";
import { releaseStage, type ReleaseStage } from "../releases/release-stage.fixture.ts";
import { testPerson } from "../test-app.ts";

const failure = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(() => "done", (error: unknown) => (error instanceof AppError ? error.code : String(error)));
const REASON = "Evaluation and model card read, both fine.";
const PASSWORD = "correct horse battery staple 7";

let stage: ReleaseStage;
let database: Client;
let release: { id: string; number: number; digest: string };
let admin: Actor;

beforeAll(async () => {
  stage = await releaseStage();
  database = new Client({ connectionString: stage.database.superuserUrl });
  await database.connect();
  admin = await testPerson(stage.app, "Root Admin", ["admin"]);
  release = await stage.createRelease();
});
afterAll(async () => {
  await database.end();
  await stage.close();
});

const approve = (actor: Actor, more: object = {}) =>
  stage.app.releases.approveRelease(actor, { releaseId: release.id, expectedRowVersion: null, body: { meaning: "fit_for_use", reason: REASON, digest: release.digest, ...more } });

/** The same person in a browser session with a password. */
async function seated(actor: Actor): Promise<Actor> {
  const sessionId = newId();
  await database.query(`UPDATE "User" SET "passwordHash" = $1 WHERE "id" = $2`, [await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1 }), actor.userId]);
  await database.query(`INSERT INTO "Session" ("id", "userId", "method", "expiresAt") VALUES ($1, $2, 'password', now() + interval '1 hour')`, [sessionId, actor.userId]);
  return { ...actor, sessionId };
}

it("asks for the password at that moment in Part 11 mode, from people and never from tokens", async () => {
  await stage.app.signing.changeSigningRules(admin, { part11: true, smallTeam: false, reason: "We make a medical device." });
  expect(await failure(stage.app.signing.changeSigningRules(stage.lead, { part11: false, smallTeam: false, reason: "It is tedious to sign." }))).toBe("forbidden");
  expect(await failure(approve({ ...stage.lead, type: "token", sessionId: null }))).toBe("forbidden");
  expect(await failure(approve(await seated(stage.lead)))).toBe("step_up_required");
});

it("gives a grant for the right password only, bound to act, digest and session, for 120 seconds", async () => {
  const lead = await seated(stage.lead);
  const ask = { action: "approve-release", digest: release.digest } as const;
  expect(await failure(stage.app.auth.stepUp(lead, { ...ask, password: "wrong password" }))).toBe("invalid_input");
  const grantOf = async (given: typeof ask | { action: "reject-release"; digest: string } = ask) => (await stage.app.auth.stepUp(lead, { ...given, password: PASSWORD })).grant;
  expect(await failure(approve(lead, { grant: await grantOf({ action: "reject-release", digest: release.digest }) }))).toBe("step_up_required");
  expect(await failure(approve(lead, { grant: await grantOf({ ...ask, digest: `sha256:${"0".repeat(64)}` }) }))).toBe("step_up_required");
  expect(await failure(approve({ ...lead, sessionId: newId() }, { grant: await grantOf() }))).toBe("step_up_required");
  const late = await grantOf();
  await database.query(`UPDATE "StepUpGrant" SET "expiresAt" = clock_timestamp() - interval '1 millisecond' WHERE "id" = $1`, [late]);
  expect(await failure(approve(lead, { grant: late }))).toBe("step_up_required");
});

it("lets exactly one of 50 approvals at once with one grant win, and writes how it was signed", async () => {
  const lead = await seated(stage.lead);
  const { grant } = await stage.app.auth.stepUp(lead, { password: PASSWORD, action: "approve-release", digest: release.digest });
  const answers = await Promise.all(Array.from({ length: 50 }, () => failure(approve(lead, { grant }))));
  expect(answers.filter((answer) => answer === "done")).toHaveLength(1);
  const approvals = await stage.app.store.read((db) => db.releases.approvalsOf(release.id));
  expect(approvals.map(({ signedName, method }) => [signedName, method])).toEqual([["Maren Okafor", "password"]]);
});

it("keeps the challenge log: questions by independent people, answers to them, and never a change of what was written", async () => {
  const { app } = stage;
  const add = (actor: Actor, body: object) => app.signing.addChallenge(actor, { releaseId: release.id, body });
  const author: Actor = { ...stage.engineer, roles: [{ role: "validator", environmentId: null }] };
  expect(await failure(add(author, { kind: "question", text: "Is my own model good enough?" }))).toBe("self_approval");
  const { id } = await add(stage.validator, { kind: "question", text: "Why is the holdout only three months?" });
  await add(stage.engineer, { kind: "answer", replyTo: id, text: "Older months have another scanner." });
  await add(stage.engineer, { kind: "change", replyTo: id, text: "The card now says so under limitations." });
  expect(await failure(add(stage.engineer, { kind: "answer", replyTo: newId(), text: "To nobody in particular." }))).toBe("invalid_input");
  const { data } = await app.signing.readChallenges(stage.lead, { releaseId: release.id });
  expect(data.map(({ kind, replyTo }) => [kind, replyTo === id])).toEqual([["question", false], ["answer", true], ["change", true]]);
  await expect(database.query(`UPDATE "ChallengeEntry" SET "text" = 'fine'`)).rejects.toThrow(/never changed/);
});

it("takes two people and a reason to break the glass, and opens an incident when nobody reviews it in 72 hours", async () => {
  const { app, lead, validator } = stage;
  await app.signing.changeSigningRules(admin, { part11: false, smallTeam: false, reason: "Back to the usual way." });
  await app.releases.rollbackRelease(lead, { releaseId: release.id, expectedRowVersion: null, body: { emergency: true } }).catch(() => undefined);
  await app.releases.cancelRelease(stage.engineer, { releaseId: release.id, expectedRowVersion: null, body: { reason: "Making room for another." } }).catch(() => undefined);
  release = await stage.createRelease();
  const reason = "Stable answers wrongly for a third of all forms; nobody else is awake.";
  const breakIt = (actor: Actor) => app.signing.breakGlass(actor, { releaseId: release.id, body: { reason } });
  expect((await breakIt(stage.engineer)).isDone).toBe(false);
  expect(await failure(breakIt(stage.engineer))).toBe("self_approval");
  expect(await failure(breakIt({ ...stage.engineer, userId: lead.userId }))).toBe("self_approval");
  const done = await breakIt(validator);
  expect(done.isDone).toBe(true);
  expect(await stage.state(release.id)).toBe("APPROVED");
  const { breakGlass: [kept] } = await app.signing.readChallenges(lead, { releaseId: release.id });
  expect(Date.parse(kept?.reviewDueAt ?? "") - Date.parse(kept?.usedAt ?? "")).toBe(72 * 3_600_000);

  expect((await app.signing.openOverdueReviews(systemActor("Test"), {})).opened).toBe(0);
  await database.query(`UPDATE "BreakGlass" SET "reviewDueAt" = now() - interval '1 second'`);
  const opened = await Promise.all([1, 2, 3].map(() => app.signing.openOverdueReviews(systemActor("Test"), {}).then(({ opened: count }) => count, () => 0)));
  expect(opened.reduce((sum, count) => sum + count, 0)).toBe(1);
  const { rows } = await app.incidents.listIncidents(lead, { state: "open" });
  expect(rows.filter(({ source }) => source === "review_overdue")).toHaveLength(1);

  const review = (actor: Actor) => app.signing.reviewBreakGlass(actor, { releaseId: release.id, breakGlassId: done.id, body: { review: "It was right to act; the roster is mended." } });
  expect(await failure(review(validator))).toBe("self_approval");
  expect(await failure(review(lead))).toBe("done");
});

it("lets a delegate sign in the place of another, said so on the signature, until it ends", async () => {
  const { app } = stage;
  const deputy = await testPerson(app, "Dana Frost", ["compliance"]);
  await app.releases.cancelRelease(stage.engineer, { releaseId: release.id, expectedRowVersion: null, body: { reason: "Making room for another." } });
  release = await stage.createRelease();
  expect(await failure(approve(deputy))).toBe("forbidden");
  const endsAt = new Date(Date.now() + 86_400_000).toISOString();
  const give = (more: object = {}) => app.signing.delegate(stage.validator, { to: "dana.frost@example.com", role: "validator", endsAt, reason: "On holiday this week.", ...more });
  expect(await failure(give({ role: "ml_lead" }))).toBe("invalid_input");
  expect(await failure(give({ endsAt: new Date(Date.now() + 40 * 86_400_000).toISOString() }))).toBe("invalid_input");
  const { id } = await give();
  await app.signing.revokeDelegation(deputy, { delegationId: id });
  expect(await failure(approve(deputy))).toBe("forbidden");
  const approval = async () => (await app.views.readReleaseView(deputy, { number: release.number })).actions.approve;
  expect((await approval()).open).toBe(false);
  await give();
  expect((await approval()).open).toBe(true);
  expect(await failure(approve(deputy))).toBe("done");
  const approvals = await app.store.read((db) => db.releases.approvalsOf(release.id));
  expect(approvals.map(({ signedName, role, onBehalfOf }) => [signedName, role, onBehalfOf])).toEqual([["Dana Frost", "validator", "Yusuf Demir"]]);
});
