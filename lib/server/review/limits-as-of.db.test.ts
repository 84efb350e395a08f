import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PersonRole } from "#lib/domain/access/permissions.ts";
import { DEFAULT_RUNTIME_CONFIGURATION } from "#lib/domain/serving/runtime-configuration.ts";
import { stagingPolicy } from "#lib/contracts/environment-policy.ts";
import { newId } from "../new-id.ts";
import { systemActor, type Actor } from "../ports.ts";
import { releaseStage } from "../releases/release-stage.fixture.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";

const MOMENTS = 1_000;
const STEPS = 140;
const AT_ONCE = 8;
const PEOPLE = 6;
const ROLES: readonly PersonRole[] = ["engineer", "ml_lead", "validator", "compliance", "auditor"];
const APPROVERS = ["ml_lead", "validator"] as const;
const LABELS: Readonly<Record<string, string>> = { ml_lead: "ML Lead", validator: "Validator", compliance: "Compliance" };

/** The same numbers every time (mulberry32). */
function scatter(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What the tables said right after a step, and from which moment on. */
type Snapshot = {
  readonly from: number;
  readonly grants: readonly { name: string; userId: string; role: string; environment: string | null }[];
  readonly disabled: readonly string[];
  readonly approvals: number;
};
type DelegationRow = { fromName: string; toUserId: string; role: string; startsAt: Date; endsAt: Date; createdAt: Date; revokedAt: Date | null };

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

async function snapshot(): Promise<Snapshot> {
  const { rows: grants } = await database.query<Snapshot["grants"][number]>(`SELECT u."name", u."id" AS "userId", g."role", e."name" AS "environment"
    FROM "RoleGrant" g JOIN "User" u ON u."id" = g."userId" LEFT JOIN "Environment" e ON e."id" = g."environmentId"`);
  const { rows: disabled } = await database.query<{ id: string }>(`SELECT "id" FROM "User" WHERE "disabledAt" IS NOT NULL`);
  const { rows: [policy] } = await database.query<{ approvals: number }>(`SELECT ("policy"->>'approvalsRequired')::int AS "approvals" FROM "Environment" WHERE "name" = 'lab'`);
  const { rows: [last] } = await database.query<{ at: Date }>(`SELECT max("occurredAt") AS "at" FROM "AuditEvent" WHERE "action" NOT LIKE 'access.%'`);
  return { from: last?.at.getTime() ?? 0, grants, disabled: disabled.map(({ id }) => id), approvals: policy?.approvals ?? -1 };
}

/** "Name: Role, Role in the place of Name", from the rows alone. */
function expectedApprovers(then: Snapshot, delegations: readonly DelegationRow[], at: number): string[] {
  const byUser = Map.groupBy(then.grants.filter(({ environment, userId }) => (environment === null || environment === "lab") && !then.disabled.includes(userId)), ({ userId }) => userId);
  return [...byUser].flatMap(([userId, held]) => {
    if (!held.some(({ role }) => ["ml_lead", "validator", "compliance"].includes(role))) return [];
    const words = new Map<string, string>();
    for (const role of APPROVERS) if (held.some((one) => one.role === role)) words.set(role, LABELS[role] ?? role);
    for (const one of delegations) {
      const inForce = one.createdAt.getTime() <= at && one.startsAt.getTime() <= at && one.endsAt.getTime() > at && (one.revokedAt === null || one.revokedAt.getTime() > at);
      if (inForce && one.toUserId === userId && APPROVERS.some((role) => role === one.role) && !words.has(one.role)) words.set(one.role, `${LABELS[one.role] ?? one.role} in the place of ${one.fromName}`);
    }
    return words.size === 0 ? [] : [`${held[0]?.name ?? ""}: ${[...words.values()].sort().join(", ")}`];
  });
}

it("says for 1 000 past moments who could approve, by which policy and by which runtime configuration, as the tables said then", async () => {
  const { app } = test;
  const admin = await testPerson(app, "Ada Min", ["admin"]);
  const auditor = await testPerson(app, "Otto Dit", ["auditor"]);
  const engineer = await testPerson(app, "Priya Nair", ["engineer"]);
  const system: Actor = { ...systemActor("Test"), roles: [{ role: "system", environmentId: null }] };
  await app.registry.createEnvironment(system, { name: "lab", policy: { ...stagingPolicy, requiredEvidence: [], approvalsRequired: 1, approverRoles: [...APPROVERS] } });
  await app.registry.createEnvironment(system, { name: "other", policy: stagingPolicy });
  await app.registry.createModel(engineer, { name: "iris", intendedUse: "Names the kind of an iris in a test.", riskTier: "low" });
  const { rows: [made] } = await database.query<{ id: string }>(`INSERT INTO "Endpoint" ("id", "name", "environmentId", "modelId", "createdById")
    SELECT $1, 'iris', e."id", m."id", $2 FROM "Environment" e, "Model" m WHERE e."name" = 'lab' AND m."name" = 'iris' RETURNING "id"`, [newId(), engineer.userId]);
  const endpointId = made?.id ?? "";

  const people: string[] = [];
  for (let index = 0; index < PEOPLE; index += 1) {
    const { personId } = await app.people.invitePerson(admin, { email: `p${String(index)}@example.com`, name: `Person ${String(index)}`, roles: [{ role: ROLES[index % ROLES.length] ?? "engineer", environment: null }] });
    people.push(personId);
  }
  const snapshots = [await snapshot()];
  const random = scatter(11);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const grant = () => app.people.grantRole(admin, { personId: pick(people), role: pick([...ROLES, ...APPROVERS]), environment: pick([null, "lab", "other"]) });
  const steps: readonly (() => Promise<unknown>)[] = [
    grant, grant, grant,
    async () => {
      const person = await app.store.read((db) => db.people.getPerson(pick(people)));
      return app.people.revokeRole(admin, { personId: person.id, grantId: pick(person.grants).id });
    },
    async () => {
      const person = await app.store.read((db) => db.people.getPerson(pick(people)));
      return person.disabledAt === null ? app.people.disablePerson(admin, { personId: person.id }) : app.people.enablePerson(admin, { personId: person.id });
    },
    async () => {
      const all = await app.store.read((db) => Promise.all(people.map((id) => db.people.getPerson(id))));
      const holds = (person: (typeof all)[number]) => APPROVERS.filter((role) => person.grants.some((one) => one.role === role && one.environmentId === null));
      const from = pick(all.filter((person) => holds(person).length > 0));
      const to = pick(all.filter(({ id, disabledAt }) => id !== from.id && disabledAt === null));
      const actor: Actor = { ...auditor, userId: from.id, personId: from.personId, name: from.name, roles: from.grants };
      const startsAt = new Date(Date.now() + random(400));
      return app.signing.delegate(actor, { to: to.email, role: pick(holds(from)), startsAt: startsAt.toISOString(), endsAt: new Date(startsAt.getTime() + 50 + random(4_000)).toISOString(), reason: "Away for a moment of the test." });
    },
    async () => {
      const { rows } = await database.query<{ id: string; fromUserId: string }>(`SELECT "id", "fromUserId" FROM "Delegation" WHERE "revokedAt" IS NULL ORDER BY "id"`);
      const one = pick(rows);
      return app.signing.revokeDelegation({ ...auditor, userId: one.fromUserId, roles: [{ role: "validator", environmentId: null }] }, { delegationId: one.id });
    },
    () => app.registry.changeEnvironmentPolicy(admin, { environment: "lab", policy: { ...stagingPolicy, requiredEvidence: [], approvalsRequired: random(4), approverRoles: [...APPROVERS] }, reason: "Another number of approvals for the test." }),
    () => app.serving.saveRuntimeConfiguration(engineer, { endpoint: "iris", expectedNumber: null, reason: "Another limit for the test.", configuration: { ...DEFAULT_RUNTIME_CONFIGURATION, limits: { ...DEFAULT_RUNTIME_CONFIGURATION.limits, maxConcurrency: 1 + random(500) } } }),
  ];
  let done = 0;
  for (let index = 0; index < STEPS; index += 1) {
    // Refused ones (a role held already, nothing to end) change nothing, and that too must be so.
    done += await pick(steps)().then(() => 1, () => 0);
    snapshots.push(await snapshot());
  }
  expect(done).toBeGreaterThan(STEPS / 2);

  const { rows: delegations } = await database.query<DelegationRow>(`SELECT u."name" AS "fromName", d."toUserId", d."role", d."startsAt", d."endsAt", d."createdAt", d."revokedAt"
    FROM "Delegation" d JOIN "User" u ON u."id" = d."fromUserId" ORDER BY d."createdAt"`);
  expect(delegations.length).toBeGreaterThan(3);
  const { rows: configurations } = await database.query<{ number: number; digest: string; createdAt: Date }>(`SELECT "number", "digest", "createdAt" FROM "RuntimeConfiguration" WHERE "endpointId" = $1 ORDER BY "number"`, [endpointId]);
  const first = snapshots[0]?.from ?? 0;
  const span = (snapshots.at(-1)?.from ?? 0) - first;
  const seen = new Set<string>();
  const moments = Array.from({ length: MOMENTS }, (_, index) => (index % 4 === 0 ? pick(snapshots).from : first + random(span + 1)));
  const check = async (at: number): Promise<void> => {
    const then = snapshots.findLast(({ from }) => from <= at);
    if (then === undefined) throw new Error("A moment before the first snapshot.");
    const view = await app.review.readAsOf(auditor, { endpoint: "iris", at: new Date(at).toISOString() });
    const said = view.approval?.people.map(({ name, roles }) => `${name}: ${roles.map(({ role, inPlaceOf }) => (inPlaceOf === null ? role : `${role} in the place of ${inPlaceOf}`)).sort().join(", ")}`) ?? [];
    expect(said.sort(), new Date(at).toISOString()).toEqual(expectedApprovers(then, delegations, at).sort());
    const serving = configurations.findLast(({ createdAt }) => createdAt.getTime() <= at);
    expect([view.approval?.basis, view.approval?.needed, view.serving.number]).toEqual(["policy", then.approvals, serving?.number ?? 0]);
    if (serving !== undefined) expect(view.serving.digest).toBe(serving.digest);
    seen.add(JSON.stringify(said));
  };
  for (let from = 0; from < MOMENTS; from += AT_ONCE) await Promise.all(moments.slice(from, from + AT_ONCE).map(check));
  // The history was worth asking about: many different answers.
  expect(seen.size).toBeGreaterThan(10);
  const before = await app.review.readAsOf(auditor, { endpoint: "iris", at: "2020-01-01T00:00:00Z" });
  expect([before.policy, before.approval, before.release]).toEqual([null, null, null]);
}, 240_000);

it("says the limits of the plan as it stood, and what had to be approved before the glass was broken", async () => {
  const stage = await releaseStage({ approvalsRequired: 2 });
  try {
    const { app } = stage;
    const auditor = await testPerson(app, "Otto Dit", ["auditor"]);
    const release = await stage.createRelease();
    const { plan } = (await app.store.read((db) => db.releases.getRelease({ id: release.id }))).release;
    const look = (at: Date) => app.review.readAsOf(auditor, { endpoint: "digits", at: at.toISOString() });
    const clock = async () => app.store.read((db) => db.clock.databaseNow());
    const asMade = await clock();
    const [guard, ...rest] = plan.guards;
    if (guard === undefined) throw new Error("The plan has no guard.");
    const changed = { ...plan, guards: [{ ...guard, limitRatio: guard.limitRatio * 3 }, ...rest] };
    await app.releases.changePlan(stage.engineer, { releaseId: release.id, expectedRowVersion: null, body: { plan: changed, reason: "A wider limit for the test." } });
    const afterChange = await clock();
    const reason = "Stable answers wrongly for a third of all forms; nobody else is awake.";
    await app.signing.breakGlass(stage.lead, { releaseId: release.id, body: { reason } });
    await app.signing.breakGlass(stage.validator, { releaseId: release.id, body: { reason } });

    const first = (view: Awaited<ReturnType<typeof look>>) => view.release?.limits?.[0]?.text;
    const [then, later, now] = [await look(asMade), await look(afterChange), await look(await clock())];
    expect(first(then)).not.toBe(first(later));
    expect(first(now)).toBe(first(later));
    expect([then.approval?.needed, later.approval?.needed, now.approval?.needed]).toEqual([2, 2, 1]);
    expect(then.approval).toMatchObject({ basis: "release", roles: ["ML Lead", "Validator"] });
  } finally {
    await stage.close();
  }
});
