import { z } from "zod";

/** Kinds of evidence a version must have, passed and not stale, before a release may be submitted. */
export const evidenceKinds = [
  "artifact_inspected",
  "contract_sealed",
  "load_profile",
  "golden_replay",
  "held_out_evaluation",
  "model_card",
  "rollback_drill",
] as const;
export const strategies = ["canary"] as const;
export type Strategy = (typeof strategies)[number];

export const evidenceKind = z.enum(evidenceKinds);
export type EvidenceKind = z.output<typeof evidenceKind>;

/** What a release into this environment needs. Stored with the environment; every change is an audit event. */
export const environmentPolicy = z.strictObject({
  /** How many distinct people must approve. 0 means nobody. */
  approvalsRequired: z.number().int().min(0).max(5),
  approverRoles: z.array(z.enum(["ml_lead", "validator", "compliance"])).min(1),
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
  requiredEvidence: z.array(evidenceKind),
});
export type EnvironmentPolicy = z.output<typeof environmentPolicy>;

/** Where production starts: two eyes more than the author's, a day of bake, proof before 25 %. */
export const productionPolicy: EnvironmentPolicy = {
  approvalsRequired: 1,
  approverRoles: ["ml_lead", "validator"],
  approvalExpiresHours: 72,
  allowedStrategies: ["canary"],
  exposureCapBp: 1000,
  bakeSeconds: 86_400,
  alpha: 0.01,
  beta: 0.05,
  blindLimitSeconds: 120,
  deadmanSeconds: 300,
  requiredEvidence: [
    "artifact_inspected",
    "contract_sealed",
    "load_profile",
    "golden_replay",
    "held_out_evaluation",
    "model_card",
  ],
};

export const stagingPolicy: EnvironmentPolicy = {
  ...productionPolicy,
  approvalsRequired: 0,
  allowedStrategies: ["canary"],
  bakeSeconds: 600,
  requiredEvidence: ["artifact_inspected", "contract_sealed", "load_profile"],
};
