import { z } from "zod";
import type { ModelView } from "#lib/contracts/views/model-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { query } from "../../read.ts";
import { actFor, BUILDERS, closed } from "./open-acts.ts";
import { placesOn, releaseRows, shownPlace } from "./place-views.ts";

const MOST_VERSIONS = 200;
const MOST_RELEASES = 20;

/** One model: its purpose, its versions with where each is live, its newest releases. */
export const readModelView = query({
  name: "read-model-view",
  permission: "model:read",
  of: "one",
  input: z.strictObject({ model: z.string().max(128) }),
  async run({ db, actor, input, now, authorise }): Promise<ModelView> {
    const model = await db.models.getModel(input.model);
    authorise({ environmentId: null, targets: [{ type: "model", id: model.id, name: model.name, digest: null }] });
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(
      ({ modelId, environment }) => modelId === model.id && (allowed === "all" || allowed.includes(environment.id)),
    );
    const places = await placesOn(db, endpoints);
    const heads = await db.registry.versionHeads({ modelId: model.id }, MOST_VERSIONS);
    const total = (await db.registry.modelTallies()).get(model.id)?.versions ?? 0;
    const names = await db.registry.userNames([model.ownerId, model.createdById, ...heads.map(({ authorId }) => authorId)]);
    const nameOf = (id: string): string => names.get(id) ?? "Unknown person";
    const filter = allowed === "all" ? {} : { environmentIds: [...allowed] };
    const releases = await db.releases.listReleases({ ...filter, modelId: model.id }, MOST_RELEASES);
    const mayRelease = actFor(actor, "release:create", BUILDERS);
    return {
      asOf: now.toISOString(),
      modelId: model.id,
      name: model.name,
      intendedUse: model.intendedUse,
      riskTier: model.riskTier,
      sector: model.sector,
      jurisdictions: [...model.jurisdictions],
      ownerName: nameOf(model.ownerId),
      createdAt: model.createdAt.toISOString(),
      createdBy: nameOf(model.createdById),
      demo: model.demo,
      places: places.map(shownPlace),
      versions: heads.map((head) => ({
        versionId: head.id,
        name: head.name,
        digest: head.digest,
        state: head.state,
        sizeBytes: head.sizeBytes,
        authorName: nameOf(head.authorId),
        createdAt: head.createdAt.toISOString(),
        notes: head.notes,
        places: places.filter(({ versionId }) => versionId === head.id).map(shownPlace),
      })),
      versionsTotal: total,
      releases: await releaseRows(db, releases),
      mayRegister: actFor(actor, "version:create", BUILDERS),
      mayRelease: endpoints.length === 0 ? closed("It is on no endpoint yet.") : mayRelease,
    };
  },
});
