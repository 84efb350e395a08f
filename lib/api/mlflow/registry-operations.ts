import { mlflowRequests as requests } from "#lib/contracts/mlflow-api.ts";
import { type MlflowOperation, mlflowOperation as op } from "./mlflow-operation.ts";
import { downloadUri, modelJson, versionJson } from "./mlflow-json.ts";

const nothing = {};

/** The registry of models and versions. */
export const registryOperations: readonly MlflowOperation[] = [
  op("POST", "registered-models/create", requests.createModel, async ({ app, actor, input }) => {
    await app.mlflow.createRegisteredModel(actor, input);
    return { registered_model: modelJson(await app.mlflow.readRegisteredModel(actor, { name: input.name })) };
  }),
  op("POST", "registered-models/rename", requests.renameModel, async ({ app, actor, input }) => {
    await app.mlflow.renameRegisteredModel(actor, input);
    return { registered_model: modelJson(await app.mlflow.readRegisteredModel(actor, { name: input.new_name })) };
  }),
  op("PATCH", "registered-models/update", requests.updateModel, async ({ app, actor, input }) => {
    await app.mlflow.describeRegisteredModel(actor, input);
    return { registered_model: modelJson(await app.mlflow.readRegisteredModel(actor, { name: input.name })) };
  }),
  op("DELETE", "registered-models/delete", requests.oneModel, async ({ app, actor, input }) => {
    await app.mlflow.withdrawRegisteredModel(actor, input);
    return nothing;
  }),
  op("GET", "registered-models/get", requests.oneModel, async ({ app, actor, input }) => ({
    registered_model: modelJson(await app.mlflow.readRegisteredModel(actor, input)),
  })),
  op("GET", "registered-models/search", requests.searchModels, async ({ app, actor, input }) => {
    const { rows, nextToken } = await app.mlflow.searchRegistered(actor, input);
    return { registered_models: rows.map(modelJson), next_page_token: nextToken };
  }),
  op(["POST", "GET"], "registered-models/get-latest-versions", requests.latestVersions, async ({ app, actor, input }) => {
    const { latest } = await app.mlflow.readRegisteredModel(actor, { name: input.name });
    // Without stages there is one line of versions, and its newest is the latest of stage None.
    const isAsked = input.stages.length === 0 || input.stages.some((stage) => stage.toLowerCase() === "none");
    return { model_versions: latest === null || !isAsked ? [] : [versionJson(latest)] };
  }),
  op("POST", "registered-models/set-tag", requests.setModelTag, async ({ app, actor, input }) => {
    await app.mlflow.setRegisteredModelTag(actor, input);
    return nothing;
  }),
  op("DELETE", "registered-models/delete-tag", requests.deleteModelTag, async ({ app, actor, input }) => {
    await app.mlflow.deleteRegisteredModelTag(actor, input);
    return nothing;
  }),
  op("POST", "registered-models/alias", requests.setAlias, async ({ app, actor, input }) => {
    const moved = await app.mlflowDesk.moveAlias(actor, input);
    return moved.moved ? nothing : { slipway_release: moved.releaseNumber };
  }),
  op("DELETE", "registered-models/alias", requests.oneAlias, async ({ app, actor, input }) => {
    await app.mlflow.deleteFreeAlias(actor, input);
    return nothing;
  }),
  op("GET", "registered-models/alias", requests.oneAlias, async ({ app, actor, input }) => ({
    model_version: versionJson(await app.mlflow.readAliasedVersion(actor, input)),
  })),
  op("POST", "model-versions/create", requests.createVersion, async ({ app, actor, input }) => {
    const { number } = await app.mlflowDesk.createModelVersion(actor, input);
    return { model_version: versionJson(await app.mlflow.readModelVersion(actor, { name: input.name, version: number })) };
  }),
  op("PATCH", "model-versions/update", requests.updateVersion, async ({ app, actor, input }) => {
    await app.mlflow.describeModelVersion(actor, input);
    return { model_version: versionJson(await app.mlflow.readModelVersion(actor, { name: input.name, version: input.version })) };
  }),
  op("DELETE", "model-versions/delete", requests.oneVersion, async ({ app, actor, input }) => {
    await app.mlflow.withdrawModelVersion(actor, input);
    return nothing;
  }),
  op("GET", "model-versions/get", requests.oneVersion, async ({ app, actor, input }) => ({
    model_version: versionJson(await app.mlflow.readModelVersion(actor, input)),
  })),
  op("GET", "model-versions/search", requests.searchVersions, async ({ app, actor, input }) => {
    const { rows, nextToken } = await app.mlflow.searchVersions(actor, input);
    return { model_versions: rows.map(versionJson), next_page_token: nextToken };
  }),
  op("GET", "model-versions/get-download-uri", requests.oneVersion, async ({ app, actor, input }) => ({
    artifact_uri: downloadUri(await app.mlflow.readModelVersion(actor, input)),
  })),
  op("POST", "model-versions/set-tag", requests.setVersionTag, async ({ app, actor, input }) => {
    await app.mlflow.setModelVersionTag(actor, input);
    return nothing;
  }),
  op("DELETE", "model-versions/delete-tag", requests.deleteVersionTag, async ({ app, actor, input }) => {
    await app.mlflow.deleteModelVersionTag(actor, input);
    return nothing;
  }),
];
