import { z } from "zod";
import { mlflowRequests } from "#lib/contracts/mlflow-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { isGovernedAlias } from "#lib/domain/mlflow/names.ts";
import { command } from "../command.ts";
import type { MlflowModel, MlflowVersion } from "#lib/domain/mlflow/records.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget, UnitOfWork } from "../ports.ts";
import { modelMissing, modelTargetOf, tagged } from "./registered-models.ts";

export const versionMissing = (name: string, number: number): AppError =>
  new AppError("not_found", `Model Version (name=${name}, version=${number}) not found`);

const versionTargetOf = (version: MlflowVersion, model: MlflowModel): AuditTarget => ({
  type: "version", id: version.versionId ?? version.id, name: `${model.slug} ${version.number}`, digest: null,
});

type Located = { readonly environmentId: null; readonly targets: readonly AuditTarget[]; readonly model: MlflowModel; readonly version: MlflowVersion };

async function locateVersion(tx: UnitOfWork, { name, version: number }: { readonly name: string; readonly version: number }): Promise<Located> {
  const model = await tx.mlflow.findRegisteredModel(name);
  if (model === null) throw modelMissing(name);
  const version = await tx.mlflow.findModelVersion(model.modelId, number);
  if (version === null) throw versionMissing(name, number);
  return { environmentId: null, targets: [versionTargetOf(version, model), modelTargetOf(model)], model, version };
}

const tag = z.object({ key: z.string(), value: z.string() });
const noted = mlflowRequests.createVersion.extend({
  tags: z.array(tag),
  /** Why it could not be registered; null for a version whose files are elsewhere. */
  problem: z.string().max(4000).nullable(),
});

/** A version that has no files here: a reference to another place, or a try that failed. It can be tagged and found, and never served. */
export const noteVersion = command({
  name: "note-version",
  permission: "version:create",
  input: noted,
  async run({ tx, actor, input, now }) {
    if (actor.userId === null) throw new AppError("forbidden", "A version needs a person as its author.");
    const model = await tx.mlflow.findRegisteredModel(input.name);
    if (model === null) throw modelMissing(input.name);
    const { problem, source, tags } = input;
    const id = newId();
    const number = await tx.mlflow.nextNumber(model.modelId);
    await tx.mlflow.insertEntry({
      id, modelId: model.modelId, number, status: problem === null ? "READY" : "FAILED_REGISTRATION", statusMessage: problem, createdById: actor.userId,
    });
    await tx.mlflow.updateEntry(id, { source, runId: input.run_id ?? null, runLink: input.run_link ?? null, description: input.description ?? null, updatedAt: now });
    for (const { key, value } of tags) await tx.mlflow.setTag(id, key, value);
    await tx.mlflow.updateRegistryModel(model.modelId, { updatedAt: now });
    return {
      result: { number },
      audit: {
        action: problem === null ? "version.referred" : "version.registration_failed",
        targets: [{ type: "version", id, name: `${model.slug} ${number}`, digest: null }, modelTargetOf(model)],
        after: { source, runId: input.run_id ?? null, ...(problem === null ? {} : { problem }) },
      },
    };
  },
});

/** Where a registered version came from, as the MLflow client said it. */
export const describeRegistration = command({
  name: "describe-registration",
  permission: "version:create",
  input: mlflowRequests.createVersion.extend({ versionId: z.uuid(), tags: z.array(tag) }),
  async run({ tx, input, now }) {
    const model = await tx.mlflow.findRegisteredModel(input.name);
    if (model === null) throw modelMissing(input.name);
    // An entry that a trigger made has the id of its version.
    await tx.mlflow.updateEntry(input.versionId, {
      source: input.source, runId: input.run_id ?? null, runLink: input.run_link ?? null, description: input.description ?? null, updatedAt: now,
    });
    for (const { key, value } of input.tags) await tx.mlflow.setTag(input.versionId, key, value);
    await tx.mlflow.updateRegistryModel(model.modelId, { updatedAt: now });
    return {
      result: null,
      audit: {
        action: "version.described",
        targets: [{ type: "version", id: input.versionId, name: null, digest: null }, modelTargetOf(model)],
        after: { source: input.source, runId: input.run_id ?? null, tags: input.tags.map(({ key }) => key) },
      },
    };
  },
});

export const describeModelVersion = command({
  name: "describe-model-version",
  permission: "version:edit",
  input: mlflowRequests.updateVersion,
  locate: ({ tx, input }) => locateVersion(tx, input),
  async run({ tx, input, now, located: { version, targets } }) {
    const description = input.description ?? null;
    await tx.mlflow.updateEntry(version.id, { description, updatedAt: now });
    return { result: null, audit: { action: "version.described", targets, before: { description: version.description }, after: { description } } };
  },
});

/** Takes a version out of MLflow's view, with its aliases. Its record stays; what serves cannot be taken out. */
export const withdrawModelVersion = command({
  name: "withdraw-model-version",
  permission: "version:edit",
  input: mlflowRequests.oneVersion,
  locate: ({ tx, input }) => locateVersion(tx, input),
  async run({ tx, input, now, located: { model, version, targets } }) {
    if (version.versionId !== null && (await tx.mlflow.isAnyInUse({ versionId: version.versionId }))) {
      throw new AppError("conflict", `${input.name} version ${input.version} is served by an endpoint and cannot be deleted.`);
    }
    await tx.mlflow.deleteAliasesOf({ entryId: version.id });
    await tx.mlflow.updateEntry(version.id, { withdrawnAt: now, updatedAt: now });
    await tx.mlflow.updateRegistryModel(model.modelId, { updatedAt: now });
    return { result: null, audit: { action: "version.withdrawn", targets } };
  },
});

export const setModelVersionTag = command({
  name: "set-model-version-tag",
  permission: "version:edit",
  input: mlflowRequests.setVersionTag,
  locate: ({ tx, input }) => locateVersion(tx, input),
  async run({ tx, input, now, located: { version, targets } }) {
    await tx.mlflow.setTag(version.id, input.key, input.value);
    await tx.mlflow.updateEntry(version.id, { updatedAt: now });
    return { result: null, audit: tagged("version.tagged", targets, version.tags, input) };
  },
});

export const deleteModelVersionTag = command({
  name: "delete-model-version-tag",
  permission: "version:edit",
  input: mlflowRequests.deleteVersionTag,
  locate: ({ tx, input }) => locateVersion(tx, input),
  async run({ tx, input, located: { version, targets } }) {
    if (!(await tx.mlflow.deleteTag(version.id, input.key))) return { unchanged: true, result: null };
    return { result: null, audit: tagged("version.untagged", targets, version.tags, input) };
  },
});

const governed = (alias: string, name: string): AppError =>
  new AppError("requirements_open", `The alias '${alias}' of ${name} says what its endpoint serves. It moves by a release and cannot be removed.`);

/** An alias that nothing governs. */
export const setFreeAlias = command({
  name: "set-alias",
  permission: "version:edit",
  input: mlflowRequests.setAlias,
  locate: ({ tx, input }) => locateVersion(tx, input),
  async run({ tx, input, now, located: { model, version, targets } }) {
    if (isGovernedAlias(input.alias, await tx.mlflow.environmentNames())) throw governed(input.alias, input.name);
    const before = model.aliases.find(({ alias }) => alias === input.alias)?.number ?? null;
    await tx.mlflow.setAlias(model.modelId, input.alias, version.id);
    await tx.mlflow.updateRegistryModel(model.modelId, { updatedAt: now });
    return { result: null, audit: { action: "alias.set", targets, before: { alias: input.alias, version: before }, after: { alias: input.alias, version: input.version } } };
  },
});

export const deleteFreeAlias = command({
  name: "delete-alias",
  permission: "version:edit",
  input: mlflowRequests.oneAlias,
  async locate({ tx, input }) {
    const model = await tx.mlflow.findRegisteredModel(input.name);
    if (model === null) throw modelMissing(input.name);
    return { environmentId: null, targets: [modelTargetOf(model)], model };
  },
  async run({ tx, input, located: { model, targets } }) {
    if (isGovernedAlias(input.alias, await tx.mlflow.environmentNames())) throw governed(input.alias, input.name);
    const before = model.aliases.find(({ alias }) => alias === input.alias)?.number ?? null;
    if (!(await tx.mlflow.deleteAlias(model.modelId, input.alias))) return { unchanged: true, result: null };
    return { result: null, audit: { action: "alias.removed", targets, before: { alias: input.alias, version: before } } };
  },
});
