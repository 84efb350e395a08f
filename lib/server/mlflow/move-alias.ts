import { type MlflowRequest, mlflowRequests } from "#lib/contracts/mlflow-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { endpointOfAlias, isGovernedAlias } from "#lib/domain/mlflow/names.ts";
import type { MlflowModel, MlflowVersion } from "#lib/domain/mlflow/records.ts";
import type { Actor } from "../ports.ts";
import { createRelease } from "../releases/create-release.ts";
import type { Store } from "../store.ts";
import { setFreeAlias, versionMissing } from "./model-versions.ts";
import { modelMissing } from "./registered-models.ts";

export type MovedAlias =
  /** The alias names the version now. */
  | { readonly moved: true }
  /** The alias will follow this release. */
  | { readonly moved: false; readonly releaseNumber: number };

/**
 * Points an alias at a version. One that says what serves somewhere (`champion`, `production`, the name of an environment) moves by a release under that
 * environment's policy: this opens it, or is refused with the reason.
 */
export async function moveAlias(store: Store, actor: Actor, raw: unknown): Promise<MovedAlias> {
  const input = mlflowRequests.setAlias.parse(raw);
  const found = await store.read(async (db) => {
    const model = await db.mlflow.findRegisteredModel(input.name);
    if (model === null || !isGovernedAlias(input.alias, await db.mlflow.environmentNames())) return null;
    const version = await db.mlflow.findModelVersion(model.modelId, input.version);
    return { model, version, endpoints: await db.mlflow.endpointsOfModel(model.modelId) };
  });
  if (found === null) {
    await setFreeAlias(store)(actor, input);
    return { moved: true };
  }
  const endpoint = endpointOfAlias(input.alias, found.model.slug, found.endpoints);
  if (endpoint === null) {
    throw new AppError("requirements_open", `'${input.alias}' of ${input.name} says what serves, and no endpoint serves this model there yet.`, {
      hint: "Create the endpoint with its first version; from then on this alias moves by releases.",
    });
  }
  return releaseTo(store, actor, input, found.model, found.version, endpoint);
}

async function releaseTo(
  store: Store,
  actor: Actor,
  input: MlflowRequest<"setAlias">,
  model: MlflowModel | null,
  version: MlflowVersion | null,
  endpoint: { readonly name: string; readonly stableVersionId: string | null },
): Promise<MovedAlias> {
  if (model === null) throw modelMissing(input.name);
  if (version === null) throw versionMissing(input.name, input.version);
  const { versionId } = version;
  if (versionId === null) {
    throw new AppError("requirements_open", `Version ${input.version} of ${input.name} has no files here (${version.statusMessage ?? "it refers to another place"}), so it cannot be served.`, {
      hint: "Log the model to this server, then register it from that run.",
    });
  }
  if (versionId === endpoint.stableVersionId) return { moved: true };
  const known = await store.read(async (db) => ({ name: await db.mlflow.versionNameOf(versionId), open: await db.mlflow.openReleaseOf(endpoint.name) }));
  // The same wish again while its release is under way.
  if (known.open?.candidateVersionId === versionId) return { moved: false, releaseNumber: known.open.number };
  const { number } = await createRelease(store)(actor, {
    endpoint: endpoint.name,
    version: known.name ?? "",
    reason: `Alias ${input.alias} of ${input.name} set to version ${input.version} by an MLflow client.`,
  });
  return { moved: false, releaseNumber: number };
}
