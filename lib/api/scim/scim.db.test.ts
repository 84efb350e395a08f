import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestApp, testApp, testPerson, testToken } from "#lib/server/test-app.ts";
import { handleScim } from "./scim-route.ts";
import { provideApp } from "../running-app.ts";

let started: TestApp;
let token: string;

beforeAll(async () => {
  started = await testApp({
    variables: { SLIPWAY_OIDC_ISSUER: "https://id.example.com", SLIPWAY_OIDC_CLIENT_ID: "slipway", SLIPWAY_OIDC_CLIENT_SECRET: "s", SLIPWAY_OIDC_ROLE_MAP: "ml-leads=ml_lead,risk=validator,admins=admin" },
  });
  provideApp(started.app);
  token = await testToken(started.app, await testPerson(started.app, "Oskar Lind", ["admin"]), "admin");
});
afterAll(() => started.close());

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Answer = { readonly status: number; readonly body: Record<string, any>; readonly type: string | null };

async function scim(method: string, path: string, body?: unknown, as: string | null = token): Promise<Answer> {
  const [place = "", search] = path.split("?");
  const request = new Request(`http://127.0.0.1:3000/scim/v2/${path}`, {
    method,
    headers: { "content-type": "application/scim+json", ...(as === null ? {} : { authorization: `Bearer ${as}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(search ?? "").toBe(search ?? "");
  const response = await handleScim(request, { params: Promise.resolve({ path: place.split("/") }) });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Answer["body"]), type: response.headers.get("content-type") };
}

const person = (name: string) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  userName: `${name}@example.org`, externalId: `ext-${name}`, name: { givenName: name, familyName: "Example" }, emails: [{ value: `${name}@example.org`, primary: true }], active: true,
});
const rolesOf = async (id: string): Promise<string[]> => (await started.app.store.read((db) => db.people.getPerson(id))).grants.map(({ role }) => role).sort();

test("tells what it offers, and asks for a token of an administrator", async () => {
  expect((await scim("GET", "ServiceProviderConfig")).body["patch"]).toEqual({ supported: true });
  expect((await scim("GET", "ResourceTypes")).body["totalResults"]).toBe(2);
  const refused = await scim("GET", "Users", undefined, null);
  expect([refused.status, refused.type, refused.body["schemas"]]).toEqual([401, "application/scim+json", ["urn:ietf:params:scim:api:messages:2.0:Error"]]);
  const engineer = await testToken(started.app, await testPerson(started.app, "Priya Nair", ["engineer"]), "engineer");
  expect((await scim("POST", "Users", person("nobody"), engineer)).status).toBe(403);
  expect((await scim("GET", "Nothing")).status).toBe(404);
});

describe("a person", () => {
  test("comes, is found by name and by the directory's id, changes, goes, and comes back", async () => {
    const created = await scim("POST", "Users", person("ada"));
    expect([created.status, created.body["userName"], created.body["displayName"], created.body["active"]]).toEqual([201, "ada@example.org", "ada Example", true]);
    const id = String(created.body["id"]);
    expect((await scim("POST", "Users", person("ada"))).body).toMatchObject({ status: "409", scimType: "uniqueness" });
    for (const filter of ['userName eq "ADA@example.org"', 'externalId eq "ext-ada"']) {
      expect((await scim("GET", `Users?filter=${encodeURIComponent(filter)}`)).body).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    }
    expect((await scim("GET", `Users?filter=${encodeURIComponent('title sw "x"')}`)).status).toBe(400);
    expect((await scim("PATCH", `Users/${id}`, { Operations: [{ op: "Replace", path: "userName", value: "ada.l@example.org" }, { op: "replace", value: { displayName: "Ada L" } }] })).body).toMatchObject({
      userName: "ada.l@example.org", displayName: "Ada L",
    });
    const link = await started.app.store.write(async ({ uow, now, appendAudit }) => {
      await uow.sessions.insertSession({ id, userId: id, method: "oidc", expiresAt: new Date(now.getTime() + 60_000), ip: null, userAgent: null });
      await appendAudit({ drafts: [{ action: "session.started", targets: [] }], actor: { type: "system", id: "t", name: "t", authMethod: null }, context: { requestId: null, ip: null, userAgent: null, idempotencyKey: null }, forceCheckpoint: false });
      return id;
    });
    expect((await scim("PATCH", `Users/${id}`, { Operations: [{ op: "Replace", path: "active", value: "False" }] })).body["active"]).toBe(false);
    await expect(started.app.auth.fromSession(link, { requestId: null, ip: null, userAgent: null, idempotencyKey: null }, false)).rejects.toMatchObject({ code: "session_expired" });
    expect((await scim("PUT", `Users/${id}`, { ...person("ada"), active: true })).body).toMatchObject({ active: true, userName: "ada@example.org" });
    expect((await scim("DELETE", `Users/${id}`)).status).toBe(204);
    expect((await scim("GET", `Users/${id}`)).body["active"]).toBe(false);
  });

  test("that is no person, or no id, is not there", async () => {
    expect((await scim("GET", "Users/0199b1f0-5a3e-7c21-8f00-1234567890ab")).status).toBe(404);
    expect((await scim("GET", "Users/x")).status).toBe(404);
    expect((await scim("POST", "Users", { userName: "" })).body).toMatchObject({ status: "400", scimType: "invalidValue" });
    expect((await scim("POST", "Users", { userName: "no address" })).status).toBe(400);
  });
});

describe("a group", () => {
  test("gives its members the roles of its rules, and takes them with the membership", async () => {
    const [one, two] = [await scim("POST", "Users", person("grace")), await scim("POST", "Users", person("linus"))].map(({ body }) => String(body["id"]));
    if (one === undefined || two === undefined) throw new Error("no people");
    const group = await scim("POST", "Groups", { displayName: "ml-leads", members: [{ value: one }] });
    expect(group.status).toBe(201);
    expect([await rolesOf(one), await rolesOf(two)]).toEqual([["ml_lead"], []]);
    const id = String(group.body["id"]);
    await scim("PATCH", `Groups/${id}`, { Operations: [{ op: "add", path: "members", value: [{ value: two }] }] });
    expect(await rolesOf(two)).toEqual(["ml_lead"]);
    await scim("PATCH", `Groups/${id}`, { Operations: [{ op: "remove", path: `members[value eq "${one}"]` }] });
    expect([await rolesOf(one), await rolesOf(two)]).toEqual([[], ["ml_lead"]]);
    await scim("PUT", `Groups/${id}`, { displayName: "risk", members: [{ value: one }, { value: two }] });
    expect([await rolesOf(one), await rolesOf(two)]).toEqual([["validator"], ["validator"]]);
    expect((await scim("GET", `Users/${one}`)).body["groups"]).toEqual([{ value: id, display: "risk" }]);
    expect((await scim("DELETE", `Groups/${id}`)).status).toBe(204);
    expect([await rolesOf(one), await rolesOf(two)]).toEqual([[], []]);
  });

  test("with a stranger in it is refused and leaves nothing", async () => {
    const refused = await scim("POST", "Groups", { displayName: "strangers", members: [{ value: "0199b1f0-5a3e-7c21-8f00-1234567890ab" }] });
    expect(refused.status).toBe(400);
    expect((await scim("GET", `Groups?filter=${encodeURIComponent('displayName eq "strangers"')}`)).body["totalResults"]).toBe(0);
  });
});
