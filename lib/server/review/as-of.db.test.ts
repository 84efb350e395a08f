import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId } from "../new-id.ts";
import { systemActor } from "../ports.ts";
import { openEnvironment, registerIris } from "../registry/views/registry-views.fixture.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";

const MOMENTS = 1_000;
const START = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;

/** The same numbers every time: a linear congruential generator, good enough to scatter moments. */
function scatter(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Stay = { readonly versionId: string; readonly from: number; readonly to: number | null };
type Route = { readonly epoch: number; readonly at: number; readonly arms: readonly { versionId: string; arm: string; weightBp: number }[] };

let test: TestApp;
let database: Client;
beforeAll(async () => {
  test = await testApp();
  database = new Client({ connectionString: test.database.superuserUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await test.close();
});

it("answers for any past moment what the tables of deployments and weights say", async () => {
  const { app } = test;
  const engineer = await testPerson(app, "Priya Nair", ["engineer", "ml_lead"]);
  await openEnvironment(app, { ...systemActor("Test"), roles: [{ role: "system", environmentId: null }] }, "lab");
  await app.registry.createModel(engineer, { name: "iris", intendedUse: "Names the kind of an iris in a test.", riskTier: "low" });
  const versions: string[] = [];
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) versions.push((await registerIris(app, engineer, "iris", { version })).id);
  const { rows } = await database.query<{ id: string }>(`INSERT INTO "Endpoint" ("id", "name", "environmentId", "modelId", "createdById")
    SELECT $1, 'iris', e."id", m."id", $2 FROM "Environment" e, "Model" m WHERE e."name" = 'lab' AND m."name" = 'iris' RETURNING "id"`, [newId(), engineer.userId]);
  const endpointId = rows[0]?.id ?? "";

  const random = scatter(7);
  const stays: Stay[] = Array.from({ length: 60 }, (_, index) => {
    const from = START + Math.floor(random() * 900) * HOUR;
    // A version is open on an endpoint at most once: the first of each stays.
    const to = index < 3 ? null : from + (1 + Math.floor(random() * 60)) * HOUR;
    return { versionId: versions[index % 3] ?? "", from, to };
  });
  for (const { versionId, from, to } of stays) {
    await database.query(`INSERT INTO "Deployment" ("id", "endpointId", "versionId", "resources", "startedAt", "startedBy", "endedAt") VALUES ($1, $2, $3, '{}', $4, 'Test', $5)`,
      [newId(), endpointId, versionId, new Date(from), to === null ? null : new Date(to)]);
  }
  const times = Array.from({ length: 80 }, () => START + Math.floor(random() * 900) * HOUR).sort((a, b) => a - b);
  const routes: Route[] = times.map((at, index) => {
    const weightBp = Math.floor(random() * 10_001);
    return { epoch: index + 1, at, arms: [{ versionId: versions[0] ?? "", arm: "stable", weightBp: 10_000 - weightBp }, { versionId: versions[1] ?? "", arm: "candidate", weightBp }] };
  });
  for (const { epoch, at, arms } of routes) {
    await database.query(`INSERT INTO "RouteTable" ("id", "endpointId", "epoch", "salt", "arms", "cause", "actor", "createdAt") VALUES ($1, $2, $3, 's', $4, 'step', 'Test', $5)`,
      [newId(), endpointId, epoch, JSON.stringify(arms), new Date(at)]);
  }

  await app.store.read(async (db) => {
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      // Whole hours among them, so that the very moment of a change is asked for too.
      const at = START + (moment % 2 === 0 ? Math.floor(random() * 1_000) * HOUR : Math.floor(random() * 1_000 * HOUR)) - 10 * HOUR;
      const route = await db.endpoints.routeAt(endpointId, new Date(at));
      const expected = routes.filter((one) => one.at <= at).at(-1);
      expect(route?.epoch ?? null, new Date(at).toISOString()).toBe(expected?.epoch ?? null);
      expect(route?.arms.map(({ weightBp }) => weightBp) ?? []).toEqual(expected?.arms.map(({ weightBp }) => weightBp) ?? []);
      const there = (await db.endpoints.deploymentsAt(endpointId, new Date(at))).map(({ versionId, startedAt }) => `${versionId} ${String(startedAt.getTime())}`);
      const wanted = stays.filter(({ from, to }) => from <= at && (to === null || to > at)).map(({ versionId, from }) => `${versionId} ${String(from)}`);
      expect(there.sort()).toEqual(wanted.sort());
    }
  });
});
