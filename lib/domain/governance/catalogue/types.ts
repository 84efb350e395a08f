/** Shapes of the regulatory catalogue. The data is dated and versioned; code never holds a date or a duty of its own. */

export const FRAMEWORKS = [
  "EU_AI_ACT",
  "SR_26_2",
  "SR_11_7",
  "FDA_PCCP",
  "FDA_GMLP",
  "FDA_PART_11",
  "NIST_AI_RMF",
  "CFPB_REG_B",
] as const;
export type FrameworkId = (typeof FRAMEWORKS)[number];

export const PHASES = ["pre-deployment", "infrastructure", "release", "post-deployment", "governance"] as const;
export type ControlPhase = (typeof PHASES)[number];

export const BINDINGNESS = [
  "law",
  "supervisory-guidance",
  "guidance",
  "guiding-principle",
  "agency-plan",
  "draft-guidance",
  "voluntary",
  "superseded",
] as const;
export type Bindingness = (typeof BINDINGNESS)[number];

export const CONFIDENCES = ["primary-text", "primary-quoted-by-secondary", "secondary", "memory-and-secondary"] as const;
export type SourceConfidence = (typeof CONFIDENCES)[number];

export const CONTROL_STATUSES = ["in-force", "not-yet-applicable", "draft", "superseded"] as const;
export type ControlStatus = (typeof CONTROL_STATUSES)[number];

/** What must be true of a system for a control to bind it; decided in `frameworks/applicability.ts`. */
export const CONDITIONS = [
  "eu_any_system",
  "eu_exemption_claimed",
  "eu_high_risk",
  "eu_real_world_testing",
  "eu_special_category_data",
  "eu_remote_identification",
  "eu_continual_learning",
  "eu_provider_outside",
  "eu_role_change",
  "eu_employer",
  "eu_public_authority",
  "eu_personal_data",
  "eu_post_remote_identification",
  "eu_annex_iii",
  "eu_fria",
  "eu_annex_iii_not_2",
  "eu_public_annex_iii_not_2",
  "eu_interacts",
  "eu_generative",
  "eu_emotion_or_categorisation",
  "eu_deep_fake",
  "eu_sector_regime",
  "eu_annex_iii_legal_effect",
  "eu_in_service_before",
  "us_bank",
  "us_bank_legacy",
  "us_device_pccp",
  "us_device",
  "ml_device",
  "us_electronic_records",
  "us_credit",
  "voluntary",
] as const;
export type ConditionId = (typeof CONDITIONS)[number];

export type Control = {
  /** `<framework>/<local id>`; never reused or renumbered. */
  readonly id: string;
  readonly framework: FrameworkId;
  /** Section or article, to print. */
  readonly citation: string;
  readonly title: string;
  /** The duty in our words. */
  readonly obligation: string;
  readonly phase: ControlPhase;
  readonly appliesTo: {
    readonly when: ConditionId;
    readonly roles: readonly string[];
    /** The condition in words. */
    readonly condition: string;
    readonly sector: string;
    readonly jurisdiction: string;
  };
  /** Kinds of evidence; all must be current for the control to be met. */
  readonly evidence: readonly string[];
  readonly automation: "auto" | "assisted" | "manual";
  readonly bindingness: Bindingness;
  readonly status: ControlStatus;
  /** Empty when the duty has no single start. Dates are `YYYY-MM-DD`. */
  readonly appliesFrom: readonly { readonly scope: string; readonly date: string }[];
  /** Which of the 21 items feed it. */
  readonly checklist: readonly string[];
  readonly sourceConfidence: SourceConfidence;
  /** A caveat to show, or null. */
  readonly note: string | null;
};

/** One published state of all controls. A release pins the version it was judged by. */
export type Catalogue = {
  readonly version: string;
  /** Day on which the sources were read. */
  readonly asOf: string;
  readonly summary: string;
  readonly controls: readonly Control[];
};

export type AnnexIiiUse = {
  readonly point: string;
  readonly area: string;
  readonly use: string;
  readonly limit: string | null;
};

/** A date of the EU AI Act as first enacted and as it stands; null when it was added later. */
export type ActDate = { readonly event: string; readonly original: string | null; readonly current: string };

export type RegulatoryClock = {
  readonly id: string;
  readonly citation: string;
  readonly law: string;
  readonly jurisdiction: string;
  readonly duty: string;
  readonly trigger: string;
  readonly start: string;
  readonly length: { readonly unit: string; readonly count?: number };
  readonly also: string;
  readonly recipient: string;
  readonly verified: string;
};

export type Penalty = { readonly breach: string; readonly fixedEUR: number; readonly turnoverPct: number };

/** Where a section of the superseded SR 11-7 went. */
export type CrosswalkRow = {
  readonly legacy: string;
  readonly successors: readonly string[];
  readonly note: string | null;
};
