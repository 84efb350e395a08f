import { Client } from "pg";
import { z } from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../composition.ts";
import { systemActor } from "../ports.ts";
import { TEST_CONTEXT, type TestApp, testApp, testPerson, testToken } from "../test-app.ts";
import { newApiTokenSecret } from "./secrets.ts";

let started: TestApp;
let app: App;
beforeAll(async () => {
  started = await testApp();
  ({ app } = started);
});
afterAll(() => started.close());

async function sql<T>(text: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: started.database.superuserUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as T[];
  } finally {
    await client.end();
  }
}

const PASSWORD = "correct horse battery";
/** Somebody who came by invitation and chose a password. */
async function member(name: string, roles: readonly ["viewer"] | readonly ["engineer"] | readonly ["admin"] = ["viewer"]) {
  const email = `${name.toLowerCase()}@example.com`;
  const link = await app.people.invitePerson(systemActor("Test"), {
    email,
    name,
    roles: roles.map((role) => ({ role })),
  });
  await app.auth.acceptInvitation({ token: link.secret, password: PASSWORD }, TEST_CONTEXT);
  return { id: link.personId, email, secret: link.secret };
}

const from = (ip: string) => ({ ...TEST_CONTEXT, ip });
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code ?? error;
const attempt = (email: string, password: string, ip: string) =>
  app.auth.signInWithPassword({ email, password }, from(ip)).then(() => "in", codeOf);
const actionsOf = async (targetId: string): Promise<string[]> =>
  (
    await sql<{ action: string }>(
      `SELECT e."action" FROM "AuditEvent" e JOIN "AuditTarget" t USING ("seq") WHERE t."targetId" = $1 ORDER BY e."seq"`,
      [targetId],
    )
  ).map(({ action }) => action);

describe("signing in by password", () => {
  test("starts a session that says who it is, and the trail has both the failure and the success", async () => {
    const ada = await member("Ada");
    expect(await attempt(ada.email, "wrong password here", "192.0.2.10")).toBe("not_authenticated");
    const session = await app.auth.signInWithPassword({ email: ` ${ada.email.toUpperCase()} `, password: PASSWORD }, from("192.0.2.10"));
    const actor = await app.auth.fromSession(session.sessionId, TEST_CONTEXT, true);
    expect(actor).toMatchObject({ type: "person", id: ada.id, name: "Ada", roles: [{ role: "viewer", environmentId: null }] });
    expect((await actionsOf(ada.id)).slice(-2)).toEqual(["signin.failed", "session.started"]);
  });

  test("answers the same for a wrong password, an unknown person, a disabled one and one without a password", async () => {
    const [bob, cy] = [await member("Bob"), await member("Cy")];
    await app.people.disablePerson(systemActor("Test"), { personId: cy.id });
    await app.people.invitePerson(systemActor("Test"), { email: "dee@example.com", name: "Dee", roles: [{ role: "viewer" }] });
    const refusals = await Promise.all(
      [
        [bob.email, "wrong password here"],
        ["nobody@example.com", PASSWORD],
        [cy.email, PASSWORD],
        ["dee@example.com", PASSWORD],
      ].map(([email = "", password = ""], index) =>
        app.auth
          .signInWithPassword({ email, password }, from(`192.0.2.${20 + index}`))
          .catch((error: unknown) => error as { code: string; message: string; hint: string }),
      ),
    );
    const said = refusals.map((error) => JSON.stringify("code" in error ? [error.code, error.message, error.hint] : error));
    expect(new Set(said).size).toBe(1);
    expect(said[0]).toContain("not_authenticated");
  });

  test("takes as long for an unknown person as for a known one", async () => {
    const eve = await member("Eve");
    const msFor = async (email: string, ip: string): Promise<number> => {
      const times: number[] = [];
      for (let index = 0; index < 4; index += 1) {
        const startedMs = performance.now();
        await attempt(email, "wrong password here", ip);
        times.push(performance.now() - startedMs);
      }
      return Math.min(...times);
    };
    await attempt("warm@example.com", "wrong password here", "192.0.2.39");
    const [known, unknown] = [await msFor(eve.email, "192.0.2.40"), await msFor("ghost@example.com", "192.0.2.41")];
    // Without the decoy the unknown one would take a tenth.
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  test("is slowed and then blocked, also with the right password, and a restart does not forget it", async () => {
    const fay = await member("Fay");
    const answers: unknown[] = [];
    for (let index = 0; index < 5; index += 1) answers.push(await attempt(fay.email, "wrong password here", `192.0.2.${50 + index}`));
    expect(answers).toEqual(Array.from({ length: 5 }, () => "not_authenticated"));
    const [row] = await sql<{ failures: number; waitMs: string }>(
      `SELECT "failures", extract(epoch FROM "blockedUntil" - "lastFailureAt") * 1000 AS "waitMs" FROM "SignInThrottle" WHERE "failures" = 5 AND "key" LIKE 'account:%'`,
    );
    expect([row?.failures, Number(row?.waitMs)]).toEqual([5, 1000]);
    // A second is soon over on a busy machine: make it a minute.
    await sql(`UPDATE "SignInThrottle" SET "blockedUntil" = now() + interval '1 minute' WHERE "failures" = 5`);
    expect(await attempt(fay.email, "wrong password here", "192.0.2.60")).toBe("rate_limited");
    expect(await attempt(fay.email, PASSWORD, "192.0.2.60")).toBe("rate_limited");
    await sql(`UPDATE "SignInThrottle" SET "blockedUntil" = now() - interval '1 second'`);
    expect(await attempt(fay.email, PASSWORD, "192.0.2.60")).toBe("in");
    // Success forgets.
    expect(await attempt(fay.email, "wrong password here", "192.0.2.60")).toBe("not_authenticated");
  });

  test("counts guesses that come all at once", async () => {
    const gus = await member("Gus");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => attempt(gus.email, "wrong password here", `198.51.100.${index}`)),
    );
    // Five at once; on a busy machine the short waits run out meanwhile, but the tenth failure ends it for a quarter of an hour.
    const looked = answers.filter((answer) => answer === "not_authenticated").length;
    expect(looked).toBeGreaterThanOrEqual(5);
    expect(looked).toBeLessThanOrEqual(10);
    expect(answers.filter((answer) => answer === "rate_limited")).toHaveLength(30 - looked);
    expect((await actionsOf(gus.id)).filter((action) => action.startsWith("signin."))).toHaveLength(30);
  });

  test("does not write down what may be a password typed into the wrong field", async () => {
    await attempt("hunter2-is-my-password", "x", "192.0.2.70");
    const leaves = await sql<{ leaf: string }>(`SELECT convert_from("leaf", 'UTF8') AS "leaf" FROM "AuditEvent"`);
    expect(leaves.filter(({ leaf }) => leaf.includes("hunter2"))).toEqual([]);
    const rows = await sql(`SELECT 1 FROM "SignInThrottle" WHERE "key" LIKE '%hunter2%'`);
    expect(rows).toEqual([]);
  });
});

describe("a session", () => {
  const signIn = async (name: string) => {
    const person = await member(name);
    const { sessionId } = await app.auth.signInWithPassword({ email: person.email, password: PASSWORD }, from("192.0.2.90"));
    return { person, sessionId, ask: () => app.auth.fromSession(sessionId, TEST_CONTEXT, true).then(() => "good", codeOf) };
  };

  test("is over at the next request after signing out, revoking all, disabling, idling and twelve hours", async () => {
    const out = await signIn("Out");
    expect(await out.ask()).toBe("good");
    await app.auth.signOut(out.sessionId, TEST_CONTEXT);
    expect(await out.ask()).toBe("session_expired");

    const all = await signIn("All");
    await app.auth.endAllSessions(await app.auth.fromSession(all.sessionId, TEST_CONTEXT, true));
    expect(await all.ask()).toBe("session_expired");

    const off = await signIn("Off");
    await app.people.disablePerson(systemActor("Test"), { personId: off.person.id });
    expect(await off.ask()).toBe("session_expired");

    const idle = await signIn("Idle");
    await sql(`UPDATE "Session" SET "lastSeenAt" = now() - interval '29 minutes' WHERE "id" = $1`, [idle.sessionId]);
    expect(await idle.ask()).toBe("good");
    // That was activity, so the half hour began anew.
    const [row] = await sql<{ fresh: boolean }>(`SELECT "lastSeenAt" > now() - interval '1 minute' AS "fresh" FROM "Session" WHERE "id" = $1`, [idle.sessionId]);
    expect(row).toEqual({ fresh: true });
    await sql(`UPDATE "Session" SET "lastSeenAt" = now() - interval '31 minutes' WHERE "id" = $1`, [idle.sessionId]);
    expect(await idle.ask()).toBe("session_expired");

    const old = await signIn("Old");
    await sql(`UPDATE "Session" SET "expiresAt" = now() WHERE "id" = $1`, [old.sessionId]);
    expect(await old.ask()).toBe("session_expired");
  });

  test("that is only looked at, as by an open page, idles out all the same", async () => {
    const watched = await signIn("Watched");
    await sql(`UPDATE "Session" SET "lastSeenAt" = now() - interval '29 minutes' WHERE "id" = $1`, [watched.sessionId]);
    await app.auth.fromSession(watched.sessionId, TEST_CONTEXT, false);
    const [row] = await sql<{ fresh: boolean }>(`SELECT "lastSeenAt" > now() - interval '1 minute' AS "fresh" FROM "Session" WHERE "id" = $1`, [watched.sessionId]);
    expect(row).toEqual({ fresh: false });
  });

  test("has the rights its person has at this moment", async () => {
    const { person, sessionId } = await signIn("Moment");
    await app.people.grantRole(systemActor("Test"), { personId: person.id, role: "engineer" });
    const roles = (await app.auth.fromSession(sessionId, TEST_CONTEXT, true)).roles.map(({ role }) => role);
    expect(roles).toEqual(["viewer", "engineer"]);
  });
});

describe("a link", () => {
  test("is good once, however many try at the same moment", async () => {
    const link = await app.people.invitePerson(systemActor("Test"), { email: "hal@example.com", name: "Hal", roles: [{ role: "viewer" }] });
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        app.auth.acceptInvitation({ token: link.secret, password: PASSWORD }, TEST_CONTEXT).then(() => "in", codeOf),
      ),
    );
    expect(answers.filter((answer) => answer === "in")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "link_spent")).toHaveLength(5);
  });

  test("of an older invitation stops working when a newer one is made", async () => {
    const first = await app.people.invitePerson(systemActor("Test"), { email: "ina@example.com", name: "Ina", roles: [{ role: "viewer" }] });
    const second = await app.people.createInvitationLink(systemActor("Test"), { personId: first.personId });
    await expect(app.auth.inspectLink(first.secret)).rejects.toMatchObject({ code: "link_spent" });
    expect(await app.auth.inspectLink(second.secret)).toEqual({ purpose: "invitation", name: "Ina" });
  });

  test("does not sign in by being looked at, nor for another purpose than its own", async () => {
    const link = await app.people.invitePerson(systemActor("Test"), { email: "jo@example.com", name: "Jo", roles: [{ role: "viewer" }] });
    await expect(app.auth.signInWithLink(link.secret, TEST_CONTEXT)).rejects.toMatchObject({ code: "link_spent" });
    expect(await app.auth.inspectLink(link.secret)).toEqual({ purpose: "invitation", name: "Jo" });
  });

  test("with a weak password is refused and stays good", async () => {
    const link = await app.people.invitePerson(systemActor("Test"), { email: "kim@example.com", name: "Kim", roles: [{ role: "viewer" }] });
    await expect(app.auth.acceptInvitation({ token: link.secret, password: "password1234" }, TEST_CONTEXT)).rejects.toMatchObject({
      code: "invalid_input",
      errors: [{ pointer: "/password" }],
    });
    expect(await app.auth.acceptInvitation({ token: link.secret, password: PASSWORD }, TEST_CONTEXT)).toEqual({ email: "kim@example.com" });
  });
});

describe("a token", () => {
  test("acts for its person with its role, until revoked, expired or its person disabled", async () => {
    const person = await testPerson(app, "Token Owner", ["engineer"]);
    const token = await testToken(app, person, "engineer");
    const actor = await app.auth.fromToken(token, TEST_CONTEXT);
    expect(actor).toMatchObject({ type: "token", userId: person.userId, personId: person.personId });
    const ask = () => app.auth.fromToken(token, TEST_CONTEXT).then(() => "good", codeOf);
    await sql(`UPDATE "ApiToken" SET "expiresAt" = now() WHERE "id" = $1`, [actor.id]);
    expect(await ask()).toBe("not_authenticated");
    await sql(`UPDATE "ApiToken" SET "expiresAt" = now() + interval '1 day' WHERE "id" = $1`, [actor.id]);
    expect(await ask()).toBe("good");
    await sql(`UPDATE "User" SET "disabledAt" = now() WHERE "id" = $1`, [person.userId]);
    expect(await ask()).toBe("not_authenticated");
    await sql(`UPDATE "User" SET "disabledAt" = NULL WHERE "id" = $1`, [person.userId]);
    await app.tokens.revokeToken(systemActor("Test"), { tokenId: actor.id });
    expect(await ask()).toBe("not_authenticated");
  });

  test("is stored as a hash only, and one nobody made is refused", async () => {
    const person = await testPerson(app, "Hash Owner", ["engineer"]);
    const token = await testToken(app, person, "engineer");
    const dump = JSON.stringify(await sql(`SELECT * FROM "ApiToken"`)) + JSON.stringify(await sql(`SELECT convert_from("leaf", 'UTF8') FROM "AuditEvent"`));
    expect(dump).not.toContain(token.slice(12));
    expect(await app.auth.fromToken(newApiTokenSecret(), TEST_CONTEXT).catch(codeOf)).toBe("not_authenticated");
    expect(await app.auth.fromToken("slp_x", TEST_CONTEXT).catch(codeOf)).toBe("not_authenticated");
  });

  test("that a person made loses the role its person loses", async () => {
    const person = await testPerson(app, "Falling", ["engineer", "viewer"]);
    const made = await app.tokens.createToken(person, { name: "mine", role: "engineer", scopes: ["read", "register"] });
    expect((await app.auth.fromToken(made.token, TEST_CONTEXT)).roles).toEqual([{ role: "engineer", environmentId: null }]);
    const grant = (await app.store.read((db) => db.people.getPerson(person.id))).grants.find(({ role }) => role === "engineer");
    await app.people.revokeRole(systemActor("Test"), { personId: person.id, grantId: grant!.id });
    expect((await app.auth.fromToken(made.token, TEST_CONTEXT)).roles).toEqual([]);
  });

  test("cannot have a role its maker lacks, nor make another token", async () => {
    const person = await testPerson(app, "Climber", ["engineer"]);
    await expect(app.tokens.createToken(person, { name: "up", role: "admin", scopes: ["admin"] })).rejects.toMatchObject({ code: "forbidden" });
    const actor = await app.auth.fromToken(await testToken(app, person, "engineer"), TEST_CONTEXT);
    await expect(app.tokens.createToken(actor, { name: "child", role: "engineer", scopes: ["read"] })).rejects.toMatchObject({ code: "forbidden" });
  });

  test("of somebody else is not there for a person without the right to manage tokens", async () => {
    const [owner, other] = [await testPerson(app, "Owner X", ["engineer"]), await testPerson(app, "Other X", ["engineer"])];
    const made = await app.tokens.createToken(owner, { name: "x", role: "engineer", scopes: ["read"] });
    await expect(app.tokens.revokeToken(other, { tokenId: made.id })).rejects.toMatchObject({ code: "not_found" });
    expect((await app.tokens.listTokens(other, {})).map(({ id }) => id)).not.toContain(made.id);
    expect((await app.tokens.listTokens(owner, {})).map(({ id }) => id)).toContain(made.id);
  });

  test("made on the host is for the operator of this machine, who is one person whatever the role", async () => {
    const operator = systemActor("Local operator");
    const make = (role: "engineer" | "ml_lead") => app.tokens.createLocalToken(operator, { name: role, role, expiresInDays: 1 });
    const actors = await Promise.all((await Promise.all([make("engineer"), make("ml_lead"), make("engineer")])).map(({ token }) => app.auth.fromToken(token, TEST_CONTEXT)));
    const [personId] = new Set(actors.map((actor) => actor.personId));
    expect(actors.map((actor) => actor.personId)).toEqual([personId, personId, personId]);
    // A release names its author by it.
    expect(z.uuid().safeParse(personId).success).toBe(true);
    const admin = await testPerson(app, "Not The Host", ["admin"]);
    await expect(app.tokens.createLocalToken(admin, { name: "x", role: "ml_lead", expiresInDays: 1 })).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("people", () => {
  test("cannot change their own roles, by any account of theirs", async () => {
    const admin = await testPerson(app, "Own Rights", ["admin"]);
    await expect(app.people.grantRole(admin, { personId: admin.id, role: "ml_lead" })).rejects.toMatchObject({ code: "self_grant" });
    expect(await actionsOf(admin.id)).toContain("access.denied");
    const second = await testPerson(app, "Second Account", ["viewer"]);
    await sql(`UPDATE "User" SET "personId" = $1 WHERE "id" = $2`, [admin.personId, second.id]);
    await expect(app.people.grantRole(admin, { personId: second.id, role: "ml_lead" })).rejects.toMatchObject({ code: "self_grant" });
  });

  test("always leave one administrator, even when two go for each other at the same moment", async () => {
    const fresh = await testApp();
    try {
      const [a, b] = [await testPerson(fresh.app, "Adm A", ["admin"]), await testPerson(fresh.app, "Adm B", ["admin"])];
      const answers = await Promise.all([
        fresh.app.people.disablePerson(a, { personId: b.id }).then(() => "done", codeOf),
        fresh.app.people.disablePerson(b, { personId: a.id }).then(() => "done", codeOf),
      ]);
      expect(answers.filter((answer) => answer === "done")).toHaveLength(1);
      expect(answers).toContain("conflict");
    } finally {
      await fresh.close();
    }
  });
});

describe("the first administrator", () => {
  test("is made once by the link of an empty installation, and needs a real password", async () => {
    const fresh = await testApp();
    try {
      const token = new URL(fresh.address).searchParams.get("key") ?? "";
      expect(await fresh.app.auth.inspectLink(token)).toEqual({ purpose: "first_administrator", name: null });
      const given = { token, name: "Ada", email: "ada@example.com", password: PASSWORD };
      await expect(fresh.app.auth.createFirstAdministrator({ ...given, password: "short" }, TEST_CONTEXT)).rejects.toMatchObject({ code: "invalid_input" });
      const answers = await Promise.all(
        [1, 2, 3].map((index) =>
          fresh.app.auth
            .createFirstAdministrator({ ...given, email: `ada${index}@example.com` }, TEST_CONTEXT)
            .then(() => "made", codeOf),
        ),
      );
      expect(answers.sort()).toEqual(["link_spent", "link_spent", "made"]);
      const people = await fresh.app.people.listPeople(systemActor("Test"), {});
      expect(people).toHaveLength(1);
      expect(people[0]?.grants.map(({ role }) => role)).toEqual(["admin", "engineer"]);
    } finally {
      await fresh.close();
    }
  });
});

describe("somebody an identity provider vouches for", () => {
  const identity = {
    issuer: "https://id.example.com",
    subject: "s-1",
    email: "lea@example.com",
    emailVerified: true,
    name: "Lea",
    groups: ["ml-leads"],
  };
  let sso: TestApp;
  beforeAll(async () => {
    sso = await testApp({
      variables: {
        SLIPWAY_OIDC_ISSUER: identity.issuer,
        SLIPWAY_OIDC_CLIENT_ID: "slipway",
        SLIPWAY_OIDC_CLIENT_SECRET: "not a secret",
        SLIPWAY_OIDC_ROLE_MAP: "ml-leads=ml_lead,*=viewer",
      },
    });
  });
  afterAll(() => sso.close());

  test("becomes known at the first sign-in, and their roles follow their groups", async () => {
    const roles = async (groups: readonly string[]) => {
      const { sessionId } = await sso.app.auth.signInWithOidc({ ...identity, groups }, TEST_CONTEXT);
      return (await sso.app.auth.fromSession(sessionId, TEST_CONTEXT, true)).roles.map(({ role }) => role);
    };
    expect(await roles(["ml-leads"])).toEqual(["ml_lead", "viewer"]);
    expect(await roles([])).toEqual(["viewer"]);
    expect(await sso.app.people.listPeople(systemActor("Test"), {})).toHaveLength(1);
  });

  test("is refused without a verified address, when disabled, and when the address is somebody else's already", async () => {
    const other = { ...identity, subject: "s-2", email: "mia@example.com" };
    const ask = (who: typeof identity) => sso.app.auth.signInWithOidc(who, TEST_CONTEXT).then(() => "in", codeOf);
    expect(await ask({ ...other, emailVerified: false })).toBe("forbidden");
    expect(await ask({ ...other, email: identity.email })).toBe("forbidden");
    expect(await ask(other)).toBe("in");
    const [mia] = (await sso.app.people.listPeople(systemActor("Test"), {})).filter(({ email }) => email === other.email);
    await sso.app.people.disablePerson(systemActor("Test"), { personId: mia!.id });
    expect(await ask(other)).toBe("forbidden");
  });
});

describe("the demonstration", () => {
  test("lets its people be switched on this machine only, and nobody else become one of them", async () => {
    const demo = await testApp({ demo: true });
    try {
      const key = new URL(demo.address).searchParams.get("key") ?? "";
      const { sessionId } = await demo.app.auth.signInWithLink(key, TEST_CONTEXT);
      const lead = await demo.app.auth.fromSession(sessionId, TEST_CONTEXT, true);
      expect(lead.roles.map(({ role }) => role)).toEqual(["ml_lead"]);
      expect((await demo.app.auth.whoAmI(lead)).demoPeople.map(({ email }) => email)).toContain("reviewer@demo");
      const next = await demo.app.auth.switchDemoPerson(lead, "reviewer@demo");
      const reviewer = await demo.app.auth.fromSession(next.sessionId, TEST_CONTEXT, true);
      expect(reviewer.roles.map(({ role }) => role)).toEqual(["compliance", "auditor"]);
      expect(await demo.app.auth.fromSession(sessionId, TEST_CONTEXT, true).catch(codeOf)).toBe("session_expired");
      await expect(demo.app.auth.signInWithLink(key, TEST_CONTEXT)).rejects.toMatchObject({ code: "link_spent" });
      const outsider = await testPerson(demo.app, "Outsider", ["viewer"]);
      await expect(demo.app.auth.switchDemoPerson({ ...outsider, sessionId: next.sessionId, personId: outsider.personId }, "nobody@demo")).rejects.toMatchObject({ code: "not_found" });
    } finally {
      await demo.close();
    }
  });

  test("does not start where others can reach it, and an installation of people has no switch", async () => {
    await expect(testApp({ demo: true, variables: { SLIPWAY_HOST: "0.0.0.0" } })).rejects.toMatchObject({ code: "conflict" });
    const person = await testPerson(app, "Real Person", ["viewer"]);
    await expect(app.auth.switchDemoPerson({ ...person, sessionId: person.id }, "lead@demo")).rejects.toMatchObject({ code: "not_found" });
  });
});
