import { Readable } from "node:stream";
import { artifactPath } from "#lib/contracts/mlflow-api.ts";
import { VERSIONS_ROOT } from "#lib/domain/mlflow/artifact-paths.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import type { Actor } from "../ports.ts";
import type { RegistryParts } from "../registry/receive-version.ts";

/** Files as MLflow clients see them: a tree of paths over the artifact store. Below `versions/<id>` lie the files of registered versions, read only. */

export type ListedFile = { readonly path: string; readonly is_dir: boolean; readonly file_size?: number };

type VersionFiles = { readonly files: readonly { readonly path: string; readonly digest: string; readonly sizeBytes: number }[]; readonly document: string };

/** Files of a registered version, with the MLmodel document by which MLflow's own loader finds them. */
async function versionFiles({ store }: RegistryParts, versionId: string): Promise<VersionFiles> {
  const files = /^[0-9a-f-]{36}$/.test(versionId) ? await store.read((db) => db.mlflow.filesOfVersion(versionId)) : [];
  const model = files.find(({ role }) => role === "model");
  const document = model === undefined
    ? ""
    : `flavors:\n  onnx:\n    code: null\n    data: ${model.name}\n  python_function:\n    data: ${model.name}\n    loader_module: mlflow.onnx\nmodel_uuid: ${versionId.replaceAll("-", "")}\n`;
  return { files: files.map(({ name, digest, sizeBytes }) => ({ path: name, digest, sizeBytes })), document };
}

/** Direct members of a folder. */
export async function listFiles(parts: RegistryParts, actor: Actor, folder: string): Promise<ListedFile[]> {
  authorise(actor, "version:read", null);
  const at = folder.replaceAll(/^\/+|\/+$/g, "");
  const [root = "", versionId = "", ...rest] = at.split("/");
  if (root === VERSIONS_ROOT) {
    const { files, document } = await versionFiles(parts, versionId);
    if (rest.length > 0 || files.length === 0) return [];
    return [{ path: "MLmodel", is_dir: false, file_size: Buffer.byteLength(document) }, ...files.map(({ path, sizeBytes }) => ({ path, is_dir: false, file_size: sizeBytes }))];
  }
  const files = await parts.store.read((db) => db.tracking.listArtifacts(at));
  const members = new Map<string, ListedFile>();
  for (const file of files) {
    const [name = "", ...below] = file.path.slice(at === "" ? 0 : at.length + 1).split("/");
    members.set(name, below.length > 0 ? { path: name, is_dir: true } : { path: name, is_dir: false, file_size: file.sizeBytes });
  }
  return [...members.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A file's bytes. Throws `not_found`. */
export async function openFile(parts: RegistryParts, actor: Actor, raw: string): Promise<{ readonly bytes: Readable; readonly sizeBytes: number }> {
  authorise(actor, "version:read", null);
  const path = artifactPath.parse(raw);
  const [root = "", versionId = "", ...rest] = path.split("/");
  const missing = new AppError("not_found", `There is no artifact ${path}.`);
  let file = null;
  if (root === VERSIONS_ROOT) {
    const { files, document } = await versionFiles(parts, versionId);
    if (rest.join("/") === "MLmodel" && document !== "") return { bytes: Readable.from([Buffer.from(document)]), sizeBytes: Buffer.byteLength(document) };
    file = files.find((one) => one.path === rest.join("/")) ?? null;
  } else {
    file = await parts.store.read((db) => db.tracking.findArtifact(path));
  }
  const bytes = file === null ? null : await parts.artifacts.open(file.digest);
  if (file === null || bytes === null) throw missing;
  return { bytes, sizeBytes: file.sizeBytes };
}

/** Stores a body under a path. Another body under the same path replaces it; versions registered from it keep theirs. */
export async function putFile(
  parts: RegistryParts, actor: Actor, raw: string, body: AsyncIterable<Uint8Array> | null, declaredBytes: number | null,
): Promise<void> {
  authorise(actor, "version:create", null);
  const path = artifactPath.parse(raw);
  if (actor.userId === null) throw new AppError("forbidden", "An artifact needs a person behind it.");
  if (path.startsWith(`${VERSIONS_ROOT}/`)) throw new AppError("forbidden", "Files of registered versions do not change.");
  const { userId } = actor;
  const staged = await parts.artifacts.stage(body ?? Readable.from([]), { maxBytes: parts.maxUploadBytes, name: path, pointer: "", declaredBytes });
  try {
    await staged.keep();
    await parts.store.telemetry(({ tracking }) => tracking.putArtifact({ path, digest: staged.digest, sizeBytes: staged.sizeBytes }, userId));
  } finally {
    await staged.discard();
  }
}

export async function deleteFiles(parts: RegistryParts, actor: Actor, raw: string): Promise<void> {
  authorise(actor, "version:create", null);
  const path = artifactPath.parse(raw);
  if (path.startsWith(`${VERSIONS_ROOT}/`)) throw new AppError("forbidden", "Files of registered versions do not go.");
  await parts.store.telemetry(({ tracking }) => tracking.deleteArtifacts(path));
}
