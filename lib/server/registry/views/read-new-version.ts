import { inputContract } from "#lib/contracts/artifact.ts";
import { newVersionViewQuery, type NewVersionView } from "#lib/contracts/views/new-version-view.ts";
import { nextVersionName } from "#lib/domain/artifact/version-names.ts";
import type { ModelRecord } from "../../db/model-repository.ts";
import type { VersionHead } from "../../db/registry-reads.ts";
import type { ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { actFor, BUILDERS } from "./open-acts.ts";
import { placesOn } from "./place-views.ts";

const VERSIONS_SHOWN = 200;

async function parentOf(
  db: ReadModels,
  model: ModelRecord,
  heads: readonly VersionHead[],
): Promise<NonNullable<NewVersionView["chosen"]>["parent"]> {
  const endpoints = (await db.endpoints.listEndpoints()).filter(({ modelId }) => modelId === model.id);
  const stable = (await placesOn(db, endpoints)).filter(({ role }) => role === "stable").map(({ versionId }) => versionId);
  const live = heads.find(({ id }) => stable.includes(id));
  const parent = live ?? heads[0];
  if (parent === undefined) return null;
  const { contract, labelOutput } = await db.models.getVersionById(parent.id);
  return { versionName: parent.name, live: live !== undefined, contract: inputContract.parse(contract), labelOutput };
}

async function chosenOf(db: ReadModels, name: string | null): Promise<NewVersionView["chosen"]> {
  const model = name === null ? null : await db.models.findModel(name);
  if (model === null) return null;
  const heads = await db.registry.versionHeads({ modelId: model.id }, VERSIONS_SHOWN);
  const names = await db.registry.userNames([model.ownerId]);
  return {
    name: model.name,
    intendedUse: model.intendedUse,
    riskTier: model.riskTier,
    ownerName: names.get(model.ownerId) ?? "Unknown person",
    versions: heads.map((head) => ({ name: head.name, state: head.state, createdAt: head.createdAt.toISOString() })),
    parent: await parentOf(db, model, heads),
    suggestedVersion: nextVersionName(heads.map((head) => head.name)),
  };
}

/** What the register form needs; with a model chosen, what its next version starts from. */
export const readNewVersion = query({
  name: "read-new-version",
  permission: "version:read",
  of: "many",
  input: newVersionViewQuery,
  async run({ db, actor, input, now }): Promise<NewVersionView> {
    const tallies = await db.registry.modelTallies();
    const person = actor.userId === null ? null : await db.people.findPerson(actor.userId);
    return {
      asOf: now.toISOString(),
      models: (await db.models.listModels()).map(({ id, name }) => ({ name, newest: tallies.get(id)?.newest?.name ?? null })),
      chosen: await chosenOf(db, input.model),
      viewerEmail: person?.email ?? "",
      maxUploadBytes: null,
      mayCreateModel: actFor(actor, "model:create", BUILDERS),
      mayRegister: actFor(actor, "version:create", BUILDERS),
    };
  },
});
