import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { streamChange } from "#lib/contracts/stream.ts";
import type { App } from "#lib/server/composition.ts";
import { systemActor } from "#lib/server/ports.ts";
import { type TestApp, testApp, testPerson, testToken } from "#lib/server/test-app.ts";
import { call, routesOf } from "./api.fixture.ts";
import { changesFor } from "./event-stream.ts";
import type { RouteHandler } from "./route.ts";

let started: TestApp;
let app: App;
let stream: RouteHandler;
beforeAll(async () => {
  started = await testApp();
  ({ app } = started);
  const found = (await routesOf(app)).find(({ handler }) => handler.operation.name === "getStream");
  if (!found) throw new Error("no stream");
  stream = found.handler;
  await app.bus.start();
});
afterAll(() => started.close());

type Message = { readonly event: string; readonly id: string | null; readonly data: string };

/** Reads messages until one is wanted, or the stream ends (null). */
function reader(response: Response) {
  const source = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  return {
    async until(wanted: (message: Message) => boolean): Promise<Message | null> {
      for (;;) {
        const at = rest.indexOf("\n\n");
        if (at >= 0) {
          const fields = new Map(rest.slice(0, at).split("\n").map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]));
          rest = rest.slice(at + 2);
          const message = { event: fields.get("event") ?? "", id: fields.get("id") ?? null, data: fields.get("data") ?? "" };
          if (wanted(message)) return message;
          continue;
        }
        const { value, done } = await source.read();
        if (done) return null;
        rest += value;
      }
    },
    close: () => source.cancel(),
  };
}

const open = async (token: string, lastEventId?: string) =>
  reader(await call(stream, { token, headers: lastEventId === undefined ? {} : { "last-event-id": lastEventId } }));
const topicsIn = ({ data }: Message) => streamChange.parse(JSON.parse(data)).changes.map(({ topic }) => topic);
const invite = (name: string) =>
  app.people.invitePerson(systemActor("Test"), { email: `${name}@example.com`, name, roles: [{ role: "viewer" }] });

test("a change is told to whoever may read of it, with its number in the trail, and to nobody else", async () => {
  const admin = await open(await testToken(app, await testPerson(app, "Stream Admin", ["admin"]), "admin"));
  const viewer = await open(await testToken(app, await testPerson(app, "Stream Viewer", ["viewer"]), "viewer"));
  await invite("told");
  const told = await admin.until(({ event, data }) => event === "change" && data.includes('"people"'));
  expect(topicsIn(told!)).toContain("audit");
  expect(Number(told!.id)).toBeGreaterThan(0);
  // Two more seconds of the viewer's stream: ticks, and no word of people.
  for (let ticks = 0; ticks < 2; ticks += 1) {
    const message = await viewer.until(() => true);
    expect(message?.data ?? "").not.toMatch(/"people"|"audit"/);
  }
  await Promise.all([admin.close(), viewer.close()]);
});

test("what was missed is told when the browser comes back", async () => {
  const token = await testToken(app, await testPerson(app, "Back Again", ["admin"]), "admin");
  const seq = await app.store.read((db) => db.trail.newestSeq());
  await invite("missed");
  const again = await open(token, String(seq));
  const told = await again.until(({ event }) => event === "change");
  expect(topicsIn(told!)).toEqual(expect.arrayContaining(["people", "audit"]));
  expect(BigInt(told!.id ?? -1)).toBeGreaterThan(seq);
  await again.close();
});

test("it ends within seconds when its token is revoked, its person disabled or their rights changed", async () => {
  const revoked = await testToken(app, await testPerson(app, "Revoked", ["admin"]), "admin");
  const changedPerson = await testPerson(app, "Changed", ["engineer"]);
  const disabledPerson = await testPerson(app, "Disabled", ["admin"]);
  const changedToken = await app.tokens.createToken(changedPerson, { name: "own", role: "engineer", scopes: ["read"] });
  const third = await open(changedToken.token);
  const [first, second] = [await open(revoked), await open(await testToken(app, disabledPerson, "admin"))];
  const { id } = await app.auth.fromToken(revoked, changedPerson.context);
  await app.tokens.revokeToken(systemActor("Test"), { tokenId: id });
  await app.people.disablePerson(systemActor("Test"), { personId: disabledPerson.id });
  const [grant] = (await app.store.read((db) => db.people.getPerson(changedPerson.id))).grants;
  await app.people.revokeRole(systemActor("Test"), { personId: changedPerson.id, grantId: grant!.id });
  const startedMs = performance.now();
  const ends = await Promise.all([first, second, third].map((one) => one.until(() => false)));
  expect(ends).toEqual([null, null, null]);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

test("a lost connection to the database is survived: what happened meanwhile is told afterwards", async () => {
  const admin = await open(await testToken(app, await testPerson(app, "Patient", ["admin"]), "admin"));
  await admin.until(({ event }) => event === "tick" || event === "change");
  const client = new Client({ connectionString: started.database.superuserUrl });
  await client.connect();
  const killed = await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slipway-events' AND datname = current_database()");
  await client.end();
  expect(killed.rowCount).toBe(1);
  await invite("meanwhile");
  const told = await admin.until(({ event, data }) => event === "change" && data.includes('"people"'));
  expect(told).not.toBeNull();
  await admin.close();
});

test("events of an environment are for those with a role there", async () => {
  const person = await testPerson(app, "Only Staging", []);
  const actor = { ...person, roles: [{ role: "engineer" as const, environmentId: "e-staging" }] };
  expect(changesFor(actor, { topic: "release:r1", environmentId: "e-staging" })).toEqual([{ topic: "release", id: "r1" }]);
  expect(changesFor(actor, { topic: "release:r1", environmentId: "e-production" })).toEqual([]);
  expect(changesFor(actor, { topic: "user:u1", environmentId: null })).toEqual([]);
  expect(changesFor(actor, { topic: "windows:ep1", environmentId: null })).toEqual([
    { topic: "endpoint", id: null },
    { topic: "release", id: null },
  ]);
});
