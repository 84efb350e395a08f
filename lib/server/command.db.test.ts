import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { Client } from "pg";
import { command, unchanged } from "./command.ts";
import type { App } from "./composition.ts";
import { newId } from "./new-id.ts";
import { query } from "./read.ts";
import { systemActor } from "./ports.ts";
import { type TestApp, testApp, testPerson } from "./test-app.ts";

let started: TestApp;
let app: App;
beforeAll(async () => {
  started = await testApp();
  ({ app } = started);
});
afterAll(() => started.close());

type Event = { action: string; outcome: string; actorName: string; leaf: string };

async function sql<T>(text: string, values: unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: started.database.superuserUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as T[];
  } finally {
    await client.end();
  }
}

const events = (name: string): Promise<Event[]> =>
  sql<Event>(
    `SELECT "action", "outcome", "actorName", convert_from("leaf", 'UTF8') AS "leaf" FROM "AuditEvent"
     WHERE "actorName" = $1 ORDER BY "seq"`,
    [name],
  );

const personInput = z.strictObject({ id: z.uuid(), name: z.string() });
const rename = command({
  name: "rename-person",
  permission: "person:grant",
  input: personInput,
  async locate({ tx, input }) {
    const person = await tx.people.getPerson(input.id);
    return { environmentId: null, targets: [{ type: "user", id: person.id, name: person.name, digest: null }], person };
  },
  async run({ tx, input, located }) {
    if (input.name === located.person.name) return unchanged("same");
    await tx.people.updatePerson(input.id, { name: input.name });
    if (input.name === "boom") throw new Error("after the write");
    if (input.name === "not yours") throw new AppError("self_approval", "Not on your own work.");
    return { result: "renamed", audit: { action: "user.updated", targets: located.targets, after: { name: input.name } } };
  },
});

test("a change and its entry in the trail are there together", async () => {
  const admin = await testPerson(app, "Admin One", ["admin"]);
  const other = await testPerson(app, "Renamed One", []);
  expect(await rename(app.store)(admin, { id: other.id, name: "New Name" })).toBe("renamed");
  expect((await app.store.read((db) => db.people.getPerson(other.id))).name).toBe("New Name");
  expect((await events("Admin One")).map(({ action, outcome }) => [action, outcome])).toEqual([["user.updated", "ok"]]);
});

test("when the act fails after its write, neither is there", async () => {
  const admin = await testPerson(app, "Admin Two", ["admin"]);
  const other = await testPerson(app, "Kept Name", []);
  await expect(rename(app.store)(admin, { id: other.id, name: "boom" })).rejects.toThrow("after the write");
  expect((await app.store.read((db) => db.people.getPerson(other.id))).name).toBe("Kept Name");
  expect(await events("Admin Two")).toEqual([]);
});

test("an act that says it changed nothing cannot have changed anything", async () => {
  const admin = await testPerson(app, "Admin Three", ["admin"]);
  const sneaky = command({
    name: "sneaky",
    permission: "person:grant",
    input: personInput,
    async run({ tx, input }) {
      await tx.people.updatePerson(input.id, { name: "changed in secret" });
      return unchanged("nothing");
    },
  });
  const other = await testPerson(app, "Still Me", []);
  expect(await sneaky(app.store)(admin, { id: other.id, name: "x" })).toBe("nothing");
  expect((await app.store.read((db) => db.people.getPerson(other.id))).name).toBe("Still Me");
  expect(await events("Admin Three")).toEqual([]);
});

test("whoever may read the object but not act on it is told so, and the trail has it", async () => {
  const reviewer = await testPerson(app, "Reviewer One", ["compliance"]);
  const other = await testPerson(app, "Target One", []);
  await expect(rename(app.store)(reviewer, { id: other.id, name: "Mine" })).rejects.toMatchObject({ code: "forbidden" });
  const [denied, ...more] = await events("Reviewer One");
  expect(more).toEqual([]);
  expect(denied).toMatchObject({ action: "access.denied", outcome: "denied" });
  expect(JSON.parse(denied!.leaf)).toMatchObject({
    after: { act: "rename-person", permission: "person:grant", code: "forbidden" },
    targets: [{ type: "user", id: other.id }],
  });
});

test("whoever may not even read it hears the same as for what does not exist, but the trail has it", async () => {
  const engineer = await testPerson(app, "Engineer One", ["engineer"]);
  const other = await testPerson(app, "Target Two", []);
  const hidden = await rename(app.store)(engineer, { id: other.id, name: "Mine" }).catch((error: unknown) => error);
  const missing = await rename(app.store)(engineer, { id: newId(), name: "Mine" }).catch((error: unknown) => error);
  expect(hidden).toMatchObject({ code: "not_found", message: notFound().message });
  expect(missing).toMatchObject({ code: "not_found", message: notFound().message });
  expect((await events("Engineer One")).map(({ action }) => action)).toEqual(["access.denied", "access.denied"]);
});

test("a refusal for want of right inside the act is recorded too, and rolls it back", async () => {
  const admin = await testPerson(app, "Admin Four", ["admin"]);
  const other = await testPerson(app, "Own Work", []);
  await expect(rename(app.store)(admin, { id: other.id, name: "not yours" })).rejects.toMatchObject({ code: "self_approval" });
  expect((await app.store.read((db) => db.people.getPerson(other.id))).name).toBe("Own Work");
  expect(await events("Admin Four")).toMatchObject([{ action: "access.denied" }]);
});

test("two acts that lock each other out are both done: the loser runs again", async () => {
  const ids = [await testPerson(app, "Lock A", []), await testPerson(app, "Lock B", [])].map(({ id }) => id);
  let started = 0;
  const both: (() => void)[] = [];
  const everybodyHoldsOne = (): Promise<void> =>
    new Promise((resolve) => {
      started += 1;
      both.push(resolve);
      if (started >= 2) for (const go of both) go();
    });
  const swap = command({
    name: "swap",
    permission: "person:grant",
    input: z.strictObject({ first: z.uuid(), second: z.uuid() }),
    async run({ tx, input }) {
      await tx.people.updatePerson(input.first, { name: "held" });
      await everybodyHoldsOne();
      await tx.people.updatePerson(input.second, { name: "held" });
      return { result: "done", audit: { action: "user.updated", targets: [] } };
    },
  });
  const act = swap(app.store);
  const system = systemActor("Deadlock");
  const [first = "", second = ""] = ids;
  expect(await Promise.all([act(system, { first, second }), act(system, { first: second, second: first })])).toEqual([
    "done",
    "done",
  ]);
  expect(await events("Deadlock")).toHaveLength(2);
  expect(started).toBeGreaterThan(2);
});

test("a read cannot write: the server itself refuses", async () => {
  const admin = await testPerson(app, "Admin Five", ["admin"]);
  const reading = query({
    name: "write-anyway",
    permission: "person:read",
    of: "many",
    input: z.strictObject({}),
    run: ({ db, actor }) => db.people.updatePerson(actor.id, { name: "written by a read" }),
  });
  await expect(reading(app.store)(admin, {})).rejects.toThrow(/read-only/);
});

test("an act without an audit entry does not type-check", () => {
  const forgetful = () =>
    command({
      name: "forgetful",
      permission: "person:grant",
      input: z.strictObject({}),
      // @ts-expect-error -- no audit draft
      run: () => Promise.resolve({ result: "done" }),
    });
  const empty = () =>
    command({
      name: "empty",
      permission: "person:grant",
      input: z.strictObject({}),
      // @ts-expect-error -- an empty list is no audit draft
      run: () => Promise.resolve({ result: "done", audit: [] as const }),
    });
  expect([typeof forgetful, typeof empty]).toEqual(["function", "function"]);
});

test("what was changed by somebody else in the meantime is refused as stale", async () => {
  const { expectOneRow } = await import("./db/optimistic.ts");
  expect(() => expectOneRow({ count: 0 }, "release")).toThrow(AppError);
  expect(() => expectOneRow({ count: 1 }, "release")).not.toThrow();
});
