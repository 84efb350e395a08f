import { randomBytes } from "node:crypto";
import type { TrackingRequest } from "#lib/contracts/mlflow-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Pair, RunChange, TrackingModel, TrackingRun } from "#lib/domain/mlflow/records.ts";
import { authorise } from "../access.ts";

import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";

/** What training clients tell about their runs: bookkeeping beside the registry, written often, governed nowhere. A version's record keeps the run it names. */

const MAX_KEPT = 2000;

const writer = (actor: Actor): string => {
  authorise(actor, "version:create", null);
  if (actor.userId === null) throw new AppError("forbidden", "A run needs a person behind it.");
  return actor.userId;
};
const reader = (actor: Actor): void => authorise(actor, "version:read", null);

const missing = (what: string, id: string | number): AppError => new AppError("not_found", `${what} with id=${id} not found`);

function merged<T extends { readonly key: string }>(old: readonly T[], changes: readonly T[]): T[] {
  const all = new Map([...old, ...changes].map((one) => [one.key, one]));
  if (all.size > MAX_KEPT) throw new AppError("invalid_input", `A run keeps at most ${MAX_KEPT} entries of a kind.`);
  return [...all.values()];
}

/** MLflow's rule: a parameter once logged does not change. */
function requireSame(old: readonly Pair[], changes: readonly Pair[], run: string): void {
  const changed = changes.find(({ key, value }) => old.some((one) => one.key === key && one.value !== value));
  if (changed === undefined) return;
  throw new AppError("invalid_input", `Changing param values is not allowed. Param with key='${changed.key}' was already logged for run ID='${run}'.`);
}

export async function createExperiment(store: Store, actor: Actor, input: TrackingRequest<"createExperiment">): Promise<number> {
  writer(actor);
  return store.telemetry(async ({ tracking }) => {
    if (await tracking.findExperiment({ name: input.name })) throw new AppError("already_exists", `Experiment(name=${input.name}) already exists.`);
    return tracking.insertExperiment(input.name, input.tags);
  });
}

export async function readExperiment(store: Store, actor: Actor, by: { readonly id: number } | { readonly name: string }) {
  reader(actor);
  const experiment = await store.read((db) => db.tracking.findExperiment(by));
  if (experiment === null) throw "id" in by ? missing("Experiment", by.id) : new AppError("not_found", `Could not find experiment with name '${by.name}'`);
  return experiment;
}

export async function listExperiments(store: Store, actor: Actor, limit: number) {
  reader(actor);
  return store.read((db) => db.tracking.listExperiments(limit));
}

export async function createRun(store: Store, actor: Actor, input: TrackingRequest<"createRun">, nowMs: number): Promise<TrackingRun> {
  const createdById = writer(actor);
  const id = randomBytes(16).toString("hex");
  const name = input.run_name ?? input.tags.find(({ key }) => key === "mlflow.runName")?.value ?? `run-${id.slice(0, 8)}`;
  await readExperiment(store, actor, { id: input.experiment_id });
  const run: TrackingRun = {
    id, experimentId: input.experiment_id, name, status: "RUNNING", startTimeMs: input.start_time ?? nowMs, endTimeMs: null,
    userName: input.user_id ?? actor.name, params: [], metrics: [], tags: merged([{ key: "mlflow.runName", value: name }], input.tags),
  };
  await store.telemetry(({ tracking }) => tracking.insertRun({ ...run, createdById }));
  return run;
}

export async function readRun(store: Store, actor: Actor, id: string): Promise<TrackingRun> {
  reader(actor);
  const run = await store.read((db) => db.tracking.findRun(id));
  if (run === null) throw missing("Run", id);
  return run;
}

export async function listRuns(store: Store, actor: Actor, input: TrackingRequest<"searchRuns">) {
  reader(actor);
  return store.read((db) => db.tracking.listRuns(input.experiment_ids, input.max_results));
}

export async function changeRun(store: Store, actor: Actor, id: string, change: RunChange): Promise<TrackingRun> {
  writer(actor);
  return store.telemetry(async ({ tracking }) => {
    const run = await tracking.lockRun(id);
    if (run === null) throw missing("Run", id);
    requireSame(run.params, change.params ?? [], id);
    const changed: TrackingRun = {
      ...run,
      status: change.status ?? run.status,
      endTimeMs: change.endTimeMs ?? run.endTimeMs,
      name: change.name ?? run.name,
      params: merged(run.params, change.params ?? []),
      metrics: merged(run.metrics, change.metrics ?? []),
      tags: merged(run.tags, change.tags ?? []),
    };
    await tracking.saveRun(changed);
    return changed;
  });
}

export async function createLoggedModel(store: Store, actor: Actor, input: TrackingRequest<"createLoggedModel">): Promise<TrackingModel> {
  const createdById = writer(actor);
  await readExperiment(store, actor, { id: input.experiment_id });
  const id = `m-${randomBytes(16).toString("hex")}`;
  const { experiment_id: experimentId, source_run_id: runId = null, params, tags } = input;
  await store.telemetry(({ tracking }) =>
    tracking.insertLoggedModel({ id, experimentId, runId, name: input.name ?? id, status: "LOGGED_MODEL_PENDING", modelType: input.model_type ?? null, params, tags, createdById }),
  );
  return readLoggedModel(store, actor, id);
}

export async function readLoggedModel(store: Store, actor: Actor, id: string): Promise<TrackingModel> {
  reader(actor);
  const model = await store.read((db) => db.tracking.findLoggedModel(id));
  if (model === null) throw missing("Logged model", id);
  return model;
}

export async function changeLoggedModel(
  store: Store, actor: Actor, id: string, change: { readonly status?: string; readonly params?: readonly Pair[]; readonly tags?: readonly Pair[] },
): Promise<TrackingModel> {
  writer(actor);
  await store.telemetry(async ({ tracking }, now) => {
    const model = await tracking.lockLoggedModel(id);
    if (model === null) throw missing("Logged model", id);
    const { status = model.status, params = [], tags = [] } = change;
    await tracking.saveLoggedModel({ ...model, status, params: merged(model.params, params), tags: merged(model.tags, tags) }, now);
  });
  return readLoggedModel(store, actor, id);
}

/** Logged models of these experiments, newest first; of a filter only the name and the run are looked at, which is what clients ask by. */
export async function listLoggedModels(store: Store, actor: Actor, input: TrackingRequest<"searchLoggedModels">): Promise<TrackingModel[]> {
  reader(actor);
  const [, name = null] = /\bname\s*=\s*['"]([^'"]*)['"]/i.exec(input.filter) ?? [];
  const [, runId = null] = /\bsource_run_id\s*=\s*['"]([^'"]*)['"]/i.exec(input.filter) ?? [];
  return store.read((db) => db.tracking.listLoggedModels({ experimentIds: input.experiment_ids, name, runId, limit: input.max_results }));
}
