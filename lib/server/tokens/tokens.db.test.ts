import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TEST_CONTEXT, type TestApp, testApp, testPerson } from "../test-app.ts";
import type { Actor } from "../ports.ts";

let started: TestApp;
let engineer: Actor;
let admin: Actor;

beforeAll(async () => {
  started = await testApp();
  engineer = await testPerson(started.app, "Priya Nair", ["engineer"]);
  admin = await testPerson(started.app, "Oskar Lind", ["admin"]);
});
afterAll(() => started.close());

const from = (ip: string | null) => ({ ...TEST_CONTEXT, ip });

describe("a token bound to networks", () => {
  test("works from them and from nowhere else, and the trail has the refusal", async () => {
    const { app } = started;
    const { token } = await app.tokens.createToken(engineer, { name: "bound", role: "engineer", scopes: ["read"], allowedIps: ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"] });
    for (const ip of ["10.1.2.3", "192.0.2.7", "::ffff:10.1.2.3", "2001:db8::1"]) await expect(app.auth.fromToken(token, from(ip))).resolves.toMatchObject({ type: "token" });
    const before = (await app.audit.list(admin, { action: "access.denied", limit: 50 } as never)).events.length;
    for (const ip of ["10.2.0.1", "192.0.2.8", "2001:db9::1", null]) await expect(app.auth.fromToken(token, from(ip))).rejects.toMatchObject({ code: "forbidden" });
    expect((await app.audit.list(admin, { action: "access.denied", limit: 50 } as never)).events.length).toBe(before + 4);
  });

  test("takes no network that is none", async () => {
    for (const network of ["x", "10.0.0.0/33", "300.1.1.1", "10.0.0.1-10.0.0.9", ""]) {
      await expect(started.app.tokens.createToken(engineer, { name: "bad", role: "engineer", scopes: ["read"], allowedIps: [network] })).rejects.toThrow();
    }
  });
});

test("a revoked token is refused by the next request, well within a second", async () => {
  const { app } = started;
  const { token, id } = await app.tokens.createToken(engineer, { name: "short", role: "engineer", scopes: ["read"] });
  await app.auth.fromToken(token, TEST_CONTEXT);
  const before = performance.now();
  await app.tokens.revokeToken(engineer, { tokenId: id });
  await expect(app.auth.fromToken(token, TEST_CONTEXT)).rejects.toMatchObject({ code: "not_authenticated" });
  expect(performance.now() - before).toBeLessThan(1000);
});

test("last use is written down", async () => {
  const { app } = started;
  const { token, id } = await app.tokens.createToken(engineer, { name: "used", role: "engineer", scopes: ["read"] });
  await app.auth.fromToken(token, TEST_CONTEXT);
  expect((await app.tokens.listTokens(engineer, {})).find((one) => one.id === id)?.lastUsedAt).toBeInstanceOf(Date);
});

describe("a service account", () => {
  test("works by its tokens with its own roles, and ends with its account", async () => {
    const { app } = started;
    const account = await app.people.createServiceAccount(admin, { name: "Nightly training", roles: [{ role: "engineer" }] });
    const { token } = await app.people.createServiceToken(admin, { personId: account.id, name: "ci", role: "engineer", scopes: ["read", "register"] });
    const actor = await app.auth.fromToken(token, TEST_CONTEXT);
    expect([actor.personId, actor.roles]).toEqual([account.id, [{ role: "engineer", environmentId: null }]]);
    await app.registry.createModel(actor, { name: "made-by-service", intendedUse: "Shows that a program can register.", riskTier: "low" });
    await expect(app.people.createServiceToken(admin, { personId: account.id, name: "ci", role: "auditor", scopes: ["read"] })).rejects.toMatchObject({ code: "invalid_input" });
    expect((await app.people.listPeople(admin, {})).some(({ id }) => id === account.id)).toBe(false);
    expect((await app.people.listServiceAccounts(admin, {})).map(({ name, tokens }) => [name, tokens.length])).toEqual([["Nightly training", 1]]);
    await app.people.disablePerson(admin, { personId: account.id });
    await expect(app.auth.fromToken(token, TEST_CONTEXT)).rejects.toMatchObject({ code: "not_authenticated" });
  });

  test("can hold no role that approves or lets people in, and only an administrator makes one", async () => {
    for (const role of ["ml_lead", "validator", "compliance", "admin"]) {
      await expect(started.app.people.createServiceAccount(admin, { name: "x", roles: [{ role: role as never }] })).rejects.toThrow();
    }
    await expect(started.app.people.createServiceAccount(engineer, { name: "x", roles: [{ role: "viewer" }] })).rejects.toMatchObject({ code: "forbidden" });
    await expect(started.app.people.createServiceToken(admin, { personId: engineer.id, name: "x", role: "engineer", scopes: ["read"] })).rejects.toMatchObject({ code: "not_found" });
  });
});

test("tokens of the scope pin reach runtimes as hashes, and leave them when revoked or when their person is disabled", async () => {
  const { app } = started;
  const told = () => app.store.readSnapshot((db) => db.desired.readDesiredState());
  const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");
  const person = await testPerson(app, "Iris Brandt", ["engineer"]);
  const before = await told();
  const make = (name: string, scopes: ("pin" | "read")[], allowedIps?: string[]) =>
    app.tokens.createToken(person, { name, role: "engineer", scopes, ...(allowedIps === undefined ? {} : { allowedIps }) });
  const [first, second] = [await make("first", ["pin"]), await make("second", ["read", "pin"])];
  await make("no pin", ["read"]);
  await make("bound", ["pin"], ["10.0.0.0/8"]);
  const known = async () => (await told()).pinTokens?.map(({ sha256 }) => sha256).filter((hash) => [first, second].some(({ token }) => hashOf(token) === hash));
  expect(new Set((await told()).pinTokens?.map(({ sha256 }) => sha256))).toEqual(new Set([...(before.pinTokens ?? []).map(({ sha256 }) => sha256), hashOf(first.token), hashOf(second.token)]));
  expect((await told()).revision).toBeGreaterThan(before.revision);
  await app.tokens.revokeToken(person, { tokenId: first.id });
  expect(await known()).toEqual([hashOf(second.token)]);
  const { revision } = await told();
  await app.people.disablePerson(admin, { personId: person.userId ?? "" });
  expect(await known()).toEqual([]);
  expect((await told()).revision).toBeGreaterThan(revision);
});
