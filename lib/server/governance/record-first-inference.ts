import { z } from "zod";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { command, unchanged } from "../command.ts";
import { policyActor } from "../ports.ts";
import type { Store } from "../store.ts";

const input = z.strictObject({
  first: z.array(
    z.strictObject({ versionId: z.uuid(), endpointId: z.uuid(), modelId: z.uuid(), environmentId: z.uuid(), arm: z.string(), at: z.date() }),
  ),
});

const recordFirst = command({
  name: "record-first-inference",
  permission: "evidence:create",
  input,
  async run({ tx, input: { first } }) {
    const drafts: AuditDraft[] = [];
    for (const record of first) {
      if (!(await tx.governance.insertFirstInference(record))) continue;
      const version = await tx.models.getVersionById(record.versionId);
      const endpoint = await tx.endpoints.getEndpoint({ id: record.endpointId });
      drafts.push({
        action: "model.deployed",
        targets: [
          { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest },
          { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
          { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
          { type: "model", id: version.modelId, name: version.modelName, digest: null },
        ],
        after: { firstInferenceAt: record.at.toISOString(), arm: record.arm },
      });
    }
    const [draft, ...rest] = drafts;
    return draft === undefined ? unchanged({ recorded: 0 }) : { result: { recorded: drafts.length }, audit: [draft, ...rest] };
  },
});

/** "Deployed" is the first answer that went to a caller: looks for versions that have given one and keeps the moment for good. */
export async function recordFirstInferences(store: Store): Promise<number> {
  const first = await store.read((db) => db.governance.unrecordedFirstInferences());
  if (first.length === 0) return 0;
  return (await recordFirst(store)(policyActor("Evidence"), { first })).recorded;
}
