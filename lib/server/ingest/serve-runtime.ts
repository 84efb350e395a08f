import type { DesiredState, LeaseJobResponse } from "#lib/contracts/runtime-protocol.ts";
import { authorise } from "../access.ts";
import { JOB_LEASE_SECONDS } from "../db/job-repository.ts";
import type { Actor } from "../ports.ts";
import { profileInputs } from "../registry/record-job-result.ts";
import type { Store } from "../store.ts";

/** When `changed` resolves, something may have changed; it also resolves when the time is up or the caller went away. */
export type WaitForChange = (timeoutMs: number) => Promise<void>;

/** Between looks when no notification comes: a lost one delays a runtime by at most this long. */
const LOOK_AGAIN_MS = 1000;

/**
 * The desired state as soon as its revision is above the one the runtime has, or null when the wait is over.
 * Each look also counts as a sign of life of that boot.
 */
export const awaitDesiredState =
  (store: Store) =>
  async (
    actor: Actor,
    request: { bootId: string; revision: number; waitSeconds: number },
    waitForChange: WaitForChange,
    isGone: () => boolean,
  ): Promise<DesiredState | null> => {
    authorise(actor, "runtime:serve", null);
    const until = performance.now() + request.waitSeconds * 1000;
    await store.telemetry((telemetry) => telemetry.runtimes.touchRuntime(request.bootId));
    for (;;) {
      const state = await store.readSnapshot(async (db) =>
        (await db.desired.desiredRevision()) === request.revision ? null : db.desired.readDesiredState(),
      );
      if (state) return state;
      const left = until - performance.now();
      if (left <= 0 || isGone()) return null;
      await waitForChange(Math.min(left, LOOK_AGAIN_MS));
    }
  };

/** The next job for this runtime with all it needs, or none. A lease that runs out gives the job to another. */
export const leaseNextJob =
  (store: Store) =>
  async (actor: Actor, bootId: string): Promise<LeaseJobResponse> => {
    authorise(actor, "runtime:serve", null);
    const job = await store.telemetry(async (telemetry) => {
      const runtimeId = await telemetry.runtimes.touchRuntime(bootId);
      return runtimeId === null ? null : telemetry.jobs.leaseJob(runtimeId);
    });
    if (!job) return { job: null };
    return store.readSnapshot(async (db) => {
      const version = await db.desired.desiredVersion(job.versionId);
      if (!version) return { job: null };
      const inputs = job.inputs.length > 0 ? job.inputs : profileInputs(await db.models.getVersionById(job.versionId));
      return {
        job: { jobId: job.id, kind: job.kind, version, inputs: [...inputs], leaseSeconds: JOB_LEASE_SECONDS },
      };
    });
  };
