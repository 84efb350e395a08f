import { z } from "zod";
import type { PlaceChecklist, VersionAssuranceView } from "#lib/contracts/views/assurance-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { notFound } from "#lib/domain/errors.ts";
import { KINDS } from "#lib/domain/governance/evidence/kinds.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { ModelRecord, VersionRecord } from "../../db/model-repository.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { requirementsOf } from "../../releases/open-requirements.ts";
import { controlsOf, loadGrounds, type Grounds } from "../load-grounds.ts";
import { checklistView } from "./checklist-view.ts";
import { controlLine, frameworkCounts, gapLines } from "./control-lines.ts";
import { kindView } from "./kind-view.ts";
import { leadOf } from "./lead-time.ts";
import { changePlanView, classificationView, deliveryView } from "./model-parts.ts";

type Scene = { readonly db: ReadModels; readonly model: ModelRecord; readonly version: VersionRecord; readonly endpoints: readonly EndpointRecord[]; readonly releases: readonly ReleaseRecord[]; readonly now: Date };

/** The 21 items of this version in each environment, for the endpoint of its model there if there is one. */
async function placesOf({ db, model, version, endpoints, releases, now }: Scene, allowed: "all" | readonly string[]): Promise<PlaceChecklist[]> {
  const places: PlaceChecklist[] = [];
  for (const environment of await db.endpoints.listEnvironments()) {
    if (allowed !== "all" && !allowed.includes(environment.id)) continue;
    const here = endpoints.filter((endpoint) => endpoint.environment.id === environment.id);
    const live = here.filter(({ stableVersionId }) => stableVersionId === version.id);
    const release = releases.find(({ environmentId }) => environmentId === environment.id) ?? null;
    const endpointIds = (live.length > 0 ? live : here).map(({ id }) => id);
    const grounds = await loadGrounds(db, { model, version, endpointIds, environmentId: environment.id, release }, now);
    places.push({ environmentName: environment.name, stage: environment.policy.stage, live: live.length > 0, checklist: checklistView(requirementsOf(environment.policy, grounds)) });
  }
  return places;
}

/** Facts of every endpoint on which the version is live, of its newest release, and of the environment of the first. */
async function groundsOf({ db, model, version, endpoints, releases, now }: Scene): Promise<Grounds> {
  const live = endpoints.filter(({ stableVersionId }) => stableVersionId === version.id);
  return loadGrounds(db, { model, version, endpointIds: live.map(({ id }) => id), environmentId: live[0]?.environment.id ?? null, release: releases[0] ?? null }, now);
}

function decisionRows(grounds: Grounds): VersionAssuranceView["decisions"] {
  return grounds.decisions.map(({ controlId, decision, reason, signedName, signedAtMs, untilMs }) => ({
    controlId,
    citation: grounds.catalogue.controls.find(({ id }) => id === controlId)?.citation ?? controlId,
    decision,
    reason,
    signedName,
    signedAt: new Date(signedAtMs).toISOString(),
    until: new Date(untilMs).toISOString(),
  }));
}

/** All that a reviewer asks about one version: gaps first, counts, every control with its evidence, the items per environment, plan and times. */
export const readVersionAssurance = query({
  name: "read-version-assurance",
  permission: "control:read",
  of: "one",
  input: z.strictObject({ model: z.string().max(128), version: z.string().max(128) }),
  async run({ db, actor, input, now, authorise }): Promise<VersionAssuranceView> {
    const model = await db.models.getModel(input.model);
    const version = await db.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    authorise({ environmentId: null, targets: [{ type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }] });
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ modelId, environment }) => modelId === model.id && (allowed === "all" || allowed.includes(environment.id)));
    const releases = await db.releases.listReleases({ ...(allowed === "all" ? {} : { environmentIds: [...allowed] }), versionId: version.id }, 20);
    const scene: Scene = { db, model, version, endpoints, releases, now };
    const grounds = await groundsOf(scene);
    const controls = controlsOf(grounds);
    const delivery = await db.governance.deliveryInForce(model.id);
    const liveId = endpoints.find(({ environment, stableVersionId }) => environment.policy.stage === "production" && stableVersionId !== null)?.stableVersionId ?? null;
    const live = liveId === null ? null : await db.models.getVersionById(liveId);
    const names = await db.registry.userNames([model.ownerId]);
    return {
      asOf: now.toISOString(),
      modelName: model.name,
      versionName: version.name,
      versionId: version.id,
      digest: version.digest,
      intendedUse: model.intendedUse,
      riskTier: model.riskTier,
      ownerName: names.get(model.ownerId) ?? "Unknown person",
      demo: model.demo,
      liveIn: [...new Set(endpoints.filter(({ stableVersionId }) => stableVersionId === version.id).map(({ environment }) => environment.name))],
      catalogue: grounds.catalogue.version,
      classification: grounds.classification === null ? null : classificationView(model, grounds.classification),
      delivery: delivery === null ? null : deliveryView(delivery),
      frameworks: frameworkCounts(controls),
      gaps: gapLines(controls),
      controls: controls.map(controlLine),
      places: await placesOf(scene, allowed),
      changePlan: await changePlanView(db, model, version.id, live, now),
      lead: await leadOf(db, version, now),
      decisions: decisionRows(grounds),
      kinds: KINDS.filter(({ by }) => by !== "slipway").map(kindView),
      endpoints: endpoints.map(({ name, environment }) => ({ name, environmentName: environment.name })),
      releases: releases.map(({ number }) => number),
      mayAdd: allowsSomewhere(actor, "evidence:create"),
      mayDecide: allowsSomewhere(actor, "control:decide"),
      mayClassify: allowsSomewhere(actor, "model:classify"),
    };
  },
});
