import type { Located } from "../access.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { LoadTestRecord } from "../db/load-test-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";
import { endpointTargets } from "../serving/locate-endpoint.ts";

type Reads = Pick<UnitOfWork, "loadTests" | "endpoints" | "models"> | Pick<ReadModels, "loadTests" | "endpoints" | "models">;

export type LocatedLoadTest = Located & {
  readonly test: LoadTestRecord;
  readonly endpoint: EndpointRecord;
  readonly version: VersionRecord;
  readonly targets: readonly [AuditTarget, ...AuditTarget[]];
};

export const loadTestTargets = (
  test: Pick<LoadTestRecord, "id" | "number">,
  endpoint: EndpointRecord,
  version: Pick<VersionRecord, "id" | "name" | "digest" | "modelName">,
): [AuditTarget, ...AuditTarget[]] => [
  { type: "load_test", id: test.id, name: `Load test ${test.number}`, digest: null },
  { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest },
  ...endpointTargets(endpoint),
];

/** A load test with its endpoint and version. Throws `not_found`. */
export async function locateLoadTest(db: Reads, by: { id: string } | { number: number }): Promise<LocatedLoadTest> {
  const test = await db.loadTests.getLoadTest(by);
  const [endpoint, version] = await Promise.all([db.endpoints.getEndpoint({ id: test.endpointId }), db.models.getVersionById(test.versionId)]);
  return { test, endpoint, version, environmentId: endpoint.environment.id, targets: loadTestTargets(test, endpoint, version) };
}
