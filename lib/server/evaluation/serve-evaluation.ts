import type { EvaluationRows, EvaluationWork } from "#lib/contracts/evaluation.ts";
import { planPartitions } from "#lib/domain/batch/partition-plan.ts";
import { AppError } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import type { BatchInputRecord } from "../db/batch-repository.ts";
import { EVALUATION_LEASE_SECONDS } from "../db/evaluation-work.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";

/** Rows that a runtime reads at a time. */
const PART_ROWS = 5000;

function rowsOf(input: BatchInputRecord): EvaluationRows {
  const { digest, format, sizeBytes, columns, delimiter } = input;
  const parts = planPartitions(input, PART_ROWS).map(({ byteStart, byteEnd, firstRow, rows }) => ({ byteStart, byteEnd, firstRow, rows }));
  return { digest, format, sizeBytes, columns, delimiter, parts };
}

/** The next evaluation for this boot with all it needs, or none. */
export const leaseEvaluation =
  (store: Store) =>
  async (actor: Actor, bootId: string): Promise<{ work: EvaluationWork | null }> => {
    authorise(actor, "runtime:serve", null);
    const leased = await store.telemetry(async (telemetry) => {
      const known = await telemetry.runtimes.touchRuntime(bootId);
      if (known === null) throw new AppError("conflict", "This process start is not known here.", { hint: "Register, then ask again." });
      return telemetry.evaluationWork.leaseEvaluation(bootId, newId());
    });
    if (leased === null) return { work: null };
    return store.readSnapshot(async (db) => {
      const { number, dataDigest, versionId, settings } = await db.evaluations.getEvaluation({ id: leased.evaluationId });
      const [data, version, training] = await Promise.all([
        db.batch.findInput(dataDigest),
        db.desired.desiredVersion(versionId),
        settings.training === null ? null : db.batch.findInput(settings.training),
      ]);
      if (data === null || version === null) return { work: null };
      return { work: { ...leased, number, leaseSeconds: EVALUATION_LEASE_SECONDS, version, settings, data: rowsOf(data), training: training === null ? null : rowsOf(training) } };
    });
  };

/** Renews a lease and notes progress. False: put it down. */
export const tickEvaluation =
  (store: Store) =>
  async (actor: Actor, evaluationId: string, tick: { bootId: string; leaseToken: string; rowsDone: number }): Promise<{ goOn: boolean }> => {
    authorise(actor, "runtime:serve", null);
    return store.telemetry(async (telemetry, _now, publish) => {
      await telemetry.runtimes.touchRuntime(tick.bootId);
      const goOn = await telemetry.evaluationWork.renewEvaluation({ evaluationId, leaseToken: tick.leaseToken, rowsDone: tick.rowsDone });
      if (goOn) await publish([`evaluation:${evaluationId}`]);
      return { goOn };
    });
  };
