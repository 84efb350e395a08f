import { z } from "zod";
import { modelNameProblem, aliasProblem } from "#lib/domain/mlflow/names.ts";

/** Requests of the MLflow-compatible registry. Unknown fields are left out, as MLflow does. */

const MAX_RESULTS = 1000;
/** MLflow's tags hold numbers and booleans as text. */
const text = (max: number) => z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string().max(max));
const checked = (problem: (value: string) => string | null) =>
  z.string({ error: "Missing value for required parameter 'name'." }).superRefine((value, context) => {
    const message = problem(value);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

export const mlflowModelName = checked(modelNameProblem);
export const mlflowAlias = checked(aliasProblem);
const versionNumber = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,9}$/, "Model version must be an integer."))
  .transform(Number);
const key = text(250).pipe(z.string().min(1, "A tag needs a key."));
const tag = z.object({ key, value: text(100_000).default("") });
const description = z.string().max(100_000).nullish();
const page = {
  filter: z.string().max(4000).default(""),
  max_results: z.coerce.number().int("Invalid value for max_results.").min(1, "max_results must be at least 1."),
  order_by: z.array(z.string().max(200)).max(10).default([]),
  page_token: z.string().max(1000).default(""),
};

export const mlflowRequests = {
  createModel: z.object({ name: mlflowModelName, tags: z.array(tag).max(200).default([]), description }),
  renameModel: z.object({ name: mlflowModelName, new_name: mlflowModelName }),
  updateModel: z.object({ name: mlflowModelName, description }),
  oneModel: z.object({ name: mlflowModelName }),
  searchModels: z.object({ ...page, max_results: page.max_results.max(MAX_RESULTS, `max_results must be at most ${MAX_RESULTS}.`).default(100) }),
  latestVersions: z.object({ name: mlflowModelName, stages: z.array(z.string().max(100)).max(10).default([]) }),
  setModelTag: z.object({ name: mlflowModelName, key, value: text(100_000) }),
  deleteModelTag: z.object({ name: mlflowModelName, key }),
  setAlias: z.object({ name: mlflowModelName, alias: mlflowAlias, version: versionNumber }),
  oneAlias: z.object({ name: mlflowModelName, alias: z.string().min(1).max(255) }),
  createVersion: z.object({
    name: mlflowModelName,
    source: z.string().min(1, "A version needs a source.").max(2000),
    run_id: z.string().max(100).nullish(),
    run_link: z.string().max(2000).nullish(),
    model_id: z.string().max(100).nullish(),
    tags: z.array(tag).max(200).default([]),
    description,
  }),
  updateVersion: z.object({ name: mlflowModelName, version: versionNumber, description }),
  oneVersion: z.object({ name: mlflowModelName, version: versionNumber }),
  // The ceiling of the protocol is 200 000; more than a thousand of these in one answer helps nobody, and the token leads on.
  searchVersions: z.object({ ...page, max_results: page.max_results.max(200_000).default(200_000).transform((count) => Math.min(count, MAX_RESULTS)) }),
  setVersionTag: z.object({ name: mlflowModelName, version: versionNumber, key, value: text(100_000) }),
  deleteVersionTag: z.object({ name: mlflowModelName, version: versionNumber, key }),
} as const;
export type MlflowRequest<K extends keyof typeof mlflowRequests> = z.output<(typeof mlflowRequests)[K]>;

const id = z.string().min(1).max(100);
const millis = z.coerce.number().int().min(0).max(8.64e15);
const param = z.object({ key: text(250), value: text(6000) });
const metric = z.object({ key: text(250), value: z.coerce.number(), timestamp: millis.default(0), step: z.coerce.number().int().default(0) });
const runTag = z.object({ key: text(250), value: text(100_000) });
const params = z.array(param).max(1000).default([]);
const tags = z.array(runTag).max(1000).default([]);

/** Requests of the tracking part: what a client needs to log a run with its model. */
export const trackingRequests = {
  createExperiment: z.object({ name: z.string().min(1).max(256), tags }),
  oneExperiment: z.object({ experiment_id: z.coerce.number().int() }),
  experimentByName: z.object({ experiment_name: z.string().min(1).max(256) }),
  searchExperiments: z.object({ max_results: z.coerce.number().int().min(1).max(1000).default(100) }),
  createRun: z.object({
    experiment_id: z.coerce.number().int().default(0), run_name: z.string().max(250).nullish(), start_time: millis.nullish(), user_id: z.string().max(250).nullish(), tags,
  }),
  oneRun: z.object({ run_id: id }),
  updateRun: z.object({ run_id: id, status: z.enum(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]).nullish(), end_time: millis.nullish(), run_name: z.string().max(250).nullish() }),
  logMetric: metric.extend({ run_id: id }),
  logParameter: param.extend({ run_id: id }),
  setRunTag: runTag.extend({ run_id: id }),
  logBatch: z.object({ run_id: id, metrics: z.array(metric).max(1000).default([]), params, tags }),
  logModel: z.object({ run_id: id, model_json: z.string().max(1_000_000) }),
  searchRuns: z.object({ experiment_ids: z.array(z.coerce.number().int()).max(100).default([]), max_results: z.coerce.number().int().min(1).max(1000).default(100) }),
  listArtifacts: z.object({ run_id: id, path: z.string().max(1000).default("") }),
  createLoggedModel: z.object({
    experiment_id: z.coerce.number().int().default(0), name: z.string().max(250).nullish(), model_type: z.string().max(250).nullish(), source_run_id: z.string().max(100).nullish(), params, tags,
  }),
  searchLoggedModels: z.object({ experiment_ids: z.array(z.coerce.number().int()).max(100).default([]), filter: z.string().max(4000).default(""), max_results: z.coerce.number().int().min(1).max(1000).default(100) }),
  oneLoggedModel: z.object({ model_id: id }),
  finalizeLoggedModel: z.object({ model_id: id, status: z.union([z.string(), z.number()]).transform(String) }),
  setLoggedModelTags: z.object({ model_id: id, tags }),
  logLoggedModelParams: z.object({ model_id: id, params }),
  logOutputs: z.object({ run_id: id }),
} as const;
export type TrackingRequest<K extends keyof typeof trackingRequests> = z.output<(typeof trackingRequests)[K]>;

export const artifactPath = z
  .string()
  .min(1)
  .max(1000)
  .refine((path) => path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/[\\\u0000-\u001f]/.test(part)), "Invalid path.");
