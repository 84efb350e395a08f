import type { JsonValue } from "../../audit/canonical-json.ts";
import { judgeDetails } from "./judge-details.ts";
import { DAY_MS, type KindSpec, type SubjectType } from "./kind.ts";

/** One row of the evidence table, as the derivation sees it. Times are milliseconds since the epoch. */
export type Fact = {
  readonly id: string;
  readonly kind: string;
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  readonly subjectDigest: string;
  readonly verdict: "passed" | "failed" | "noted";
  readonly summary: string;
  readonly details: Readonly<Record<string, JsonValue>>;
  readonly producer: string;
  readonly producedAtMs: number;
  readonly expiresAtMs: number | null;
};

/** What evidence may be about here, by the digest it has now. A fact about another digest is about something else. */
export type Subject = { readonly type: SubjectType; readonly id: string; readonly digest: string };

export type EvidenceState = "met" | "failed" | "stale" | "missing";

export type Standing = {
  readonly kind: string;
  readonly state: EvidenceState;
  /** The fact that decides, or null when there is none. */
  readonly fact: Fact | null;
  /** Why, in a sentence. */
  readonly note: string;
  /** When it stops to count, or stopped; null when it has no end. */
  readonly untilMs: number | null;
};

/** The earlier of what the fact says of itself and what its kind allows. */
export function endOf(spec: Pick<KindSpec, "lifetimeDays">, fact: Pick<Fact, "producedAtMs" | "expiresAtMs">): number | null {
  const byKind = spec.lifetimeDays === null ? null : fact.producedAtMs + spec.lifetimeDays * DAY_MS;
  if (fact.expiresAtMs === null) return byKind;
  return byKind === null ? fact.expiresAtMs : Math.min(byKind, fact.expiresAtMs);
}

function newestFirst(a: Fact, b: Fact): number {
  return b.producedAtMs - a.producedAtMs || (a.id < b.id ? 1 : -1);
}

/** A date that must lie ahead: once it has passed the fact is old, not wrong. */
const isEndDate = (spec: Pick<KindSpec, "fields">, name: string): boolean =>
  spec.fields.some((field) => field.name === name && field.type === "date" && field.mustBe === "future");

/** How one subject stands. A failed newest fact is not healed by an older good one. */
function standingOfSubject(spec: KindSpec & { readonly label: string }, facts: readonly Fact[], nowMs: number): Standing {
  const [fact] = [...facts].sort(newestFirst);
  if (fact === undefined) return { kind: spec.id, state: "missing", fact: null, note: `${spec.label} is missing.`, untilMs: null };
  const untilMs = endOf(spec, fact);
  const at = (state: EvidenceState, note: string): Standing => ({ kind: spec.id, state, fact, note, untilMs });
  if (fact.verdict === "failed") return at("failed", fact.summary);
  const faults = judgeDetails(spec, fact.details, nowMs);
  const wrong = faults.find(({ field, isAbsent }) => !isAbsent && !isEndDate(spec, field));
  if (wrong !== undefined) return at("failed", wrong.message);
  const absent = faults.find(({ isAbsent }) => isAbsent);
  if (absent !== undefined) return at("missing", `${spec.label} is there but incomplete. ${absent.message}`);
  const [passed] = faults;
  if (passed !== undefined) return at("stale", passed.message);
  if (untilMs !== null && untilMs <= nowMs) return at("stale", `${fact.summary} It ran out.`);
  return at("met", fact.summary);
}

const ORDER: Readonly<Record<EvidenceState, number>> = { failed: 0, stale: 1, missing: 2, met: 3 };

/**
 * How a kind of evidence stands for these subjects. With several subjects of its type (two endpoints of one model) the worst counts:
 * a monitor on one of them is not a monitor on both. Facts about other digests are not looked at, but are named when nothing else is there.
 */
export function standing(
  spec: KindSpec & { readonly label: string },
  facts: readonly Fact[],
  subjects: readonly Subject[],
  nowMs: number,
): Standing {
  const own = subjects.filter(({ type }) => type === spec.subject);
  const ofKind = facts.filter(({ kind }) => kind === spec.id);
  if (own.length === 0) {
    return { kind: spec.id, state: "missing", fact: null, note: `${spec.label}: there is no ${spec.subject} yet that it could be about.`, untilMs: null };
  }
  const each = own.map((subject) => {
    const about = ofKind.filter(({ subjectType, subjectId }) => subjectType === subject.type && subjectId === subject.id);
    const bound = about.filter(({ subjectDigest }) => subjectDigest === subject.digest);
    const found = standingOfSubject(spec, bound, nowMs);
    const [former] = [...about].sort(newestFirst);
    if (bound.length > 0 || former === undefined) return found;
    return { ...found, state: "stale" as const, fact: former, note: `${spec.label} was made for another state of this ${spec.subject}; it has changed since.` };
  });
  const [worst] = each.sort((a, b) => ORDER[a.state] - ORDER[b.state]);
  if (worst === undefined) throw new Error("There is no subject.");
  return worst;
}
