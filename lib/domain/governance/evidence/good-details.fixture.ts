import type { JsonValue } from "../../audit/canonical-json.ts";
import type { KindSpec } from "./kind.ts";
import type { Fact, Subject } from "./standing.ts";

export const NOW_MS = Date.UTC(2026, 10, 29, 12);
const DAY_MS = 86_400_000;

/** Details that satisfy every field and relation of a kind, made from its spec alone. */
export function goodDetails(spec: KindSpec, nowMs = NOW_MS): Record<string, JsonValue> {
  const details: Record<string, JsonValue> = {};
  for (const field of spec.fields) {
    if (field.type === "text") details[field.name] = `${field.label}, written out`;
    if (field.type === "flag") details[field.name] = field.mustBe;
    if (field.type === "number") details[field.name] = field.min ?? Math.min(field.max ?? 0, 0);
    if (field.type === "date") details[field.name] = new Date(nowMs + (field.mustBe === "past" ? -2 : 30) * DAY_MS).toISOString();
  }
  for (const { rule, a, b } of spec.relations) {
    if (rule === "differs") details[a] = `another than ${String(details[b])}`;
    if (rule === "at_most") details[b] = 1000;
  }
  return details;
}

export const subjectOf = (spec: Pick<KindSpec, "subject">): Subject => ({ type: spec.subject, id: `${spec.subject}-1`, digest: "sha256:one" });

export const ALL_SUBJECTS: readonly Subject[] = (["version", "release", "endpoint", "environment", "model", "organisation"] as const).map((subject) => subjectOf({ subject }));

export function goodFact(spec: KindSpec, over: Partial<Fact> = {}): Fact {
  const subject = subjectOf(spec);
  return {
    id: `fact-${spec.id}`,
    kind: spec.id,
    subjectType: subject.type,
    subjectId: subject.id,
    subjectDigest: subject.digest,
    verdict: "passed",
    summary: `${spec.id} is in order.`,
    details: goodDetails(spec),
    producer: "Test",
    producedAtMs: NOW_MS - 60_000,
    expiresAtMs: null,
    ...over,
  };
}
