import { z } from "zod";

/** Acts that are signed; a grant names one of them. */
export const SIGNED_ACTS = ["approve-release", "reject-release", "promote-release", "break-glass", "sign-card", "accept-risk"] as const;
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "A digest is sha256: and 64 hex digits.");
const reason = z.string().trim().min(10, "Say why in at least 10 characters.").max(2000);
const instant = z.iso.datetime({ offset: false });

/** Without a password: whoever signed in again at their identity provider within the last two minutes has proved it there. */
export const stepUpBody = z.strictObject({ password: z.string().min(1).max(1024).optional(), action: z.enum(SIGNED_ACTS), digest });
export const stepUpView = z.object({ grant: z.uuid(), expiresAt: instant });

export const signingRulesView = z.object({ part11: z.boolean(), smallTeam: z.boolean(), changedBy: z.string().nullable(), changedAt: instant });
export const changeSigningRulesBody = z.strictObject({ part11: z.boolean(), smallTeam: z.boolean(), reason });

export const delegateBody = z.strictObject({
  to: z.string().trim().min(3).max(254),
  role: z.enum(["ml_lead", "validator", "compliance"]),
  startsAt: instant.optional(),
  endsAt: instant,
  reason,
});
export const delegationView = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  role: z.string(),
  reason: z.string(),
  startsAt: instant,
  endsAt: instant,
  revokedAt: instant.nullable(),
});

export const CHALLENGE_KINDS = ["question", "answer", "change", "no_challenge"] as const;
export const addChallengeBody = z
  .strictObject({
    kind: z.enum(CHALLENGE_KINDS),
    /** The question that this answers, or because of which something was changed. */
    replyTo: z.uuid().nullable().default(null),
    text: z.string().trim().min(10, "Write at least 10 characters.").max(4000),
  })
  .refine(({ kind, replyTo }) => (kind === "answer" || kind === "change") === (replyTo !== null), {
    error: "An answer or a change belongs to a question; a question to none.",
    path: ["replyTo"],
  });
export const challengeView = z.object({
  id: z.string(),
  kind: z.enum(CHALLENGE_KINDS),
  replyTo: z.string().nullable(),
  text: z.string(),
  by: z.string(),
  role: z.string(),
  digest: z.string(),
  at: instant,
});
export type ChallengeView = z.output<typeof challengeView>;

export const breakGlassBody = z.strictObject({ reason: z.string().trim().min(20, "Say in at least 20 characters what happens if nobody acts.").max(2000), grant: z.uuid().optional() });
export const reviewBreakGlassBody = z.strictObject({ review: z.string().trim().min(20, "Say in at least 20 characters what you found.").max(4000) });
export const breakGlassView = z.object({
  id: z.string(),
  reason: z.string(),
  askedBy: z.string(),
  askedAt: instant,
  expiresAt: instant,
  second: z.string().nullable(),
  usedAt: instant.nullable(),
  reviewDueAt: instant.nullable(),
  reviewedAt: instant.nullable(),
  reviewedBy: z.string().nullable(),
  review: z.string().nullable(),
});
export type BreakGlassView = z.output<typeof breakGlassView>;
