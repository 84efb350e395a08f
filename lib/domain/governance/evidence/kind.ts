/**
 * What a kind of evidence must say to count, as data: fields with limits, and relations between fields. From this one table follow the
 * check, the form on the screen and the words of a refusal.
 */

export const SUBJECT_TYPES = ["version", "release", "endpoint", "environment", "model", "organisation"] as const;
export type SubjectType = (typeof SUBJECT_TYPES)[number];

/** Who may produce it. `slipway`: our own parts only, so nobody can claim it. `person`: a signed statement or a document. */
export type ProducedBy = "slipway" | "either" | "person";

export type EvidenceField =
  | { readonly type: "text"; readonly name: string; readonly label: string; readonly optional?: boolean }
  | { readonly type: "flag"; readonly name: string; readonly label: string; readonly mustBe: boolean }
  | { readonly type: "number"; readonly name: string; readonly label: string; readonly min?: number; readonly max?: number }
  | { readonly type: "date"; readonly name: string; readonly label: string; readonly mustBe: "past" | "future" };

/** A relation between two fields, and what to say when it does not hold. */
export type FieldRelation = {
  readonly rule: "at_most" | "not_after" | "differs" | "same";
  readonly a: string;
  readonly b: string;
  readonly say: string;
};

export type KindSpec = {
  readonly id: string;
  readonly subject: SubjectType;
  readonly by: ProducedBy;
  /** How long it counts after it was made, days; null: as long as its subject stays the same. */
  readonly lifetimeDays: number | null;
  readonly fields: readonly EvidenceField[];
  readonly relations: readonly FieldRelation[];
};

export const text = (name: string, label: string): EvidenceField => ({ type: "text", name, label });
export const yes = (name: string, label: string): EvidenceField => ({ type: "flag", name, label, mustBe: true });
export const no = (name: string, label: string): EvidenceField => ({ type: "flag", name, label, mustBe: false });
export const atLeast = (name: string, label: string, min: number): EvidenceField => ({ type: "number", name, label, min });
export const atMost = (name: string, label: string, max: number): EvidenceField => ({ type: "number", name, label, max });
export const within = (name: string, label: string, min: number, max: number): EvidenceField => ({ type: "number", name, label, min, max });
export const number = (name: string, label: string): EvidenceField => ({ type: "number", name, label });
export const none = (name: string, label: string): EvidenceField => ({ type: "number", name, label, max: 0 });
export const past = (name: string, label: string): EvidenceField => ({ type: "date", name, label, mustBe: "past" });
export const future = (name: string, label: string): EvidenceField => ({ type: "date", name, label, mustBe: "future" });

export const notAbove = (a: string, b: string, say: string): FieldRelation => ({ rule: "at_most", a, b, say });
export const notAfter = (a: string, b: string, say: string): FieldRelation => ({ rule: "not_after", a, b, say });
export const differs = (a: string, b: string, say: string): FieldRelation => ({ rule: "differs", a, b, say });
export const same = (a: string, b: string, say: string): FieldRelation => ({ rule: "same", a, b, say });

type Rest = readonly (EvidenceField | FieldRelation)[];
const isRelation = (part: EvidenceField | FieldRelation): part is FieldRelation => "rule" in part;

export const kind = (id: string, subject: SubjectType, by: ProducedBy, lifetimeDays: number | null, rest: Rest): KindSpec => ({
  id,
  subject,
  by,
  lifetimeDays,
  fields: rest.filter((part): part is EvidenceField => !isRelation(part)),
  relations: rest.filter(isRelation),
});

export const DAY_MS = 86_400_000;
/** Lifetimes in days: continuous facts are made anew well within a day. */
export const HOUR = 1 / 24;
export const DAY = 1.25;
export const MONTH = 31;
export const QUARTER = 92;
export const NINETY_DAYS = 90;
export const YEAR = 365;
