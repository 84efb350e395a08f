import { afterAll, beforeAll, expect, test } from "vitest";
import { type Example, type ExampleNames, apiExample, apiExamples } from "#lib/contracts/api/examples.ts";
import { operationsByArea } from "#lib/contracts/api/operations.ts";
import type { Role } from "#lib/domain/access/permissions.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { type ReleaseStage, releaseStage } from "#lib/server/releases/release-stage.fixture.ts";
import { testPerson, testToken } from "#lib/server/test-app.ts";
import { type FoundRoute, call, routesOf } from "./api.fixture.ts";
import { apiReference } from "./api-reference.ts";

let stage: ReleaseStage;
let routes: readonly FoundRoute[];
const tokens = new Map<Role, string>();
const ROLES: readonly Role[] = ["engineer", "ml_lead", "admin"];
const NAMES: ExampleNames = { url: "http://127.0.0.1:3000", model: "digits", version: "1.1.0", endpoint: "digits", environment: "production", release: "1", eventSeq: "0" };

beforeAll(async () => {
  stage = await releaseStage();
  routes = await routesOf(stage.app);
  for (const role of ROLES) tokens.set(role, await testToken(stage.app, await testPerson(stage.app, `Reader ${role}`, [role]), role));
  await (await stage.app.trail()).signIfDue();
});
afterAll(() => stage.close());

/** What a shell would send for this command, taken apart again: the example is what is run, not what it was made from. */
function requestOf(command: string): { readonly method: string; readonly url: URL; readonly body: string | null } {
  const flat = command.replaceAll(/ \\\n\s*/g, " ");
  const [, method = "GET"] = /--request (\w+)/.exec(flat) ?? [];
  const [, address = ""] = /'(http[^']*)'/.exec(flat) ?? [];
  const [, body = null] = /--data '(.*)'$/s.exec(flat) ?? [];
  return { method, url: new URL(address), body: body?.replaceAll(String.raw`'\''`, "'") ?? null };
}

async function carryOut(example: Example): Promise<readonly [string, number]> {
  const found = routes.find(({ handler }) => handler.operation.name === example.operation);
  if (found === undefined) throw new Error(`no operation ${example.operation}`);
  const { handler } = found;
  const { permission, method, path } = handler.operation;
  const { url, body, method: sent } = requestOf(apiExample(example.operation, NAMES) ?? "");
  expect(sent).toBe(method);
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) => name);
  const values = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, "([^/]+)")}$`).exec(url.pathname)?.slice(1) ?? [];
  const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]));
  const role = ROLES.find((one) => permission === "anyone" || permission === "signed_in" || allowsSomewhere({ roles: [{ role: one, environmentId: null }], scopes: null }, permission));
  const token = tokens.get(role ?? "admin") ?? "";
  const response = await call(handler, { params, search: url.search, token, ...(body === null ? {} : { body }) });
  return [`${example.operation} ${response.ok ? "" : await response.text()}`.trim(), response.status];
}

test("every example of the reference is carried out as it stands and succeeds", async () => {
  for (const example of apiExamples(NAMES)) {
    const [what, status] = await carryOut(example);
    expect([what, status >= 200 && status < 300]).toEqual([example.operation, true]);
  }
});

test("the reference has every operation of the document, each example that there is, and every field of a body", () => {
  const shown = apiReference("0.1.0", NAMES).flatMap(({ operations }) => operations);
  const served = Object.values(operationsByArea).flat().filter(({ path }) => path.startsWith("/api/v1/"));
  expect(shown.map(({ name }) => name).sort()).toEqual(served.map(({ name }) => name).sort());
  expect(shown.filter(({ example }) => example !== null)).toHaveLength(apiExamples(NAMES).length);
  const model = shown.find(({ name }) => name === "createModel");
  expect(model?.body.map(({ path, required }) => [path, required])).toEqual(expect.arrayContaining([["name", true], ["riskTier", true], ["sector", false]]));
});

test("answers say what may still be asked", async () => {
  const found = routes.find(({ handler }) => handler.operation.name === "listModels");
  if (found === undefined) throw new Error("no route");
  const response = await call(found.handler, { token: tokens.get("engineer") ?? "" });
  expect(response.headers.get("ratelimit-policy")).toMatch(/^"caller";q=\d+;w=\d+$/);
  expect(response.headers.get("ratelimit")).toMatch(/^"caller";r=\d+;t=\d+$/);
  expect(Number(response.headers.get("x-ratelimit-remaining"))).toBeLessThan(Number(response.headers.get("x-ratelimit-limit")));
});
