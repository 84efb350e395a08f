import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse as parseYaml } from "yaml";
import { type MlflowRequest, mlflowRequests } from "#lib/contracts/mlflow-api.ts";
import { versionName } from "#lib/contracts/registry-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { loggedModelRoot, runRoot } from "#lib/domain/mlflow/artifact-paths.ts";
import { modelFilesOf } from "#lib/domain/mlflow/model-directory.ts";
import { readLockFile } from "../artifacts/read-lock-file.ts";
import { authorise } from "../access.ts";
import type { TrackingArtifact } from "#lib/domain/mlflow/records.ts";
import type { Actor } from "../ports.ts";
import { type RegistryParts, registerByDigest } from "../registry/receive-version.ts";
import { describeRegistration, noteVersion } from "./model-versions.ts";
import { modelMissing } from "./registered-models.ts";

const MAX_DOCUMENT_BYTES = 256 * 1024;

/** The folder of our tree that a source names; null for one that is elsewhere. */
async function folderOf({ store }: RegistryParts, source: string): Promise<string | null> {
  const [, proxied] = /^mlflow-artifacts:\/(?:\/[^/]+\/)?(.+)$/.exec(source) ?? [];
  if (proxied !== undefined) return proxied.replaceAll(/^\/+|\/+$/g, "");
  const [, runId, rest = ""] = /^runs:\/([^/]+)\/?(.*)$/.exec(source) ?? [];
  if (runId !== undefined) {
    const run = await store.read((db) => db.tracking.findRun(runId));
    return run && [runRoot(run), ...rest.split("/").filter((part) => part !== "")].join("/");
  }
  const [, modelId] = /^models:\/(m-[0-9a-f]+)$/.exec(source) ?? [];
  if (modelId === undefined) return null;
  const model = await store.read((db) => db.tracking.findLoggedModel(modelId));
  return model && loggedModelRoot(model);
}

/** The MLmodel document of a folder, parsed; null without one or when it cannot be read. Aliases are not expanded: a small text could stand for a huge one. */
async function documentOf({ artifacts }: RegistryParts, files: readonly TrackingArtifact[]): Promise<unknown> {
  const file = files.find(({ path: name }) => name === "MLmodel");
  if (file === undefined || file.sizeBytes > MAX_DOCUMENT_BYTES) return null;
  try {
    const text = await readFile(await artifacts.localPath(file.digest), "utf8");
    return parseYaml(text, { maxAliasCount: 0 }) as unknown;
  } catch {
    return null;
  }
}

/** A name that a version may have here: MLflow's number, unless somebody took it by another way. */
async function freeVersionName({ store }: RegistryParts, modelId: string): Promise<string> {
  return store.read(async (db) => {
    const number = await db.mlflow.newestNumber(modelId) + 1;
    for (const name of [String(number), `${number}-mlflow`, `${number}-mlflow-${Date.now()}`]) {
      if ((await db.models.findVersion(modelId, name)) === null) return versionName.parse(name);
    }
    throw new AppError("busy", "Too many versions are being registered at once.", { retryAfterSeconds: 1 });
  });
}

/**
 * A version from where an MLflow client left its files. What lies in our own tree is read, checked and registered as any upload is; a source elsewhere is
 * noted as a reference, because nothing is fetched from addresses that a client names. What cannot be registered is noted with the reason. Answers its number.
 */
export async function createModelVersion(parts: RegistryParts, actor: Actor, raw: unknown): Promise<{ readonly number: number }> {
  authorise(actor, "version:create", null);
  const input = mlflowRequests.createVersion.parse(raw);
  const model = await parts.store.read((db) => db.mlflow.findRegisteredModel(input.name));
  if (model === null) throw modelMissing(input.name);
  const folder = await folderOf(parts, input.source);
  const files = folder === null ? [] : await filesIn(parts, folder);
  if (files.length === 0) return noteVersion(parts.store)(actor, { ...input, problem: null });
  const chosen = modelFilesOf(files, await documentOf(parts, files));
  if (chosen === null) {
    return noteVersion(parts.store)(actor, { ...input, problem: "None of the logged files is a model in a format that can be registered here." });
  }
  return registerFiles(parts, actor, input, model, files, [chosen.model, ...chosen.external]);
}

/** Files of a folder by their path inside it; the folder may also be one file. */
async function filesIn({ store }: RegistryParts, folder: string): Promise<TrackingArtifact[]> {
  const inside = await store.read((db) => db.tracking.listArtifacts(folder));
  if (inside.length > 0) return inside.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
  const file = await store.read((db) => db.tracking.findArtifact(folder));
  return file === null ? [] : [{ ...file, path: path.posix.basename(file.path) }];
}

/** What MLflow logs beside a model; the pip file of two that say the same comes first. What cannot be read as one is left out: the client did not choose to send it. */
const LOGGED_LOCKS = ["requirements.txt", "conda.yaml"] as const;

async function locksIn({ artifacts }: RegistryParts, files: readonly TrackingArtifact[]): Promise<{ fileName: string; text: string }[]> {
  const file = LOGGED_LOCKS.map((name) => files.find(({ path: at }) => at === name)).find((one) => one !== undefined);
  if (file === undefined || file.sizeBytes === 0 || file.sizeBytes > MAX_DOCUMENT_BYTES) return [];
  try {
    const lock = { fileName: file.path, text: await readFile(await artifacts.localPath(file.digest), "utf8") };
    readLockFile(lock.fileName, lock.text, "/source");
    return [lock];
  } catch {
    return [];
  }
}

async function registerFiles(
  parts: RegistryParts,
  actor: Actor,
  input: MlflowRequest<"createVersion">,
  model: { readonly modelId: string; readonly slug: string },
  files: readonly TrackingArtifact[],
  chosen: readonly string[],
): Promise<{ readonly number: number }> {
  const named = chosen.flatMap((name, index) => {
    const file = files.find(({ path: at }) => at === name);
    return file === undefined ? [] : [{ name: path.posix.basename(name).replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 128), role: index === 0 ? "model" : "external", digest: file.digest }];
  });
  try {
    const created = await registerByDigest(parts, actor, model.slug, {
      version: await freeVersionName(parts, model.modelId),
      files: named,
      notes: input.description?.slice(0, 10_000) ?? null,
      lineage: { run: input.run_id ?? null },
      locks: await locksIn(parts, files),
    });
    await describeRegistration(parts.store)(actor, { ...input, versionId: created.id });
    const entry = await parts.store.read((db) => db.mlflow.numberOfVersion(created.id));
    return { number: entry };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid_input") throw error;
    return noteVersion(parts.store)(actor, { ...input, problem: [error.message, error.hint].filter((text) => text !== null).join(" ").slice(0, 4000) });
  }
}
