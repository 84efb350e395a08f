import { trackingRequests as requests } from "#lib/contracts/mlflow-api.ts";
import type { App } from "#lib/server/composition.ts";
import { runRoot } from "#lib/domain/mlflow/artifact-paths.ts";
import type { Actor } from "#lib/server/ports.ts";
import type { RunChange } from "#lib/domain/mlflow/records.ts";
import { artifactUri, experimentJson, loggedModelJson, runInfoJson, runJson } from "./mlflow-json.ts";
import { type MlflowOperation, mlflowOperation as op } from "./mlflow-operation.ts";

const nothing = {};
const STATUS: Readonly<Record<string, string>> = { "1": "LOGGED_MODEL_PENDING", "2": "LOGGED_MODEL_READY", "3": "LOGGED_MODEL_UPLOAD_FAILED" };

async function change(app: App, actor: Actor, runId: string, changed: RunChange): Promise<object> {
  await app.mlflowDesk.changeRun(actor, runId, changed);
  return nothing;
}

/** Experiments and runs: what a client needs to log a model before it registers it. */
const runOperations: readonly MlflowOperation[] = [
  op("POST", "experiments/create", requests.createExperiment, async ({ app, actor, input }) => ({
    experiment_id: String(await app.mlflowDesk.createExperiment(actor, input)),
  })),
  op("GET", "experiments/get", requests.oneExperiment, async ({ app, actor, input }) => ({
    experiment: experimentJson(await app.mlflowDesk.readExperiment(actor, { id: input.experiment_id })),
  })),
  op("GET", "experiments/get-by-name", requests.experimentByName, async ({ app, actor, input }) => ({
    experiment: experimentJson(await app.mlflowDesk.readExperiment(actor, { name: input.experiment_name })),
  })),
  op(["GET", "POST"], "experiments/search", requests.searchExperiments, async ({ app, actor, input }) => ({
    experiments: (await app.mlflowDesk.listExperiments(actor, input.max_results)).map(experimentJson),
  })),
  op("POST", "runs/create", requests.createRun, async ({ app, actor, input }) => ({ run: runJson(await app.mlflowDesk.createRun(actor, input, Date.now())) })),
  op("GET", "runs/get", requests.oneRun, async ({ app, actor, input }) => ({ run: runJson(await app.mlflowDesk.readRun(actor, input.run_id)) })),
  op("POST", "runs/update", requests.updateRun, async ({ app, actor, input }) => ({
    run_info: runInfoJson(
      await app.mlflowDesk.changeRun(actor, input.run_id, { status: input.status ?? null, endTimeMs: input.end_time ?? null, name: input.run_name ?? null }),
    ),
  })),
  op("POST", "runs/search", requests.searchRuns, async ({ app, actor, input }) => ({ runs: (await app.mlflowDesk.listRuns(actor, input)).map(runJson) })),
  op("POST", "runs/log-metric", requests.logMetric, ({ app, actor, input: { run_id: id, ...metric } }) => change(app, actor, id, { metrics: [metric] })),
  op("POST", "runs/log-parameter", requests.logParameter, ({ app, actor, input: { run_id: id, ...param } }) => change(app, actor, id, { params: [param] })),
  op("POST", "runs/set-tag", requests.setRunTag, ({ app, actor, input: { run_id: id, ...tag } }) => change(app, actor, id, { tags: [tag] })),
  op("POST", "runs/log-batch", requests.logBatch, ({ app, actor, input: { run_id: id, ...batch } }) => change(app, actor, id, batch)),
  op("POST", "runs/log-model", requests.logModel, ({ app, actor, input }) =>
    change(app, actor, input.run_id, { tags: [{ key: "mlflow.log-model.history", value: `[${input.model_json}]` }] })),
  op("POST", "runs/outputs", requests.logOutputs, async ({ app, actor, input }) => {
    await app.mlflowDesk.readRun(actor, input.run_id);
    return nothing;
  }),
  op("GET", "artifacts/list", requests.listArtifacts, async ({ app, actor, input }) => {
    const root = runRoot(await app.mlflowDesk.readRun(actor, input.run_id));
    const folder = input.path === "" ? root : `${root}/${input.path}`;
    const files = await app.mlflowDesk.listFiles(actor, folder);
    return { root_uri: artifactUri(root), files: files.map((file) => ({ ...file, path: input.path === "" ? file.path : `${input.path}/${file.path}` })) };
  }),
];

/** Models that runs logged, before they are registered (MLflow 3). */
const loggedModelOperations: readonly MlflowOperation[] = [
  op("POST", "logged-models", requests.createLoggedModel, async ({ app, actor, input }) => ({
    model: loggedModelJson(await app.mlflowDesk.createLoggedModel(actor, input)),
  })),
  op("POST", "logged-models/search", requests.searchLoggedModels, async ({ app, actor, input }) => ({
    models: (await app.mlflowDesk.listLoggedModels(actor, input)).map(loggedModelJson),
  })),
  op("GET", "logged-models/{model_id}", requests.oneLoggedModel, async ({ app, actor, input }) => ({
    model: loggedModelJson(await app.mlflowDesk.readLoggedModel(actor, input.model_id)),
  })),
  op("PATCH", "logged-models/{model_id}", requests.finalizeLoggedModel, async ({ app, actor, input }) => ({
    model: loggedModelJson(await app.mlflowDesk.changeLoggedModel(actor, input.model_id, { status: STATUS[input.status] ?? input.status })),
  })),
  op("PATCH", "logged-models/{model_id}/tags", requests.setLoggedModelTags, async ({ app, actor, input }) => ({
    model: loggedModelJson(await app.mlflowDesk.changeLoggedModel(actor, input.model_id, { tags: input.tags })),
  })),
  op("POST", "logged-models/{model_id}/params", requests.logLoggedModelParams, async ({ app, actor, input }) => {
    await app.mlflowDesk.changeLoggedModel(actor, input.model_id, { params: input.params });
    return nothing;
  }),
];

export const trackingOperations: readonly MlflowOperation[] = [...runOperations, ...loggedModelOperations];
