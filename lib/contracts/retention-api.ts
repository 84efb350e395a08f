import { z } from "zod";
import { RECORD_CLASSES } from "#lib/domain/governance/retention/record-classes.ts";
import { slug } from "./registry-api.ts";

const instant = z.iso.datetime({ offset: false });
const reason = z.string().trim().min(10, "Say why, in at least 10 characters.").max(2000);

export const setRetentionBody = z.strictObject({
  recordClass: z.enum(RECORD_CLASSES),
  /** From when a record was made. */
  days: z.coerce.number().int().min(1, "At least a day.").max(36_500, "At most 100 years."),
  reason,
});

export const placeHoldBody = z.strictObject({
  name: z.string().trim().min(3, "Name the matter.").max(200),
  /** Left out: every class. */
  recordClass: z.enum(RECORD_CLASSES).optional(),
  /** Left out: every model. */
  model: slug.optional(),
  reason,
});

export const pruneTextsBody = z.strictObject({ reason });

/** What one act pruned; `texts` 0: none was past its time, and nothing was written. */
export const pruningView = z.object({
  texts: z.number().int(),
  fromSeq: z.number().int().nullable(),
  /** The first entry after the range. */
  toSeq: z.number().int().nullable(),
  rule: z.string(),
  /** Texts past their time that another act has to prune: one takes at most 10 000. */
  left: z.number().int(),
});

export const liftHoldBody = z.strictObject({ reason });

export const retentionView = z.object({
  classes: z.array(
    z.object({
      recordClass: z.enum(RECORD_CLASSES),
      title: z.string(),
      holds: z.string(),
      after: z.enum(["kept", "deleted"]),
      /** What holds; null: for good. */
      effectiveDays: z.number().nullable(),
      /** What was asked for; null: for good. */
      askedDays: z.number().nullable(),
      isDefault: z.boolean(),
      isBelowFloor: z.boolean(),
      setBy: z.string().nullable(),
      setAt: instant.nullable(),
      reason: z.string().nullable(),
      oldestAt: instant.nullable(),
      /** When the oldest record may be deleted; null when never, or none is there. */
      nextDeletionAt: instant.nullable(),
      isHeld: z.boolean(),
      floors: z.array(z.object({ id: z.string(), citation: z.string(), duty: z.string(), days: z.number(), confidence: z.enum(["primary", "memory"]) })),
    }),
  ),
  /** Texts of the audit trail whose time is over, and what was pruned before. Hashes and proofs stay. */
  pruning: z.object({
    /** Which may be pruned now. */
    ready: z.number().int(),
    rule: z.string(),
    isHeld: z.boolean(),
    acts: z.array(z.object({ id: z.string(), fromSeq: z.number().int(), toSeq: z.number().int(), texts: z.number().int(), rule: z.string(), prunedAt: instant })),
  }),
  holds: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      recordClass: z.enum(RECORD_CLASSES).nullable(),
      model: z.string().nullable(),
      reason: z.string(),
      placedBy: z.string(),
      placedAt: instant,
      liftedBy: z.string().nullable(),
      liftedAt: instant.nullable(),
      liftReason: z.string().nullable(),
    }),
  ),
});
export type RetentionView = z.output<typeof retentionView>;
