import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operationsByArea } from "#lib/contracts/api/operations.ts";
import { PERSON_ROLES, type Role, allowsSomewhere } from "#lib/domain/access/permissions.ts";
import type { App } from "#lib/server/composition.ts";
import { type TestApp, testApp, testPerson, testToken } from "#lib/server/test-app.ts";
import { systemActor } from "#lib/server/ports.ts";
import { type FoundRoute, call, routesOf } from "./api.fixture.ts";
import { openApiDocument } from "./openapi.ts";
import { problemDocument } from "./problem.ts";
import { cookieNames, sessionCookie } from "./session-cookie.ts";

const ID = "0199b1f0-5a3e-7c21-8f00-1234567890ab";
const ROLES: readonly Role[] = [...PERSON_ROLES, "runtime"];

let started: TestApp;
let app: App;
let routes: readonly FoundRoute[];
let database: Client;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  started = await testApp();
  ({ app } = started);
  database = new Client({ connectionString: started.database.superuserUrl });
  await database.connect();
  routes = await routesOf(app);
  for (const role of ROLES) tokens.set(role, await testToken(app, await testPerson(app, `Role ${role}`, [role]), role));
});
afterAll(async () => {
  await database.end();
  await started.close();
});

async function sql<T>(text: string, values: unknown[] = []): Promise<T[]> {
  return (await database.query(text, values)).rows as T[];
}

const routeOf = (name: string): FoundRoute => {
  const found = routes.find(({ handler }) => handler.operation.name === name);
  if (found === undefined) throw new Error(`no route ${name}`);
  return found;
};

/** Values of the right form for every path parameter: existing is not the question here. */
const paramsFor = (path: string): Record<string, string> =>
  Object.fromEntries(
    [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => [
      name,
      name === "digest" ? `sha256:${"a".repeat(64)}` : name === "number" ? "999999" : name.endsWith("Id") ? ID : "absent",
    ]),
  );

test("every handler serves the operation of its own address, and every operation has its handler", () => {
  for (const { path, method, handler } of routes) {
    expect([handler.operation.name, handler.operation.method, handler.operation.path]).toEqual([handler.operation.name, method, path]);
  }
  const served = routes.map(({ handler }) => handler.operation.name).sort();
  const declared = Object.values(operationsByArea).flat().map(({ name }) => name).sort();
  expect(served).toEqual(declared);
  expect(new Set(declared).size).toBe(declared.length);
});

test("the OpenAPI document has every address under /api/v1 and no other", () => {
  const { paths } = openApiDocument("0") as unknown as { paths: Record<string, Record<string, unknown>> };
  const inDocument = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  const served = routes.filter(({ path }) => path.startsWith("/api/v1/")).map(({ method, path }) => `${method} ${path}`);
  expect(inDocument.sort()).toEqual(served.sort());
});

describe("every route against every role", () => {
  test("lets in whom the permission table names and nobody else, and the trail has each refusal", async () => {
    const lines: string[] = [];
    for (const { method, path, handler } of routes) {
      const { permission, responseType } = handler.operation;
      const marks: string[] = [];
      for (const role of ROLES) {
        // A stream that is let in does not end by itself.
        const isStream = responseType === "text/event-stream";
        const before = await denials();
        const response = await call(handler, {
          params: paramsFor(path),
          token: tokens.get(role) ?? "",
          headers: { "if-match": '"0"' },
          ...(method === "GET" ? {} : { body: "{}" }),
        });
        if (isStream) await response.body?.cancel();
        const isRefused = (await denials()) > before;
        const principal = { roles: [{ role, environmentId: null }], scopes: null };
        const isMeant = permission === "anyone" || permission === "signed_in" || allowsSomewhere(principal, permission);
        // The use case may refuse more (an object of somebody else's), never less.
        if (!isMeant) expect([path, method, role, isRefused]).toEqual([path, method, role, true]);
        if (!isMeant) expect([403, 404]).toContain(response.status);
        if (isRefused) expect([path, method, role, response.status]).toEqual([path, method, role, isMeant ? 403 : response.status]);
        expect(response.status).toBeLessThan(500);
        marks.push((isMeant && !isRefused ? "x" : isRefused && response.status === 404 ? "h" : ".").padEnd(role.length));
      }
      lines.push(`${`${method} ${path}`.padEnd(64)} ${permission.padEnd(20)} ${marks.join(" ")}`.trimEnd());
    }
    const head = `${"x = let in, . = refused, h = hidden as if missing".padEnd(64)} ${"".padEnd(20)} ${ROLES.join(" ")}`;
    await expect([head, ...lines, ""].join("\n")).toMatchFileSnapshot("routes.golden.txt");
  }, 600_000);

  test("lets nobody in without proof, with a proof that is no good, or by a cookie from another site", async () => {
    const { session } = cookieNames((await app.install()).installId, false);
    for (const { method, path, handler } of routes) {
      if (handler.operation.permission === "anyone") continue;
      const ask = async (headers: Record<string, string>) =>
        (await call(handler, { params: paramsFor(path), headers, ...(method === "GET" ? {} : { body: "{}" }) })).status;
      expect([path, await ask({})]).toEqual([path, 401]);
      expect([path, await ask({ authorization: "Bearer slp_000000000000000000000000000000000000" })]).toEqual([path, 401]);
      expect([path, await ask({ authorization: "Basic YTpi" })]).toEqual([path, 401]);
      expect([path, await ask({ cookie: `${session}=forged`, "sec-fetch-site": "same-origin" })]).toEqual([path, 401]);
      if (method !== "GET") {
        expect([path, await ask({ cookie: `${session}=x`, "sec-fetch-site": "cross-site" })]).toEqual([path, 403]);
        expect([path, await ask({ cookie: `${session}=x` })]).toEqual([path, 403]);
      }
    }
  });

  const denials = async (): Promise<number> =>
    Number((await sql<{ count: string }>(`SELECT count(*) FROM "AuditEvent" WHERE "action" = 'access.denied'`))[0]?.count);
});

describe("a browser's session", () => {
  test("may change things from our own pages, is told who it is, and is over after signing out", async () => {
    const person = await testPerson(app, "Browser Person", ["engineer"]);
    const link = await app.people.createInvitationLink(systemActor("Test"), { personId: person.id });
    const { email } = await app.auth.acceptInvitation({ token: link.secret, password: "correct horse battery" }, person.context);
    const { sessionId } = await app.auth.signInWithPassword({ email, password: "correct horse battery" }, person.context);
    const { session: name } = cookieNames((await app.install()).installId, false);
    const cookie = (await sessionCookie(sessionId, { name, secret: app.settings.secret, maxAgeSeconds: 60, isSecure: false })).split(";")[0] ?? "";
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    const me = await call(routeOf("getSession").handler, { headers });
    expect(await me.json()).toMatchObject({ name: "Browser Person", email, permissions: expect.arrayContaining(["release:rollback"]) });
    const patch = routeOf("updateProfile").handler;
    expect((await call(patch, { headers, body: JSON.stringify({ timeZone: "Europe/Berlin" }) })).status).toBe(200);
    expect((await call(patch, { headers, body: JSON.stringify({ timeZone: "Mars/Olympus" }) })).status).toBe(422);
    expect((await call(patch, { headers: { cookie }, body: "{}" })).status).toBe(403);
    expect((await call(patch, { headers: { cookie, origin: "http://127.0.0.1:3000" }, body: "{}" })).status).toBe(200);
    // A token in the same request decides alone.
    expect((await call(patch, { headers: { ...headers, authorization: "Bearer nonsense" }, body: "{}" })).status).toBe(401);
    await app.auth.signOut(sessionId, person.context);
    expect((await call(routeOf("getSession").handler, { headers })).status).toBe(401);
  });
});

describe("the same Idempotency-Key", () => {
  const invite = (key: string, email: string, token: string) =>
    call(routeOf("grantRole").handler, {
      token,
      params: { personId: email },
      headers: { "idempotency-key": key },
      body: JSON.stringify({ role: "viewer" }),
    });

  test("fifty times at once is done once; all who get an answer get the same", async () => {
    const token = tokens.get("admin") ?? "";
    const target = await testPerson(app, "Fifty Times", []);
    const responses = await Promise.all(Array.from({ length: 50 }, () => invite("fifty-times-0001", target.id, token)));
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201 || status === 409)).toHaveLength(50);
    const bodies = await Promise.all(responses.filter(({ status }) => status === 201).map((response) => response.text()));
    expect(bodies.length).toBeGreaterThan(0);
    expect(new Set(bodies).size).toBe(1);
    const grants = await sql(`SELECT 1 FROM "RoleGrant" WHERE "userId" = $1`, [target.id]);
    expect(grants).toHaveLength(1);
    const events = await sql(`SELECT 1 FROM "AuditEvent" WHERE "action" = 'role.granted' AND "idempotencyKey" = 'fifty-times-0001'`);
    expect(events).toHaveLength(1);
    const again = await invite("fifty-times-0001", target.id, token);
    expect([again.status, again.headers.get("idempotency-replayed"), await again.text()]).toEqual([201, "true", bodies[0]]);
  });

  test("with another body is refused, and of another person is another key", async () => {
    const token = tokens.get("admin") ?? "";
    const [one, two] = [await testPerson(app, "Key One", []), await testPerson(app, "Key Two", [])];
    expect((await invite("shared-key-0001", one.id, token)).status).toBe(201);
    const mismatch = await invite("shared-key-0001", two.id, token);
    expect([mismatch.status, (await mismatch.json()).code]).toEqual([422, "idempotency_mismatch"]);
    const other = await testToken(app, await testPerson(app, "Second Admin", ["admin"]), "admin");
    expect((await invite("shared-key-0001", two.id, other)).status).toBe(201);
  });

  test("of a request that was refused is free again", async () => {
    const token = tokens.get("admin") ?? "";
    const target = await testPerson(app, "Refused First", ["viewer"]);
    expect((await invite("refused-key-0001", target.id, token)).status).toBe(409);
    await sql(`DELETE FROM "RoleGrant" WHERE "userId" = $1`, [target.id]);
    const second = await invite("refused-key-0001", target.id, token);
    expect([second.status, second.headers.get("idempotency-replayed")]).toEqual([201, null]);
  });

  test("does not show a secret twice", async () => {
    const admin = tokens.get("admin") ?? "";
    const send = () =>
      call(routeOf("createRuntimeToken").handler, {
        token: admin,
        headers: { "idempotency-key": "secret-key-0001" },
        body: JSON.stringify({ name: "second runtime" }),
      });
    const first = await send();
    expect(first.status).toBe(201);
    const { token } = await first.json();
    const second = await send();
    expect([second.status, (await second.json()).code]).toEqual([409, "secret_already_shown"]);
    expect(JSON.stringify(await sql(`SELECT * FROM "IdempotencyRecord"`))).not.toContain(token);
  });

  test("whose first holder died may be taken over, unless the trail shows that its act was done", async () => {
    const token = tokens.get("admin") ?? "";
    const [lost, done] = [await testPerson(app, "Lost Holder", []), await testPerson(app, "Done Holder", [])];
    const { id } = await app.auth.fromToken(token, lost.context);
    expect((await invite("done-holder-0001", done.id, token)).status).toBe(201);
    // As after a crash between the commit and the keeping of the answer, two minutes ago.
    await sql(`UPDATE "IdempotencyRecord" SET "status" = NULL, "body" = NULL, "createdAt" = "createdAt" - interval '2 minutes' WHERE "key" = 'done-holder-0001'`);
    expect((await invite("done-holder-0001", done.id, token)).status).toBe(409);
    const request = await invite("lost-holder-0001", lost.id, token);
    expect(request.status).toBe(201);
    await sql(`DELETE FROM "RoleGrant" WHERE "userId" = $1`, [lost.id]);
    await sql(
      `UPDATE "IdempotencyRecord" SET "key" = 'lost-holder-0002', "status" = NULL, "body" = NULL, "createdAt" = now() - interval '2 minutes'
       WHERE "actorId" = $1 AND "key" = 'lost-holder-0001'`,
      [id],
    );
    expect((await invite("lost-holder-0002", lost.id, token)).status).toBe(201);
  });
});

describe("malformed requests", () => {
  const hostile = fc.oneof(
    fc.json({ maxDepth: 5 }),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.constantFrom("", "null", "[]", '"x"', "0", "{", '{"__proto__":{"a":1}}', '{"constructor":1}', '{"a":"\\u0000"}', '{"a":"\\ud800"}', "1e400", "[".repeat(5000)),
    fc.record({ role: fc.anything(), email: fc.anything(), name: fc.anything(), reason: fc.anything(), body: fc.anything() }).map((value) => {
      try {
        return JSON.stringify(value) ?? "";
      } catch {
        return "{}";
      }
    }),
  );
  const word = fc.oneof(fc.constantFrom(ID, "x", "..", "\u0000", "%00", "'", '"; drop', "a".repeat(3000), "__proto__", "-1", "1e9"), fc.string({ unit: "binary", maxLength: 40 }));
  const runs = process.env["SLIPWAY_TEST_FULL"] === "1" ? 10_000 : 1_000;
  const header = fc.constantFrom('"7"', "*", "W/\"1\"", "x", "", `"${"9".repeat(30)}"`);

  test("are refused as problem documents, never break anything and never change anything", async () => {
    const own = new Set(["acceptInvitation", "createFirstAdministrator"]);
    const targets = routes.filter(({ handler }) => handler.operation.responseType === undefined && handler.operation.body !== "stream");
    const count = async () => (await sql(`SELECT (SELECT count(*) FROM "User") AS u, (SELECT count(*) FROM "RoleGrant") AS g, (SELECT count(*) FROM "ApiToken") AS t`))[0];
    const before = await count();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets), hostile, fc.array(word, { minLength: 4, maxLength: 4 }), fc.option(word), fc.option(header), fc.option(word), fc.constantFrom(...ROLES),
        async ({ handler, path }, body, words, search, match, key, role) => {
          const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
          const safe = (text: string | null): string | null => (text !== null && /^[\x20-\x7e]*$/.test(text) ? text.trim() : null);
          const response = await call(handler, {
            params: Object.fromEntries(names.map((name, index) => [name, (words[index] ?? "x").toWellFormed()])),
            ...(search === null ? {} : { search: `?${encodeURIComponent(search.toWellFormed())}=${encodeURIComponent((words[3] ?? "").toWellFormed())}` }),
            headers: {
              ...(match === null ? {} : { "if-match": match }),
              ...(safe(key) === null ? {} : { "idempotency-key": safe(key) ?? "" }),
            },
            body,
            ...(own.has(handler.operation.name) ? {} : { token: tokens.get(role) ?? "" }),
          });
          expect([handler.operation.name, response.status]).toEqual([handler.operation.name, expect.toSatisfy((status: number) => status < 500)]);
          if (response.status < 400) return;
          expect(response.headers.get("content-type")).toBe("application/problem+json");
          const problem = problemDocument.parse(await response.json());
          expect(problem.requestId).toBe(response.headers.get("x-request-id"));
        },
      ),
      { seed: 20261123, numRuns: runs },
    );
    expect(await count()).toEqual(before);
  }, runs * 60);
});

test("an answer is never kept by anybody on the way", async () => {
  const response = await call(routeOf("listPeople").handler, { token: tokens.get("admin") ?? "" });
  expect([response.status, response.headers.get("cache-control"), response.headers.get("x-content-type-options")]).toEqual([200, "no-store", "nosniff"]);
  const { people } = await response.json();
  expect(JSON.stringify(people)).not.toMatch(/argon2|passwordHash/);
});
