import { mlflowRequests } from "#lib/contracts/mlflow-api.ts";
import { riskTiers } from "#lib/contracts/registry-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { slugFor } from "#lib/domain/mlflow/names.ts";
import { command } from "../command.ts";
import type { MlflowModel } from "#lib/domain/mlflow/records.ts";
import { newId } from "../new-id.ts";
import type { AuditDraft, UnitOfWork } from "../ports.ts";

/** MLflow cannot say it; until somebody does, the model counts as the strictest. */
const UNSTATED_USE = "Not stated yet: registered by an MLflow client.";
const RISK_TAG = "slipway.risk_tier";

export const modelMissing = (name: string): AppError => new AppError("not_found", `Registered Model with name=${name} not found`);

export const modelTargetOf = (model: Pick<MlflowModel, "modelId" | "slug">) => ({ type: "model", id: model.modelId, name: model.slug, digest: null });

async function locateModel(tx: UnitOfWork, name: string) {
  const model = await tx.mlflow.findRegisteredModel(name);
  if (model === null) throw modelMissing(name);
  return { environmentId: null, targets: [modelTargetOf(model)], model };
}

async function requireFree(tx: UnitOfWork, name: string): Promise<void> {
  if (await tx.mlflow.findRegisteredModel(name)) throw new AppError("already_exists", `Registered Model (name=${name}) already exists.`);
}

async function freeSlug(tx: UnitOfWork, name: string): Promise<string> {
  const slug = slugFor(name);
  for (let count = 1; count < 1000; count += 1) {
    const candidate = count === 1 ? slug : `${slug}-${count}`;
    if ((await tx.models.findModel(candidate)) === null) return candidate;
  }
  throw new AppError("already_exists", `There are a thousand models named ${slug} already.`);
}

/** A model under the name MLflow gives it; here it gets a name fit for addresses beside it. */
export const createRegisteredModel = command({
  name: "create-registered-model",
  permission: "model:create",
  input: mlflowRequests.createModel,
  async run({ tx, actor, input, now }) {
    if (actor.userId === null) throw new AppError("forbidden", "A model needs a person as its creator.");
    await requireFree(tx, input.name);
    const id = newId();
    const name = await freeSlug(tx, input.name);
    const described = input.description?.trim() ?? "";
    const intendedUse = described.length >= 10 ? described.slice(0, 2000) : UNSTATED_USE;
    const asked = input.tags.find(({ key }) => key === RISK_TAG)?.value;
    const riskTier = riskTiers.find((tier) => tier === asked) ?? "high";
    await tx.models.insertModel({
      id, name, intendedUse, riskTier, sector: null, jurisdictions: [], ownerId: actor.userId, createdById: actor.userId, demo: false,
    });
    await tx.mlflow.updateRegistryModel(id, { name: input.name, description: input.description ?? null, updatedAt: now });
    for (const { key, value } of input.tags) await tx.mlflow.setTag(id, key, value);
    return {
      result: { id, name },
      audit: {
        action: "model.created",
        targets: [{ type: "model", id, name, digest: null }],
        after: { intendedUse, riskTier, ownerId: actor.userId, mlflowName: input.name, tags: input.tags.map(({ key }) => key) },
      },
    };
  },
});

/** Another name for MLflow clients; the name in addresses stays. */
export const renameRegisteredModel = command({
  name: "rename-registered-model",
  permission: "model:edit",
  input: mlflowRequests.renameModel,
  locate: ({ tx, input }) => locateModel(tx, input.name),
  async run({ tx, input, now, located: { model, targets } }) {
    await requireFree(tx, input.new_name);
    await tx.mlflow.updateRegistryModel(model.modelId, { name: input.new_name, updatedAt: now });
    return {
      result: null,
      audit: { action: "model.updated", targets, before: { mlflowName: input.name }, after: { mlflowName: input.new_name } },
    };
  },
});

export const describeRegisteredModel = command({
  name: "describe-registered-model",
  permission: "model:edit",
  input: mlflowRequests.updateModel,
  locate: ({ tx, input }) => locateModel(tx, input.name),
  async run({ tx, input, now, located: { model, targets } }) {
    const description = input.description ?? null;
    await tx.mlflow.updateRegistryModel(model.modelId, { description, updatedAt: now });
    return { result: null, audit: { action: "model.updated", targets, before: { description: model.description }, after: { description } } };
  },
});

/** Takes a model out of MLflow's view. Its record stays; what serves or is under release cannot be taken out. */
export const withdrawRegisteredModel = command({
  name: "withdraw-registered-model",
  permission: "model:edit",
  input: mlflowRequests.oneModel,
  locate: ({ tx, input }) => locateModel(tx, input.name),
  async run({ tx, input, now, located: { model, targets } }) {
    if (await tx.mlflow.isAnyInUse({ modelId: model.modelId })) {
      throw new AppError("conflict", `${input.name} is served by an endpoint and cannot be deleted.`, { hint: "Its record would stay in any case." });
    }
    await tx.mlflow.deleteAliasesOf({ modelId: model.modelId });
    await tx.mlflow.updateRegistryModel(model.modelId, { withdrawnAt: now, updatedAt: now });
    return { result: null, audit: { action: "model.withdrawn", targets, before: { mlflowName: input.name } } };
  },
});

export const setRegisteredModelTag = command({
  name: "set-registered-model-tag",
  permission: "model:edit",
  input: mlflowRequests.setModelTag,
  locate: ({ tx, input }) => locateModel(tx, input.name),
  async run({ tx, input, now, located: { model, targets } }) {
    await tx.mlflow.setTag(model.modelId, input.key, input.value);
    await tx.mlflow.updateRegistryModel(model.modelId, { updatedAt: now });
    return { result: null, audit: tagged("model.tagged", targets, model.tags, input) };
  },
});

export const deleteRegisteredModelTag = command({
  name: "delete-registered-model-tag",
  permission: "model:edit",
  input: mlflowRequests.deleteModelTag,
  locate: ({ tx, input }) => locateModel(tx, input.name),
  async run({ tx, input, located: { model, targets } }) {
    const isThere = await tx.mlflow.deleteTag(model.modelId, input.key);
    if (!isThere) return { unchanged: true, result: null };
    return { result: null, audit: tagged("model.untagged", targets, model.tags, input) };
  },
});

/** The entry for the trail about one tag: what it was and what it is, cut to what a reader can take in. */
export function tagged(
  action: "model.tagged" | "model.untagged" | "version.tagged" | "version.untagged",
  targets: AuditDraft["targets"],
  before: readonly { readonly key: string; readonly value: string }[],
  { key, value }: { readonly key: string; readonly value?: string },
): AuditDraft {
  const old = before.find((tag) => tag.key === key)?.value;
  return {
    action,
    targets,
    ...(old === undefined ? {} : { before: { [key]: old.slice(0, 2000) } }),
    ...(value === undefined ? {} : { after: { [key]: value.slice(0, 2000) } }),
  };
}
