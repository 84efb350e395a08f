import { Readable } from "node:stream";
import { z } from "zod";
import { registerVersionBody, type UploadedArtifact } from "#lib/contracts/api/registry-operations.ts";
import { registerVersionFields, type RegisterVersionFields } from "#lib/contracts/registry-api.ts";
import type { DependencyLock } from "#lib/domain/dependencies/lock.ts";
import type { SampleSummary } from "#lib/domain/contract/types.ts";
import { profileOfSample } from "#lib/domain/drift/baseline.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { inspectArtifact, requireRegistrable, type InspectedArtifact } from "../artifacts/inspect-artifact.ts";
import { readLockFile } from "../artifacts/read-lock-file.ts";
import type { LockText } from "../artifacts/read-parts.ts";
import { receiveUpload, type ReceivedUpload, type UploadedFile, type UploadRequest } from "../artifacts/receive-upload.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { registerVersion, type ReceivedArtifact } from "./register-version.ts";

export type RegistryParts = { readonly store: Store; readonly artifacts: ArtifactStore; readonly maxUploadBytes: number };

type Registered = Awaited<ReturnType<ReturnType<typeof registerVersion>>>;

const JSON_FIELDS = ["contract", "golden", "evaluation", "lineage", "baseline", "locks"] as const;

/** Text fields of a form as the registration's fields; JSON fields are parsed, and a broken one is named. */
export function fieldsOfForm(form: ReadonlyMap<string, string>, locks: readonly LockText[] = []): RegisterVersionFields {
  const raw: Record<string, unknown> = Object.fromEntries(form);
  delete raw["digest"];
  for (const name of JSON_FIELDS) {
    const text = form.get(name);
    if (text === undefined) continue;
    try {
      raw[name] = JSON.parse(text);
    } catch (cause) {
      throw new AppError("invalid_input", `The field ${name} is not valid JSON.`, {
        errors: [{ pointer: `/${name}`, message: "Not valid JSON." }],
        cause,
      });
    }
  }
  if (locks.length > 0) raw["locks"] = locks;
  return registerVersionFields.parse(raw);
}

const inspectUpload = (upload: ReceivedUpload): Promise<InspectedArtifact> =>
  inspectArtifact({
    modelPath: upload.model.path,
    externalFiles: upload.external.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    sample: upload.sample?.summary ?? null,
  });

const filesOf = (files: readonly UploadedFile[]): UploadedArtifact["files"] =>
  files.map(({ name, role, digest, sizeBytes }) => ({ name, role, digest, sizeBytes }));

/** Stores what was uploaded and says what it is, without registering anything. Bytes that no version names are swept after a day. */
export async function receiveArtifact(
  { store, artifacts, maxUploadBytes }: RegistryParts,
  actor: Actor,
  request: UploadRequest,
): Promise<UploadedArtifact> {
  authorise(actor, "version:create", null);
  const upload = await receiveUpload(artifacts, request, { maxBytes: maxUploadBytes });
  try {
    const inspected = await inspectUpload(upload);
    const twin = await store.read((db) => db.models.versionOfModelFile(upload.model.digest));
    await upload.keep();
    return {
      files: filesOf([upload.model, ...upload.external]),
      modelDigest: upload.model.digest,
      inspection: mutable(inspected.inspection),
      findings: mutable(inspected.findings),
      signature: mutable(inspected.signature),
      contract: mutable(inspected.inferred?.contract ?? null),
      sampleChecks: mutable(inspected.inferred?.sampleChecks ?? []),
      sampleSummary: mutable(upload.sample?.summary ?? null),
      notes: [...(inspected.inferred?.notes ?? [])],
      labelOutput: inspected.labelOutput,
      duplicateOf: twin ? { model: twin.modelName, version: twin.name } : null,
    };
  } catch (error) {
    await upload.discard();
    throw error;
  }
}

/** The wire's types are mutable, the domain's are not; the values are the same plain JSON. */
const mutable = <T>(value: unknown): T => value as T;

type KeptLock = DependencyLock & { readonly fileName: string; readonly digest: string; readonly sizeBytes: number };

/** Reads the files of dependencies and puts their bytes into the store: the version's digest covers them. */
async function keepLocks({ artifacts }: RegistryParts, locks: RegisterVersionFields["locks"], taken: ReceivedArtifact["files"]): Promise<KeptLock[]> {
  const read = locks.map((lock, index) => {
    const pointer = `/locks/${index}`;
    if (taken.some(({ name }) => name.toLowerCase() === lock.fileName.toLowerCase())) {
      throw new AppError("invalid_input", `Two files are called ${lock.fileName}.`, { errors: [{ pointer, message: "Each file needs a name of its own." }] });
    }
    return { ...lock, pointer, lock: readLockFile(lock.fileName, lock.text, pointer) };
  });
  const kept: KeptLock[] = [];
  for (const { fileName, text, pointer, lock } of read) {
    const bytes = Buffer.from(text, "utf8");
    const staged = await artifacts.stage(Readable.from([bytes]), { maxBytes: bytes.length, name: fileName, pointer });
    await staged.keep();
    kept.push({ fileName, digest: staged.digest, sizeBytes: bytes.length, ...lock });
  }
  return kept;
}

async function register(
  parts: RegistryParts,
  actor: Actor,
  model: string,
  { locks: lockTexts, ...fields }: RegisterVersionFields,
  inspected: InspectedArtifact,
  modelFiles: ReceivedArtifact["files"],
  sample: SampleSummary | null,
): Promise<Registered> {
  const { inspection, findings, signature, inferred, labelOutput } = requireRegistrable(inspected);
  const locks = await keepLocks(parts, lockTexts, modelFiles);
  const files = [...modelFiles, ...locks.map(({ fileName, digest, sizeBytes }) => ({ name: fileName, role: "lock" as const, digest, sizeBytes }))];
  return registerVersion(parts.store)(actor, {
    model,
    fields: { ...fields, locks: [], labelOutput: fields.labelOutput ?? labelOutput },
    artifact: mutable({ files, locks, inspection, findings, signature, inferredContract: inferred.contract }),
    sampleProfile: mutable(sample === null ? null : profileOfSample(sample)),
  });
}

/** One multipart request with the files and all fields. Refused or broken off: nothing stays behind. */
export async function registerUploaded(parts: RegistryParts, actor: Actor, model: string, request: UploadRequest): Promise<Registered> {
  authorise(actor, "version:create", null);
  await parts.store.read((db) => db.models.getModel(model));
  const upload = await receiveUpload(parts.artifacts, request, { maxBytes: parts.maxUploadBytes });
  try {
    const fields = fieldsOfForm(upload.fields, upload.locks);
    const inspected = requireRegistrable(await inspectUpload(upload));
    // Bytes first, then the row: a version never names bytes that are not there. Bytes without a row are swept.
    await upload.keep();
    return await register(parts, actor, model, fields, inspected, filesOf([upload.model, ...upload.external]), upload.sample?.summary ?? null);
  } catch (error) {
    await upload.discard();
    throw error;
  }
}

/** Files by the digests of an earlier upload. They are read again: what a browser says about them is not believed. */
export async function registerByDigest(parts: RegistryParts, actor: Actor, model: string, body: unknown): Promise<Registered> {
  authorise(actor, "version:create", null);
  const { files: named, ...fields } = registerVersionBody.parse(body);
  const files: ReceivedArtifact["files"] = [];
  for (const [index, file] of named.entries()) {
    const sizeBytes = await parts.artifacts.sizeOf(file.digest);
    if (sizeBytes === null) {
      throw new AppError("invalid_input", `The store has no file with the digest of ${file.name}.`, {
        hint: "Upload it to /api/v1/artifacts first. Uploads that are not registered are kept for a day.",
        errors: [{ pointer: `/files/${index}/digest`, message: "No such file." }],
      });
    }
    files.push({ ...file, sizeBytes });
  }
  const model0 = files.find(({ role }) => role === "model");
  if (!model0) {
    throw new AppError("invalid_input", "No model file is named.", { errors: [{ pointer: "/files", message: "One file has the role model." }] });
  }
  const inspected = await inspectArtifact({
    modelPath: await parts.artifacts.localPath(model0.digest),
    externalFiles: files.filter(({ role }) => role === "external").map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    sample: null,
  });
  return register(parts, actor, model, z.object(registerVersionFields.shape).parse(fields), inspected, files, null);
}
