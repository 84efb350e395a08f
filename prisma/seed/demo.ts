/**
 * Lays the demonstration out through the real use cases: people, an environment with its policy and waivers, models and
 * versions from examples/, endpoints, and three releases. Every step looks first, so it may be run again after any stop.
 *
 *   node prisma/seed/demo.ts            lays out what is missing
 *   node prisma/seed/demo.ts --reset    ends the story's releases and begins it again
 */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { exampleFile, readStory, type ExampleModel, type ExampleVersion, type Story, type StoryEndpoint } from "../../examples/replay.ts";
import { productionPolicy, stagingPolicy, type EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import { END_STATES, isEnd, RELEASE_STATES } from "#lib/domain/release/states.ts";
import { personActor } from "#lib/server/auth/actors.ts";
import { createApp, type App } from "#lib/server/composition.ts";
import { readControlPlaneSettings } from "#lib/server/env.ts";
import { ensureDemoPeople } from "#lib/server/install/demo-people.ts";
import { type Actor, systemActor } from "#lib/server/ports.ts";
import { produceLiveFacts } from "#lib/server/governance/produce-facts.ts";
import { ensureGovernance, ensureRunbook, ensureWaivers } from "./demo-governance.ts";

const READY_LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 150;
const OPEN_STATES = RELEASE_STATES.filter((state) => !(END_STATES as readonly string[]).includes(state));

/** Production's own requirements, all 21 items, with a bake short enough to watch. */
const DEMO_POLICY: EnvironmentPolicy = { ...productionPolicy, bakeSeconds: 30 };
const DEMO_STAGING: EnvironmentPolicy = { ...DEMO_POLICY, approvalsRequired: 0, requiredEvidence: stagingPolicy.requiredEvidence, stage: "staging" };

const say = (text: string): void => console.log(text);

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const end = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`Gave up waiting: ${what}.`);
    await pause(LOOK_AGAIN_MS);
  }
}

async function actorOf(app: App, email: string): Promise<Actor> {
  const person = await app.store.read((db) => db.people.findPersonByEmail(email));
  if (person === null) throw new Error(`The demonstration has nobody with the address ${email}.`);
  return personActor(person, "demo_seed", null, { requestId: null, ip: null, userAgent: "demo seed", idempotencyKey: null });
}

async function ensureEnvironment(app: App, name: string, policy: EnvironmentPolicy): Promise<void> {
  if (await app.store.read((db) => db.endpoints.findEnvironment(name))) return;
  await app.demo.createDemoEnvironment(systemActor("Demonstration"), { name, policy });
}

async function ensureModel(app: App, engineer: Actor, model: ExampleModel): Promise<void> {
  if (await app.store.read((db) => db.models.findModel(model.name))) return;
  const { name, intendedUse, riskTier, sector, jurisdictions } = model;
  await app.demo.createDemoModel(engineer, { name, intendedUse, riskTier, sector, jurisdictions, owner: "lead@demo" });
}

const textOf = (version: ExampleVersion, file: string): string => readFileSync(exampleFile(`${version.directory}/${file}`), "utf8");

/** The same multipart request that the form and the CLI send. */
async function registerVersion(app: App, engineer: Actor, model: ExampleModel, version: ExampleVersion): Promise<void> {
  const form = new FormData();
  form.set("model", new Blob([readFileSync(exampleFile(`${version.directory}/model.onnx`))]), "model.onnx");
  form.set("sample", new Blob([readFileSync(exampleFile(model.heldOut))]), "held-out.csv");
  form.set("version", version.version);
  form.set("notes", version.notes);
  if (version.parent !== null) form.set("parent", version.parent);
  form.set("labelOutput", model.labelOutput);
  form.set("golden", textOf(version, "golden.json"));
  form.set("evaluation", textOf(version, version.evaluation));
  form.set("baseline", textOf(version, "baseline.json"));
  form.set("card", textOf(version, "card.md"));
  form.set("lineage", JSON.stringify({ run: null, commit: null, dataset: model.heldOut.replace("holdout", "training"), datasetSha256: null }));
  const request = new Response(form);
  await app.registerUploaded(engineer, model.name, {
    contentType: request.headers.get("content-type"),
    contentLength: null,
    body: request.body,
  });
}

async function ensureVersions(app: App, engineer: Actor, story: Story): Promise<void> {
  // First versions first: a version's parent must be there, and the runtime profiles them in this order.
  const all = story.models.flatMap((model) => model.versions.map((version, order) => ({ model, version, order })));
  const ordered = [...all].sort((a, b) => a.order - b.order);
  for (const model of story.models) await ensureModel(app, engineer, model);
  for (const { model, version } of ordered) {
    const record = await app.store.read((db) => db.models.getModel(model.name));
    const isThere = await app.store.read((db) => db.models.findVersion(record.id, version.version));
    if (isThere === null) await registerVersion(app, engineer, model, version);
  }
  say(`${story.models.length} models, ${all.length} versions registered`);
}

/** Waits until the runtime has loaded the version in its sandbox and its golden answers agree. */
async function requireReady(app: App, model: string, version: string): Promise<void> {
  await until(`${model} ${version} was not profiled by a runtime`, async () => {
    const record = await app.store.read(async (db) => db.models.findVersion((await db.models.getModel(model)).id, version));
    if (record?.state === "failed" || record?.state === "quarantined") throw new Error(`${model} ${version} is ${record.state}.`);
    return record?.state === "ready" ? record : null;
  });
}

async function ensureEndpoint(app: App, engineer: Actor, endpoint: StoryEndpoint): Promise<void> {
  const known = await app.store.read((db) => db.endpoints.listEndpoints());
  if (known.some(({ name }) => name === endpoint.name)) return;
  await requireReady(app, endpoint.model, endpoint.stable);
  const { name, model, environment, stable } = endpoint;
  await app.registry.createEndpoint(engineer, { name, environment, model, version: stable });
}

async function ensureRelease(app: App, people: { engineer: Actor; validator: Actor }, endpoint: StoryEndpoint): Promise<void> {
  const record = await app.store.read((db) => db.endpoints.getEndpoint({ name: endpoint.name }));
  const route = await app.store.read((db) => db.endpoints.currentRoute(record.id));
  const open = await app.store.read((db) => db.releases.openReleaseOf(record.id));
  const stable = await app.store.read((db) => db.models.getVersionById(record.stableVersionId ?? ""));
  if (open !== null || stable.name !== endpoint.stable || route?.cause === "rollback") return;
  await requireReady(app, endpoint.model, endpoint.candidate);
  const created = await app.releases.createRelease(people.engineer, {
    endpoint: endpoint.name,
    version: endpoint.candidate,
    reason: `${endpoint.model} ${endpoint.candidate} did better on the held-out rows its author had.`,
  });
  if (endpoint.expected === "awaits_approval") return;
  const { release } = await app.store.read((db) => db.releases.getRelease({ id: created.id }));
  await app.releases.approveRelease(people.validator, {
    releaseId: created.id,
    expectedRowVersion: null,
    body: {
      meaning: "evidence_reviewed",
      reason: "Evaluation, model card and golden answers read. The canary decides on live traffic.",
      digest: release.digest,
    },
  });
}

async function endOpenReleases(app: App, lead: Actor, story: Story): Promise<void> {
  for (const endpoint of story.endpoints) {
    const record = await app.store.read((db) => db.endpoints.getEndpoint({ name: endpoint.name }));
    const [open] = await app.store.read((db) => db.releases.listReleases({ endpointId: record.id, states: OPEN_STATES }, 1));
    if (open) {
      const { id, state } = open.release;
      const reason = "The demonstration begins again.";
      if (["DRAFT", "PENDING_APPROVAL", "APPROVED"].includes(state)) {
        await app.releases.cancelRelease(lead, { releaseId: id, expectedRowVersion: null, body: { reason } });
      } else if (state !== "ROLLING_BACK") {
        await app.releases.rollbackRelease(lead, { releaseId: id, expectedRowVersion: null, body: { cause: "business_decision", reason } });
      }
      await until(`release ${open.number} did not end`, async () => {
        const now = await app.store.read((db) => db.releases.getRelease({ id }));
        return isEnd(now.release.state) ? now : null;
      });
    }
    await app.demo.resetDemoEndpoint(systemActor("Demonstration"), { endpoint: endpoint.name, stable: endpoint.stable });
  }
}

async function main(): Promise<void> {
  const app = createApp(readControlPlaneSettings(process.env));
  try {
    const story = readStory();
    await ensureDemoPeople(app.store);
    const [engineer, validator, lead] = [await actorOf(app, "engineer@demo"), await actorOf(app, "validator@demo"), await actorOf(app, "lead@demo")];
    const reviewer = await actorOf(app, "reviewer@demo");
    await ensureEnvironment(app, "staging", DEMO_STAGING);
    await ensureEnvironment(app, "production", DEMO_POLICY);
    await ensureWaivers(app, validator);
    await ensureVersions(app, engineer, story);
    await ensureGovernance(app, reviewer);
    for (const endpoint of story.endpoints) await ensureEndpoint(app, engineer, endpoint);
    await ensureRunbook(app, { engineer, lead }, story.models.map(({ name }) => name));
    // What the endpoints and the runbook show now; the control plane looks at it every minute, the story does not wait so long.
    await produceLiveFacts(app.store);
    if (process.argv.includes("--reset")) await endOpenReleases(app, lead, story);
    for (const endpoint of story.endpoints) await ensureRelease(app, { engineer, validator }, endpoint);
    say(`${story.endpoints.length} endpoints, ${story.endpoints.length} releases under way or decided`);
  } finally {
    await app.stop();
  }
}

await main();
