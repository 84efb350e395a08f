import { z } from "zod";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { query } from "../read.ts";
import type { Store } from "../store.ts";

export type DeskParts = { readonly store: Store; readonly artifacts: ArtifactStore };

export const modelFileOf = (version: VersionRecord): string => {
  const file = version.files.find(({ role }) => role === "model");
  if (file === undefined) throw new Error(`Version ${version.id} has no model file.`);
  return file.digest;
};

/** A version as it is stored, for use cases that go on to its bytes. */
export const readVersionRecord = query({
  name: "read-version-record",
  permission: "version:read",
  of: "one",
  input: z.strictObject({ model: slug, version: versionName }),
  async run({ db, input, authorise }): Promise<VersionRecord> {
    const model = await db.models.getModel(input.model);
    const version = await db.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    authorise({ environmentId: null, targets: [{ type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }] });
    return version;
  },
});
