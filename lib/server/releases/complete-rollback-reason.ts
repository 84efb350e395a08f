import { z } from "zod";
import { completeRollbackReasonBody } from "#lib/contracts/release-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command } from "../command.ts";
import { releaseTargets } from "./apply-move.ts";

/** The reason that an emergency roll back still owes, written by whoever ordered it. The time of the order stays as it was. */
export const completeRollbackReason = command({
  name: "complete-rollback-reason",
  permission: "release:rollback",
  input: z.strictObject({
    releaseId: z.uuid(),
    expectedRowVersion: z.number().int().nonnegative().nullable(),
    body: completeRollbackReasonBody,
  }),
  async locate({ tx, input }) {
    const record = await tx.releases.lockRelease({ id: input.releaseId });
    return { environmentId: record.environmentId, targets: releaseTargets(record), record };
  },
  async run({ tx, actor, input: { body }, located: { record } }) {
    const { release } = record;
    if (!release.rollback || (record.outcome?.reasonDueAt ?? null) === null) {
      throw new AppError("conflict", `Release ${record.number} owes no reason.`);
    }
    if (release.rollback.personId !== actor.personId) {
      throw new AppError("forbidden", "Whoever rolled back writes the reason.");
    }
    const next = { ...release, rollback: { ...release.rollback, reason: body.reason } };
    await tx.releases.saveRelease(record, next, { rollbackChip: body.cause, reasonDueAt: null });
    return {
      result: { id: release.id, number: record.number, state: release.state, rowVersion: record.rowVersion + 1 },
      audit: {
        action: "release.rollback_reason_given",
        targets: releaseTargets(record),
        reason: body.reason,
        after: { cause: body.cause },
      },
    };
  },
});
