import { loggedModelRoot, runRoot, versionRoot } from "#lib/domain/mlflow/artifact-paths.ts";
import type { MlflowModel, MlflowVersion, TrackingExperiment, TrackingModel, TrackingRun } from "#lib/domain/mlflow/records.ts";

/** Objects in the form that MLflow's protocol gives them: times in milliseconds, versions and ids as strings. */

export const artifactUri = (path: string): string => `mlflow-artifacts:/${path}`;

/** Where a version's files can be had: here when it is registered, else where its source says. */
export const downloadUri = (version: MlflowVersion): string =>
  version.versionId === null ? (version.source ?? "") : artifactUri(versionRoot(version.versionId));

export const versionJson = (version: MlflowVersion) => ({
  name: version.modelName,
  version: String(version.number),
  creation_timestamp: version.createdAt.getTime(),
  last_updated_timestamp: version.updatedAt.getTime(),
  user_id: version.userName,
  current_stage: "None",
  description: version.description ?? "",
  source: version.source ?? downloadUri(version),
  run_id: version.runId ?? "",
  run_link: version.runLink ?? "",
  status: version.status,
  status_message: version.statusMessage ?? "",
  tags: version.tags.map(({ key, value }) => ({ key, value })),
  aliases: [...version.aliases],
});

export const modelJson = (model: MlflowModel) => ({
  name: model.name,
  creation_timestamp: model.createdAt.getTime(),
  last_updated_timestamp: model.updatedAt.getTime(),
  description: model.description ?? "",
  latest_versions: model.latest === null ? [] : [versionJson(model.latest)],
  tags: model.tags.map(({ key, value }) => ({ key, value })),
  aliases: model.aliases.map(({ alias, number }) => ({ alias, version: String(number) })),
});

export const experimentJson = (experiment: TrackingExperiment) => ({
  experiment_id: String(experiment.id),
  name: experiment.name,
  artifact_location: artifactUri(String(experiment.id)),
  lifecycle_stage: "active",
  creation_time: experiment.createdAt.getTime(),
  last_update_time: experiment.createdAt.getTime(),
  tags: experiment.tags,
});

export const runInfoJson = (run: TrackingRun) => ({
  run_id: run.id,
  run_uuid: run.id,
  run_name: run.name,
  experiment_id: String(run.experimentId),
  user_id: run.userName,
  status: run.status,
  start_time: run.startTimeMs,
  ...(run.endTimeMs === null ? {} : { end_time: run.endTimeMs }),
  artifact_uri: artifactUri(runRoot(run)),
  lifecycle_stage: "active",
});

export const runJson = (run: TrackingRun) => ({ info: runInfoJson(run), data: { metrics: run.metrics, params: run.params, tags: run.tags }, inputs: {}, outputs: {} });

export const loggedModelJson = (model: TrackingModel) => ({
  info: {
    model_id: model.id,
    experiment_id: String(model.experimentId),
    name: model.name,
    creation_timestamp_ms: model.createdAt.getTime(),
    last_updated_timestamp_ms: model.updatedAt.getTime(),
    artifact_uri: artifactUri(loggedModelRoot(model)),
    status: model.status,
    model_type: model.modelType ?? "",
    source_run_id: model.runId ?? "",
    tags: model.tags,
    registrations: [],
  },
  data: { params: model.params, metrics: [] },
});
