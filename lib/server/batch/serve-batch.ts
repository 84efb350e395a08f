import { batchReport, type BatchResult, type BatchWork } from "#lib/contracts/batch.ts";
import { authorise } from "../access.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import { BATCH_LEASE_SECONDS } from "../db/batch-work.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { AppError } from "#lib/domain/errors.ts";

type At = { readonly jobId: string; readonly index: number };

/** The next partition for this boot with all it needs, or none. */
export const leaseBatch =
  (store: Store) =>
  async (actor: Actor, bootId: string): Promise<{ work: BatchWork | null }> => {
    authorise(actor, "runtime:serve", null);
    const leased = await store.telemetry(async (telemetry) => {
      const known = await telemetry.runtimes.touchRuntime(bootId);
      if (known === null) throw new AppError("conflict", "This process start is not known here.", { hint: "Register, then ask again." });
      return telemetry.batchWork.leasePartition(bootId, newId());
    });
    if (leased === null) return { work: null };
    return store.readSnapshot(async (db) => {
      const job = await db.batch.getJob({ id: leased.jobId });
      const [input, version, compareWith] = await Promise.all([
        db.batch.findInput(job.inputDigest),
        db.desired.desiredVersion(job.versionId),
        job.compareVersionId === null ? null : db.desired.desiredVersion(job.compareVersionId),
      ]);
      if (input === null || version === null) return { work: null };
      const { digest, format, sizeBytes, columns, delimiter } = input;
      const { byteStart, byteEnd, firstRow, rows, ...lease } = leased;
      return {
        work: {
          ...lease,
          jobNumber: job.number,
          leaseSeconds: BATCH_LEASE_SECONDS,
          version,
          compareWith,
          input: { digest, format, sizeBytes, columns, delimiter, byteStart, byteEnd, firstRow, rows },
          mapping: job.mapping,
          idColumn: job.idColumn,
          outputFormat: job.outputFormat,
        },
      };
    });
  };

/** Renews a lease and notes progress. False: put it down. */
export const tickBatch =
  (store: Store) =>
  async (actor: Actor, at: At, tick: { bootId: string; leaseToken: string; rowsDone: number }): Promise<{ goOn: boolean }> => {
    authorise(actor, "runtime:serve", null);
    return store.telemetry(async (telemetry, _now, publish) => {
      await telemetry.runtimes.touchRuntime(tick.bootId);
      const goOn = await telemetry.batchWork.renewPartition({ ...at, ...tick });
      if (goOn) await publish([`batch_job:${at.jobId}`]);
      return { goOn };
    });
  };

/** A part of an output as it comes from a runtime: kept by digest; parts that no partition names are swept. */
export const receiveBatchPart =
  (artifacts: ArtifactStore, maxBytes: number) =>
  async (actor: Actor, bytes: AsyncIterable<Uint8Array>): Promise<{ digest: string; sizeBytes: number }> => {
    authorise(actor, "runtime:serve", null);
    const staged = await artifacts.stage(bytes, { maxBytes, name: "The part", pointer: "" });
    await staged.keep();
    return { digest: staged.digest, sizeBytes: staged.sizeBytes };
  };

/** Takes what became of a partition: once, and only from the holder of its lease. */
export const recordBatchResult =
  (store: Store) =>
  async (actor: Actor, at: At, result: BatchResult): Promise<{ accepted: boolean }> => {
    authorise(actor, "runtime:serve", null);
    const { leaseToken, output, errors, report } = result;
    return store.telemetry(async (telemetry, _now, publish) => {
      await telemetry.runtimes.touchRuntime(result.bootId);
      if (output === null || report === null) {
        await telemetry.batchWork.returnPartition({ ...at, leaseToken });
        await telemetry.batchWork.noteProblem(at.jobId, result.problem ?? "A runtime could not work off a part.");
        return { accepted: true };
      }
      const accepted = await telemetry.batchWork.finishPartition({ ...at, leaseToken }, { output, errors, report: batchReport.parse(report) });
      if (accepted) await publish([`batch_job:${at.jobId}`, "batch-progress"]);
      return { accepted };
    });
  };
