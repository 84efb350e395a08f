import { z } from "zod";
import { liftHoldBody, placeHoldBody, setRetentionBody } from "#lib/contracts/retention-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { findClass, floorRefusal } from "#lib/domain/governance/retention/record-classes.ts";
import { command, unchanged } from "../command.ts";
import { newId } from "../new-id.ts";
import { retentionFacts } from "./read-retention.ts";

/** Another time for a class of records. Shorter than a floor of law is refused with the rule's name; records that are held stay anyway. */
export const setRetention = command({
  name: "set-retention",
  permission: "retention:manage",
  input: setRetentionBody,
  async run({ tx, actor, input: { recordClass, days, reason } }) {
    if (actor.userId === null) throw new AppError("forbidden", "Retention is set by a person.");
    const refusal = floorRefusal(recordClass, days, await retentionFacts(tx));
    if (refusal !== null) throw new AppError("invalid_input", refusal, { errors: [{ pointer: "/days", message: refusal }] });
    const before = (await tx.retention.retentionRules()).find((rule) => rule.recordClass === recordClass);
    const id = newId();
    await tx.retention.insertRetentionRule({ id, recordClass, days, reason, setById: actor.userId, setByName: actor.name });
    return {
      result: { id },
      audit: {
        action: "retention.rule_changed",
        targets: [{ type: "retention_rule", id, name: findClass(recordClass).title, digest: null }],
        before: { recordClass, days: before?.days ?? null },
        after: { recordClass, days },
        reason,
      },
      forceCheckpoint: true,
    };
  },
});

export const placeHold = command({
  name: "place-hold",
  permission: "retention:manage",
  input: placeHoldBody,
  async run({ tx, actor, input: { name, recordClass, model, reason } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A hold is placed by a person.");
    const held = model === undefined ? null : await tx.models.getModel(model);
    const id = newId();
    await tx.retention.insertLegalHold({ id, name, recordClass: recordClass ?? null, modelId: held?.id ?? null, reason, placedById: actor.userId, placedByName: actor.name });
    return {
      result: { id },
      audit: {
        action: "hold.placed",
        targets: [{ type: "legal_hold", id, name, digest: null }, ...(held === null ? [] : [{ type: "model", id: held.id, name: held.name, digest: null }])],
        after: { name, recordClass: recordClass ?? null, model: model ?? null },
        reason,
      },
      forceCheckpoint: true,
    };
  },
});

export const liftHold = command({
  name: "lift-hold",
  permission: "retention:manage",
  input: liftHoldBody.extend({ holdId: z.uuid() }),
  async run({ tx, actor, now, input: { holdId, reason } }) {
    const hold = await tx.retention.findLegalHold(holdId);
    if (hold === null) throw notFound();
    if (!(await tx.retention.liftLegalHold(holdId, { liftedByName: actor.name, liftedAt: now, liftReason: reason }))) return unchanged({ id: holdId });
    return {
      result: { id: holdId },
      audit: { action: "hold.lifted", targets: [{ type: "legal_hold", id: holdId, name: hold.name, digest: null }], after: { name: hold.name }, reason },
      forceCheckpoint: true,
    };
  },
});
