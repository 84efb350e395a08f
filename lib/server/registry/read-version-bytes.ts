import { z } from "zod";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import { query } from "../read.ts";

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
