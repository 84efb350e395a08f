import { z } from "zod";
import { strategies } from "./environment-policy.ts";

/** Bodies of `/api/v1/releases` and its acts. A reason is a sentence that a reviewer reads in a year. */
const reason = z.string().trim().min(10, "Say why in at least 10 characters.").max(2000);
const name = z.string().min(1).max(128);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "A digest is sha256: and 64 hex digits.");

export const createReleaseBody = z.strictObject({
  endpoint: name,
  /** Version name, such as 3.2.0, of the endpoint's model. */
  version: name,
  strategy: z.enum(strategies).default("canary"),
  /** The whole plan; left out, it is made from the environment's policy. Checked by the domain. */
  plan: z.unknown().optional(),
  reason: reason.optional(),
  /** Ends the release that is under way here first: takes it back if it has traffic, ends its bake early. */
  supersede: z.boolean().default(false),
  /** A rollback drill with this fault instead of a release: allowed where the environment's policy allows it. */
  drill: z.enum(["errors", "latency", "drifted_inputs"]).optional(),
  /** Not before this moment, UTC; approved earlier, it waits. */
  startAt: z.iso.datetime({ offset: false }).optional(),
  /** Ask for approval at once instead of leaving a draft. */
  submit: z.boolean().default(true),
});
export type CreateReleaseBody = z.output<typeof createReleaseBody>;

export const approvalMeanings = ["evidence_reviewed", "residual_risk_accepted", "fit_for_use"] as const;

export const approveReleaseBody = z.strictObject({
  meaning: z.enum(approvalMeanings),
  reason,
  /** The digest on the page that was read; a changed plan or evidence set has another. */
  digest,
  /** A step-up grant, where the installation asks for one: POST /api/v1/session/step-up. */
  grant: z.uuid().optional(),
});

export const rejectReleaseBody = z.strictObject({ reason, digest });
export const holdReleaseBody = z.strictObject({ reason });
export const resumeReleaseBody = z.strictObject({ reason: reason.optional() });
export const startReleaseBody = z.strictObject({});
export const cancelReleaseBody = z.strictObject({ reason });
export const passGateBody = z.strictObject({ reason, digest: digest.optional() });

export const deprecateReleaseBody = z.strictObject({ reason });

/** Another plan before the start. Approvals given to the old one are void. */
export const changePlanBody = z.strictObject({
  /** The whole plan, as the page or `release show --json` gives it, with what is to change. */
  plan: z.unknown(),
  /** Null: as soon as it may; left out: as it was. */
  startAt: z.iso.datetime({ offset: false }).nullable().optional(),
  reason,
});

export const promoteReleaseBody = z.strictObject({
  reason,
  /** The version name typed again; needed when a guard is past its limit. */
  confirmVersion: name.optional(),
});

export const rollbackCauses = ["errors", "latency", "wrong_predictions", "data_issue", "business_decision"] as const;

export const rollbackReleaseBody = z
  .strictObject({
    cause: z.enum(rollbackCauses).optional(),
    reason: reason.optional(),
    /** Roll back now, write the reason within 24 hours. */
    emergency: z.boolean().default(false),
  })
  .refine((body) => body.emergency || (body.cause !== undefined && body.reason !== undefined), {
    error: "Choose a cause and write a reason, or ask for an emergency roll back and write it within 24 hours.",
    path: ["reason"],
  });

export const completeRollbackReasonBody = z.strictObject({ cause: z.enum(rollbackCauses), reason });

export const releaseListQuery = z.strictObject({
  state: z.string().max(200).optional(),
  environment: name.optional(),
  model: name.optional(),
  endpoint: name.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
