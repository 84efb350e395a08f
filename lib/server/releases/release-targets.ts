import type { AuditTarget } from "#lib/domain/audit/leaf.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";

/** The things every entry about a release names, so that it is found from each of them. */
export const releaseTargets = (record: ReleaseRecord): AuditTarget[] => [
  { type: "release", id: record.release.id, name: `Release ${record.number}`, digest: record.release.digest },
  { type: "endpoint", id: record.release.endpointId, name: record.endpointName, digest: null },
  { type: "environment", id: record.environmentId, name: record.environmentName, digest: null },
  { type: "model", id: record.modelId, name: record.modelName, digest: null },
  {
    type: "version",
    id: record.release.candidateVersionId,
    name: `${record.modelName} ${record.candidateName}`,
    digest: record.candidateDigest,
  },
];
