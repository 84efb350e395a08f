/**
 * A predetermined change plan: one object for FDA PCCP (FD&C Act s. 515C) and EU AI Act Art. 43(4) with Annex IV 2(f).
 * It says which changes may go live without a new submission, and within which bounds.
 */

export const ENVELOPE_REGIMES = ["FDA_PCCP", "EU_ART_43_4"] as const;
export const ENVELOPE_STATUSES = ["draft", "authorised", "withdrawn"] as const;
export const INPUT_CHANGES = ["none", "widen_range", "add_optional"] as const;

/** What one allowed modification may touch. What is not named stays as it is. */
export type AllowedChange = {
  readonly artifact: boolean;
  readonly architecture: "fixed" | "any";
  readonly inputs: (typeof INPUT_CHANGES)[number];
  readonly outputs: "fixed" | "any";
};

export type Modification = {
  readonly id: string;
  readonly description: string;
  readonly implementation: "manual" | "automatic";
  /** At least this many days between two uses of it. */
  readonly minDaysBetween: number;
  readonly allowed: AllowedChange;
};

/** `value` absolute, or `baselineMinus`: at most this much worse than the version in production. */
export type Criterion = {
  readonly metric: string;
  readonly op: ">=" | "<=";
  readonly value: number | null;
  readonly baselineMinus: number | null;
  /** Which figure is held against it: the value, or the end of its interval that is worse. */
  readonly bound: "value" | "worse_end";
};

export type ChangeEnvelope = {
  readonly regimes: readonly (typeof ENVELOPE_REGIMES)[number][];
  readonly authorisationRef: string;
  readonly planVersion: string;
  readonly status: (typeof ENVELOPE_STATUSES)[number];
  readonly intendedUse: string;
  readonly deviceIdentifiers: readonly string[];
  readonly modifications: readonly Modification[];
  readonly minTestRows: number;
  readonly criteria: readonly Criterion[];
  /** How often one sequestered test set may be used for this model before its reuse is a finding. */
  readonly maxTestSetUses: number;
  /** A rollback drill of the candidate may be this old when it goes live; null: the plan asks for none. */
  readonly drillMaxAgeDays: number | null;
};

/** A version as far as the plan looks at it. */
export type EnvelopeVersion = {
  readonly digest: string;
  readonly format: string;
  /** Of operators, node count and parameter count: equal for a retraining of the same architecture. */
  readonly architectureDigest: string;
  readonly inputs: readonly EnvelopeInput[];
  readonly outputsDigest: string;
  readonly intendedUse: string;
  readonly metrics: Readonly<Record<string, { readonly value: number; readonly low: number | null; readonly high: number | null }>>;
  readonly testRows: number;
  readonly testSet: string | null;
};

export type EnvelopeInput = {
  readonly field: string;
  readonly type: string;
  readonly required: boolean;
  readonly min: number | null;
  readonly max: number | null;
};

export type EnvelopeChange = {
  readonly part: "artifact" | "format" | "architecture" | "inputs" | "outputs" | "intended_use";
  readonly say: string;
};

export type Bound = {
  /** `M1` or the criterion's metric; null for what no modification covers. */
  readonly name: string;
  readonly held: boolean;
  readonly say: string;
};

export type EnvelopeVerdict = {
  readonly verdict: "within" | "outside" | "unchanged";
  readonly changes: readonly EnvelopeChange[];
  /** Modifications that together cover every change; empty when none does. */
  readonly coveredBy: readonly string[];
  readonly bounds: readonly Bound[];
  /** Why it is outside: the first bound that does not hold, in a sentence; null when within. */
  readonly stoppedBy: string | null;
};
