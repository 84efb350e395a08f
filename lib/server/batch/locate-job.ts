import type { BatchJobRecord } from "../db/batch-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";
import { locateEndpoint, type LocatedEndpoint } from "../serving/locate-endpoint.ts";

type Reads = Pick<UnitOfWork, "batch" | "endpoints"> | Pick<ReadModels, "batch" | "endpoints">;

export type LocatedJob = LocatedEndpoint & { readonly job: BatchJobRecord };

export const jobTarget = (job: { readonly id: string; readonly number: number }): AuditTarget => ({
  type: "batch_job",
  id: job.id,
  name: `Batch job ${job.number}`,
  digest: null,
});

/** A job with its endpoint. Throws `not_found`. */
export async function locateJob(db: Reads, number: number): Promise<LocatedJob> {
  const job = await db.batch.getJob({ number });
  const located = await locateEndpoint(db, { id: job.endpointId });
  return { ...located, job, targets: [jobTarget(job), ...located.targets] };
}
