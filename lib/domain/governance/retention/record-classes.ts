/**
 * How long records are kept. A rule says a number of days for a class of records; a floor of law says the least. The longer of both holds, and a
 * legal hold beats either: nothing under it is deleted.
 */

export const RECORD_CLASSES = ["audit_trail", "evidence", "hourly_counts", "daily_counts"] as const;
export type RecordClass = (typeof RECORD_CLASSES)[number];

export type RecordClassInfo = {
  readonly id: RecordClass;
  readonly title: string;
  readonly holds: string;
  /** What happens when the time is over. `kept`: nothing is deleted, the rule is the least that is promised. */
  readonly after: "kept" | "deleted";
  /** Days while nobody has set a rule; null: for good. */
  readonly defaultDays: number | null;
};

/** Ten years, leap days included, whichever they are. */
const TEN_YEARS = 3653;
export const CLASSES: readonly RecordClassInfo[] = [
  { id: "audit_trail", title: "Audit trail and signatures", holds: "Every entry of the trail, approvals, signed checkpoints", after: "kept", defaultDays: TEN_YEARS },
  { id: "evidence", title: "Evidence and documents", holds: "Facts, documents, classifications, cards, incident records", after: "kept", defaultDays: TEN_YEARS },
  { id: "hourly_counts", title: "Hourly counts of inference", holds: "Requests, errors, latency, inputs and answers by class, each hour and version", after: "deleted", defaultDays: 400 },
  { id: "daily_counts", title: "Daily counts of inference", holds: "The same by day", after: "deleted", defaultDays: null },
];

export const findClass = (id: RecordClass): RecordClassInfo => {
  const found = CLASSES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no class of records ${id}.`);
  return found;
};

/** What of the installation decides which floors apply. */
export type RetentionFacts = {
  /** A model classified high-risk under the EU AI Act. */
  readonly hasEuHighRisk: boolean;
  readonly decidesUsCredit: boolean;
  readonly usHealthcare: boolean;
  /** 21 CFR Part 11: signatures live as long as the records they sign. */
  readonly part11: boolean;
  /** How long evidence is kept, before any floor. */
  readonly evidenceDays: number;
};

export type RetentionFloor = Omit<FloorRule, "days" | "applies"> & { readonly days: number };

type FloorRule = {
  readonly id: string;
  readonly citation: string;
  readonly duty: string;
  readonly classes: readonly RecordClass[];
  readonly days: (facts: RetentionFacts) => number;
  readonly confidence: "primary" | "memory";
  readonly applies: (facts: RetentionFacts) => boolean;
};

/** Sources: lib/domain/governance/catalogue; what was not opened in the text of the law says so. */
const FLOORS: readonly FloorRule[] = [
  {
    id: "eu-18-1",
    citation: "Regulation (EU) 2024/1689, Art. 18(1)",
    duty: "Keep technical documentation, quality records and the declaration for 10 years after the system is put into service",
    classes: ["evidence"],
    days: () => 3653,
    confidence: "primary",
    applies: ({ hasEuHighRisk }) => hasEuHighRisk,
  },
  {
    id: "eu-19-1",
    citation: "Regulation (EU) 2024/1689, Arts. 19(1) and 26(6)",
    duty: "Keep the logs of a high-risk system for at least six months",
    classes: ["audit_trail", "hourly_counts", "daily_counts"],
    days: () => 184,
    confidence: "primary",
    applies: ({ hasEuHighRisk }) => hasEuHighRisk,
  },
  {
    id: "reg-b-12",
    citation: "12 CFR 1002.12(b)",
    duty: "Keep records of a credit decision for 25 months after the notice of action",
    classes: ["audit_trail", "evidence", "daily_counts"],
    days: () => 763,
    confidence: "memory",
    applies: ({ decidesUsCredit }) => decidesUsCredit,
  },
  {
    id: "hipaa-316",
    citation: "45 CFR 164.316(b)(2)",
    duty: "Keep documentation for six years",
    classes: ["evidence"],
    days: () => 2192,
    confidence: "memory",
    applies: ({ usHealthcare }) => usHealthcare,
  },
  {
    id: "part11-10",
    citation: "21 CFR 11.10(c) and (e)",
    duty: "Keep the trail and its signatures as long as the records they belong to, here evidence",
    classes: ["audit_trail"],
    days: (facts) => Math.max(facts.evidenceDays, floorsOf("evidence", facts)[0]?.days ?? 0),
    confidence: "memory",
    applies: ({ part11 }) => part11,
  },
  {
    id: "product-trail",
    citation: "Checklist item GOV-3",
    duty: "Keep the audit trail for at least 184 days, whatever law applies",
    classes: ["audit_trail"],
    days: () => 184,
    confidence: "primary",
    applies: () => true,
  },
];

/** Floors that bind this class, the strictest first. */
export const floorsOf = (recordClass: RecordClass, facts: RetentionFacts): RetentionFloor[] =>
  FLOORS.filter(({ classes, applies }) => classes.includes(recordClass) && applies(facts))
    .map(({ days, applies: _applies, ...rule }) => ({ ...rule, days: days(facts) }))
    .sort((a, b) => b.days - a.days || (a.id < b.id ? -1 : 1));

export type Standing = {
  readonly recordClass: RecordClass;
  /** What was set, or the default; null: for good. */
  readonly askedDays: number | null;
  readonly floors: readonly RetentionFloor[];
  /** What holds: never less than a floor. Null: for good. */
  readonly effectiveDays: number | null;
  /** The rule that somebody set is below a floor which came to apply later. */
  readonly isBelowFloor: boolean;
};

/** How long a class is kept. `askedDays` null: for good, which no floor can exceed. */
export function retentionOf(recordClass: RecordClass, askedDays: number | null, facts: RetentionFacts): Standing {
  const floors = floorsOf(recordClass, facts);
  const least = floors[0]?.days ?? 0;
  return {
    recordClass,
    askedDays,
    floors,
    effectiveDays: askedDays === null ? null : Math.max(askedDays, least),
    isBelowFloor: askedDays !== null && askedDays < least,
  };
}

/** A time that holds, in words: the floor of law where it decides, else the rule of this installation. */
export function ruleWords({ effectiveDays, floors }: Standing): string {
  if (effectiveDays === null) return "kept for good";
  const [strictest] = floors;
  const why = strictest === undefined || strictest.days < effectiveDays ? "the rule of this installation" : strictest.citation;
  return `kept for ${effectiveDays} days, ${why}`;
}

/** Why a number of days is refused; null when it may be set. Names the rule that forbids it. */
export function floorRefusal(recordClass: RecordClass, days: number, facts: RetentionFacts): string | null {
  const [strictest] = floorsOf(recordClass, facts);
  if (strictest === undefined || days >= strictest.days) return null;
  return `${strictest.citation} asks for at least ${strictest.days} days: ${strictest.duty}.`;
}

export type HoldScope = { readonly recordClass: RecordClass | null; readonly modelId: string | null };

/** Whether a hold covers records of this class and model; records of no model are covered by holds on every model. */
export const isHeld = (holds: readonly HoldScope[], recordClass: RecordClass, modelId: string | null): boolean =>
  holds.some((hold) => (hold.recordClass === null || hold.recordClass === recordClass) && (hold.modelId === null || hold.modelId === modelId));
