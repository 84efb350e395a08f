import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReleaseStage, releaseStage } from "./release-stage.fixture.ts";

let stage: ReleaseStage;
let database: Client;
beforeAll(async () => {
  stage = await releaseStage();
  database = new Client({ connectionString: stage.database.superuserUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await stage.close();
});

const everything = () =>
  stage.app.store.read(async (db) => ({
    entries: (await database.query<{ count: string }>('SELECT count(*) AS count FROM "AuditEvent"')).rows[0]?.count,
    releases: (await database.query<{ count: string }>('SELECT count(*) AS count FROM "Release"')).rows[0]?.count,
    facts: (await database.query<{ count: string }>('SELECT count(*) AS count FROM "Evidence"')).rows[0]?.count,
    open: (await db.releases.openReleaseOf((await db.endpoints.getEndpoint({ name: "digits" })).id))?.number ?? null,
  }));
const tryOut = (body = {}) => stage.app.releases.dryRunRelease(stage.engineer, { endpoint: "digits", version: "1.1.0", ...body });

describe("a dry run of a release", () => {
  test("says what would happen and keeps nothing: no release, no entry in the trail, no number", async () => {
    const before = await everything();
    const found = await tryOut();
    expect(found.outcome).toBe("waits");
    expect(found.lines.map(({ stage: name }) => name)).toEqual(expect.arrayContaining(["make", "submit", "approve", "start", "step", "promote", "bake"]));
    expect(found.lines.find(({ stage: name }) => name === "approve")?.text).toContain("1 person");
    expect(await everything()).toEqual(before);

    const first = await stage.createRelease();
    await stage.app.releases.cancelRelease(stage.engineer, { releaseId: first.id, expectedRowVersion: null, body: { reason: "Made to count the numbers." } });
    await tryOut();
    const next = await stage.createRelease();
    expect(next.number).toBe(first.number + 1);
  });

  test("of what cannot be made says so in the words of the refusal", async () => {
    const open = (await everything()).open;
    expect(await tryOut()).toMatchObject({ outcome: "refused", sentence: expect.stringContaining(`Release ${String(open)} of digits is not over`) as string });
    expect(await tryOut({ version: "9.9.9" })).toMatchObject({ outcome: "refused" });
  });

  test("says which release would end first, and ends it not", async () => {
    const { open } = await everything();
    const found = await tryOut({ supersede: true });
    expect([found.outcome, found.supersedesNumber]).toEqual(["waits", open]);
    expect((await everything()).open).toBe(open);
  });

  test("holds a plan against the policy and its triggers against stable's past", async () => {
    const { plan } = (await stage.app.store.read((db) => db.releases.getRelease({ number: 1 }))).release;
    const trigger = { metric: "errorRate", threshold: 0.2, seconds: 60, intervals: 3, minRequests: 10, action: "roll_back" };
    const found = await tryOut({ supersede: true, plan: { ...plan, triggers: [trigger] } });
    expect(found.triggers).toEqual([{ text: expect.stringContaining("20") as string, firings: 0, intervals: 0, hours: 0 }]);
    const wrong = await tryOut({ supersede: true, plan: { ...plan, steps: [{ ...plan.steps[0], weightBp: 9900, advance: "no-harm" }] } });
    expect(wrong.outcome).toBe("refused");
    expect(wrong.lines[0]?.text).toContain("/plan/steps/0");
  });

  test("is open to who may make releases", async () => {
    await expect(stage.app.releases.dryRunRelease(stage.validator, { endpoint: "digits", version: "1.1.0" })).rejects.toMatchObject({ code: "forbidden" });
  });
});
