import { z } from "zod";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { jobResult } from "#lib/contracts/runtime-protocol.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import { query } from "../read.ts";

export type JobView = {
  readonly jobId: string;
  readonly state: "waiting" | "succeeded" | "failed";
  readonly outputs: unknown[];
  readonly problem: string | null;
  readonly tookMs: number | null;
};

/** Asks a runtime to run one request on a version in a process of its own. The answer comes with the job. */
export const orderTry = command({
  name: "try-version",
  permission: "version:try",
  input: z.strictObject({ model: slug, version: versionName, request: z.record(z.string(), z.unknown()) }),
  async run({ tx, actor, input }) {
    const model = await tx.models.getModel(input.model);
    const version = await tx.models.findVersion(model.id, input.version);
    if (!version) throw notFound();
    const fit = servingFit(version.format);
    if (!fit.isServed) throw new AppError("conflict", `${model.name} ${version.name} cannot be tried here: ${fit.reason}`, { hint: fit.hint });
    if (version.state === "quarantined") {
      throw new AppError("conflict", `${model.name} ${version.name} is quarantined: it broke its process before.`);
    }
    const jobId = newId();
    await tx.jobs.enqueueJob({ id: jobId, kind: "try_version", versionId: version.id, inputs: [input.request], createdById: actor.userId });
    await tx.desired.bumpDesiredRevision();
    return {
      result: { jobId },
      notify: ["desired-state"],
      audit: {
        action: "version.tried",
        targets: [
          { type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest },
          { type: "model", id: model.id, name: model.name, digest: null },
        ],
        after: { jobId },
      },
    };
  },
});

/** Where a job stands, and what came of it. */
export const readJob = query({
  name: "read-job",
  permission: "version:read",
  of: "one",
  input: z.strictObject({ jobId: z.uuid() }),
  async run({ db, input }): Promise<JobView> {
    const job = await db.jobs.findJob(input.jobId);
    if (!job) throw notFound();
    const result = job.result === null ? null : jobResult.parse(job.result);
    return {
      jobId: job.id,
      state: result === null ? "waiting" : result.outcome === "succeeded" ? "succeeded" : "failed",
      outputs: result?.outputs ?? [],
      problem: result?.problem ?? null,
      tookMs: job.finishedAt === null ? null : job.finishedAt.getTime() - job.createdAt.getTime(),
    };
  },
});
