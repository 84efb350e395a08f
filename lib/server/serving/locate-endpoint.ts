import type { Located } from "../access.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";

export type LocatedEndpoint = Located & { readonly endpoint: EndpointRecord };

/** What the trail names of an act on an endpoint: the endpoint, its environment, its model. */
export const endpointTargets = ({ id, name, environment, modelId, modelName }: EndpointRecord): AuditTarget[] => [
  { type: "endpoint", id, name, digest: null },
  { type: "environment", id: environment.id, name: environment.name, digest: null },
  { type: "model", id: modelId, name: modelName, digest: null },
];

/** The endpoint with what access and the trail need of it. Throws `not_found`. */
export async function locateEndpoint(db: Pick<UnitOfWork | ReadModels, "endpoints">, by: { name: string } | { id: string }): Promise<LocatedEndpoint> {
  const endpoint = await db.endpoints.getEndpoint(by);
  return { endpoint, environmentId: endpoint.environment.id, targets: endpointTargets(endpoint) };
}
