import type { Located } from "../access.ts";
import type { BatchJobRecord } from "../db/batch-repository.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";

type Reads = Pick<UnitOfWork, "batch" | "endpoints"> | Pick<ReadModels, "batch" | "endpoints">;

export type LocatedEndpoint = Located & { readonly endpoint: EndpointRecord };
export type LocatedJob = LocatedEndpoint & { readonly job: BatchJobRecord };

export const endpointTargets = (endpoint: EndpointRecord): AuditTarget[] => [
  { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
  { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
];

export const jobTarget = (job: { readonly id: string; readonly number: number }): AuditTarget => ({
  type: "batch_job",
  id: job.id,
  name: `Batch job ${job.number}`,
  digest: null,
});

/** The endpoint with what access and the trail need of it. Throws `not_found`. */
export async function locateEndpoint(db: Reads, by: { name: string } | { id: string }): Promise<LocatedEndpoint> {
  const endpoint = await db.endpoints.getEndpoint(by);
  return { endpoint, environmentId: endpoint.environment.id, targets: endpointTargets(endpoint) };
}

/** A job with its endpoint. Throws `not_found`. */
export async function locateJob(db: Reads, number: number): Promise<LocatedJob> {
  const job = await db.batch.getJob({ number });
  const located = await locateEndpoint(db, { id: job.endpointId });
  return { ...located, job, targets: [jobTarget(job), ...located.targets] };
}
