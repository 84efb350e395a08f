import { z } from "zod";
import { batchReport, type BatchReport } from "#lib/contracts/batch.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import { isWithinFailureLimit } from "#lib/domain/batch/job-state.ts";
import { addReports, EMPTY_REPORT } from "#lib/domain/batch/report.ts";
import { reportDifference } from "#lib/domain/batch/difference.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { command, unchanged } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import { policyActor, type AuditDraft, type AuditTarget, type UnitOfWork } from "../ports.ts";
import type { Store } from "../store.ts";
import { assembleOutput } from "./assemble-output.ts";
import { locateJob } from "./locate-job.ts";

const assembled = z.strictObject({ digest: z.string(), sizeBytes: z.number() });
const input = z.strictObject({ number: z.number(), output: assembled, errors: assembled.nullable(), report: batchReport });

/** A change whose comparison is through waits for approval, bound to what was found. */
async function submitComparison(tx: UnitOfWork, jobId: string, { difference }: BatchReport, targets: readonly AuditTarget[]): Promise<AuditDraft[]> {
  const change = await tx.batchChanges.findChangeOfJob(jobId);
  if (change?.state !== "comparing") return [];
  const digest = contentDigest(asJson({ from: change.fromVersionId, to: change.toVersionId, difference }));
  await tx.batchChanges.saveChange(change, { state: "awaiting_approval", digest });
  const otherClass = difference === null ? null : (reportDifference(difference).otherClass?.share ?? null);
  return [
    {
      action: "batch.change_compared",
      targets: [{ type: "batch_change", id: change.id, name: `Batch change ${change.number}`, digest }, ...targets],
      after: { rows: difference?.rows ?? 0, otherClass },
    },
  ];
}

/** Ends a job whose output is in the store: the output gets its version and, unless too many rows have no answer, becomes current. */
const finishBatchJob = command({
  name: "finish-batch-job",
  permission: "batch:run",
  input,
  locate: ({ tx, input: { number } }) => locateJob(tx, number),
  async run({ tx, actor, input: { output, errors, report }, now, located: { job, endpoint, targets } }) {
    if (job.state !== "running" && job.state !== "assembling") return unchanged({ state: job.state });
    const isGood = isWithinFailureLimit(report, job.failureLimitBp);
    const outputId = newId();
    const version = await tx.batch.insertOutput({
      id: outputId,
      endpointId: endpoint.id,
      name: job.outputName,
      jobId: job.id,
      versionId: job.versionId,
      format: job.outputFormat,
      digest: output.digest,
      sizeBytes: output.sizeBytes,
      errorsDigest: errors?.digest ?? null,
      rows: report.answered + report.failed,
      failedRows: report.failed,
      report,
    });
    const isDual = job.compareVersionId !== null;
    const problem = isGood ? null : `${report.failed} of ${report.answered + report.failed} rows have no answer, more than the ${job.failureLimitBp / 100} % allowed; the output is kept and is not current.`;
    if (isGood && !isDual) await tx.batch.setCurrentOutput({ endpointId: endpoint.id, name: job.outputName, outputId, setBy: actor.name }, now);
    await tx.batch.saveJob(job, { state: isGood ? "succeeded" : "failed", activeSince: null, finishedAt: now, report, ...(problem === null ? {} : { problem }) });
    const drafts: [AuditDraft, ...AuditDraft[]] = [
      {
        action: isGood ? "batch.job_succeeded" : "batch.job_failed",
        targets: [
          { type: "batch_output", id: outputId, name: `${job.outputName} v${version}`, digest: output.digest },
          ...targets,
        ],
        reason: problem,
        after: { outputVersion: version, output: output.digest, rows: report.answered + report.failed, failed: report.failed, current: isGood && !isDual },
      },
    ];
    if (isDual) drafts.push(...(await submitComparison(tx, job.id, report, targets)));
    return { result: { state: isGood ? "succeeded" : "failed" }, audit: drafts };
  },
});

/** Gives up a job of which a part cannot be worked off. */
const failBatchJob = command({
  name: "fail-batch-job",
  permission: "batch:run",
  input: z.strictObject({ number: z.number(), problem: z.string() }),
  locate: ({ tx, input: { number } }) => locateJob(tx, number),
  async run({ tx, input: { problem }, now, located: { job, targets } }) {
    if (job.state !== "running" && job.state !== "assembling") return unchanged({ state: job.state });
    await tx.batchWork.releasePartitions(job.id);
    await tx.batch.saveJob(job, { state: "failed", activeSince: null, finishedAt: now, problem });
    const change = await tx.batchChanges.findChangeOfJob(job.id);
    if (change?.state === "comparing") await tx.batchChanges.saveChange(change, { state: "failed", decidedAt: now, reason: problem });
    return {
      result: { state: "failed" },
      audit: { action: "batch.job_failed", targets, reason: problem, after: { state: "failed" } },
    };
  },
});

/** Puts together what is done and gives up what cannot be: safe to run anywhere, twice, and after a crash. Answers how many jobs ended. */
export async function finishDueJobs(store: Store, artifacts: () => Promise<ArtifactStore>): Promise<number> {
  const actor = policyActor("Batch jobs");
  const { due, stuck } = await store.read(async (db) => ({ due: await db.batch.jobsToAssemble(), stuck: await db.batch.jobsStuck() }));
  for (const id of stuck) {
    const job = await store.read((db) => db.batch.getJob({ id }));
    await failBatchJob(store)(actor, { number: job.number, problem: job.problem ?? "A part of it could not be worked off on any runtime." });
  }
  for (const id of due) {
    const { job, partitions, version } = await store.read(async (db) => {
      const found = await db.batch.getJob({ id });
      return { job: found, partitions: await db.batchWork.donePartitions(id), version: await db.models.getVersionById(found.versionId) };
    });
    const { output, errors } = await assembleOutput(await artifacts(), partitions, job.outputFormat, {
      signature: modelSignature.parse(version.signature),
      hasId: job.idColumn !== null,
    });
    const report: BatchReport = batchReport.parse(partitions.reduce((sum, partition) => addReports(sum, partition.report), EMPTY_REPORT));
    await finishBatchJob(store)(actor, { number: job.number, output, errors, report });
  }
  return due.length + stuck.length;
}
