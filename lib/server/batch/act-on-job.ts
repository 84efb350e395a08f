import { z } from "zod";
import { afterBatchAct, BATCH_STATE_LABELS, type BatchAct } from "#lib/domain/batch/job-state.ts";
import type { AuditAction } from "#lib/domain/audit/actions.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import { locateJob } from "./locate-job.ts";

const input = z.strictObject({ number: z.number().int().positive(), reason: z.string().trim().max(2000).nullable().default(null) });

const ACTIONS: Readonly<Record<BatchAct, AuditAction>> = {
  pause: "batch.job_paused",
  resume: "batch.job_resumed",
  cancel: "batch.job_cancelled",
};

/** A person's act on a job. What runtimes hold of it they put down within seconds; what is finished stays finished. */
const actOnJob = (act: BatchAct) =>
  command({
    name: `${act}-batch-job`,
    permission: "batch:run",
    input,
    locate: ({ tx, input: { number } }) => locateJob(tx, number),
    async run({ tx, input: { reason }, now, located: { job, targets } }) {
      const state = afterBatchAct(job.state, act);
      if (state === null) {
        if (act === "cancel" && job.state === "cancelled") return unchanged({ number: job.number, state: job.state });
        throw new AppError("illegal_transition", `Job ${job.number} is ${BATCH_STATE_LABELS[job.state].toLowerCase()}; it cannot be ${act === "pause" ? "paused" : act === "resume" ? "resumed" : "cancelled"}.`);
      }
      if (act !== "resume") await tx.batchWork.releasePartitions(job.id);
      const done = (await tx.batchWork.tallyJobs([job.id])).get(job.id)?.rowsDone ?? 0;
      await tx.batch.saveJob(job, {
        state,
        ...(act === "resume" ? { activeSince: now, rowsAtActive: done } : { activeSince: null }),
        ...(act === "cancel" ? { finishedAt: now, problem: reason ?? "Cancelled." } : {}),
      });
      if (act === "cancel") {
        const change = await tx.batchChanges.findChangeOfJob(job.id);
        if (change !== null && change.state === "comparing")
          await tx.batchChanges.saveChange(change, { state: "withdrawn", decidedAt: now, reason: reason ?? "Its comparison was cancelled." });
      }
      return {
        result: { number: job.number, state },
        notify: ["desired-state"],
        audit: { action: ACTIONS[act], targets, reason, before: { state: job.state }, after: { state, rowsDone: done } },
      };
    },
  });

export const pauseBatchJob = actOnJob("pause");
export const resumeBatchJob = actOnJob("resume");
export const cancelBatchJob = actOnJob("cancel");
