import { z } from "zod";
import type { ApprovalRule } from "#lib/domain/release/approval-terms.ts";
import { STRATEGIES, type Strategy } from "#lib/domain/release/plan.ts";
import { STAGING_CODES, STANDARD_CODES } from "#lib/domain/governance/checklist/items.ts";

/**
 * What an environment may ask for: an item of the checklist (`PRE-1`, `EXT-4`) or one kind of evidence by its id. Whether there is such a
 * thing is asked where a policy or a waiver is made.
 */
export const requirement = z.string().regex(/^([A-Z]{3}-[0-9]{1,2}|[a-z][a-z0-9_]{2,63})$/, "Name an item such as PRE-1, or a kind of evidence.");
export const strategies = STRATEGIES;
export type { Strategy };

/** A kind of evidence by its id; `lib/domain/governance/evidence/kinds.ts` knows them. */
export const evidenceKind = z.string().regex(/^[a-z][a-z0-9_]{2,63}$/);

const timeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, "A time of day as 17:30, UTC.");

/** When nothing new starts or gets more traffic here. Rolling back is always possible. */
export const freezeWindow = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("once"), name: z.string().min(1).max(80), from: z.iso.datetime({ offset: false }), until: z.iso.datetime({ offset: false }) }),
  /** Every week, from one day and time to another, UTC; 0 is Sunday. */
  z.strictObject({
    kind: z.literal("weekly"),
    name: z.string().min(1).max(80),
    fromDay: z.number().int().min(0).max(6),
    fromTime: timeOfDay,
    untilDay: z.number().int().min(0).max(6),
    untilTime: timeOfDay,
  }),
]);
export type FreezeWindow = z.output<typeof freezeWindow>;

const approverRole = z.enum(["ml_lead", "validator", "compliance"]);

/** What releases of models of one risk tier need here, in place of the environment's own number and roles. */
export const tierApprovals = z
  .strictObject({
    approvalsRequired: z.number().int().min(0).max(5),
    approverRoles: z.array(approverRole).min(1),
    /** Roles of which each must sign, by a person of its own. */
    eachOf: z.array(approverRole).max(3).default([]),
  })
  .refine(({ approverRoles, eachOf }) => eachOf.every((role) => approverRoles.includes(role)), { error: "A role that must sign is among the roles that may.", path: ["eachOf"] })
  .refine(({ eachOf }) => new Set(eachOf).size === eachOf.length, { error: "Name each role once.", path: ["eachOf"] });

/** What a release into this environment needs. Stored with the environment; every change is an audit event. */
export const environmentPolicy = z.strictObject({
  /** How many distinct people must approve. 0 means nobody. */
  approvalsRequired: z.number().int().min(0).max(5),
  approverRoles: z.array(approverRole).min(1),
  /** By risk tier of the model; a tier that is not named goes by the two fields above. */
  approvalsByTier: z.partialRecord(z.enum(["low", "medium", "high"]), tierApprovals).default({}),
  /** A request nobody answers in this time ends as EXPIRED. */
  approvalExpiresHours: z.number().int().min(1).max(24 * 30),
  allowedStrategies: z.array(z.enum(strategies)).min(1),
  /** Steps that advance without proof of safety may not exceed this weight. Basis points. */
  exposureCapBp: z.number().int().min(0).max(10_000),
  bakeSeconds: z.number().int().min(0).max(30 * 86_400),
  /** Release-level chance of a false roll back, over all guards together. */
  alpha: z.number().gt(0).max(0.2),
  /** Release-level chance of a false proof of safety. */
  beta: z.number().gt(0).max(0.2),
  blindLimitSeconds: z.number().int().min(10).max(3600),
  deadmanSeconds: z.number().int().min(30).max(86_400),
  /** Items and kinds of evidence without which nothing goes live here. */
  requiredEvidence: z.array(requirement).max(150),
  /** A roll back in a staging environment counts as a rehearsal. */
  stage: z.enum(["staging", "production"]).default("production"),
  /** Models of these tiers may go live all at once, where that strategy is allowed. */
  allAtOnceRiskTiers: z.array(z.enum(["low", "medium", "high"])).default(["low"]),
  /** Rollback drills may put a fault into a candidate on purpose. For staging. */
  faultInjection: z.boolean().default(false),
  freezeWindows: z.array(freezeWindow).max(50).default([]),
});
export type EnvironmentPolicy = z.output<typeof environmentPolicy>;

/** What releases of a model of this tier have to be approved by here. */
export function approvalRule(policy: Pick<EnvironmentPolicy, "approvalsRequired" | "approverRoles" | "approvalsByTier">, riskTier: string): ApprovalRule {
  const ofTier = Object.entries(policy.approvalsByTier).find(([tier]) => tier === riskTier)?.[1];
  if (ofTier === undefined) return { approvals: policy.approvalsRequired, roles: policy.approverRoles, eachOf: [] };
  return { approvals: Math.max(ofTier.approvalsRequired, ofTier.eachOf.length), roles: ofTier.approverRoles, eachOf: ofTier.eachOf };
}

/** Where production starts: two eyes more than the author's, a day of bake, proof before 25 %, and all 21 items. */
export const productionPolicy: EnvironmentPolicy = {
  approvalsRequired: 1,
  approverRoles: ["ml_lead", "validator"],
  approvalsByTier: {},
  approvalExpiresHours: 72,
  allowedStrategies: ["canary", "blue_green", "shadow", "ab"],
  exposureCapBp: 1000,
  bakeSeconds: 86_400,
  alpha: 0.01,
  beta: 0.05,
  blindLimitSeconds: 120,
  deadmanSeconds: 300,
  requiredEvidence: [...STANDARD_CODES],
  stage: "production",
  allAtOnceRiskTiers: ["low"],
  faultInjection: false,
  freezeWindows: [],
};

export const stagingPolicy: EnvironmentPolicy = {
  ...productionPolicy,
  approvalsRequired: 0,
  allowedStrategies: [...STRATEGIES],
  faultInjection: true,
  bakeSeconds: 600,
  requiredEvidence: [...STAGING_CODES],
  stage: "staging",
};
