import type { JsonValue } from "../../audit/canonical-json.ts";
import type { EvidenceField, FieldRelation, KindSpec } from "./kind.ts";

type Details = Readonly<Record<string, JsonValue>>;

/** `isAbsent`: nothing was said; otherwise something was said that does not count. */
export type FieldFault = { readonly field: string; readonly message: string; readonly isAbsent: boolean };

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

const isAbsent = (value: JsonValue | undefined): boolean => value === undefined || value === null || value === "";

function instantMs(value: JsonValue | undefined): number | null {
  if (typeof value !== "string" || !DATE.test(value)) return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : ms;
}

/** What keeps one field from counting, or null. */
function fieldFault(field: EvidenceField, value: JsonValue | undefined, nowMs: number): string | null {
  switch (field.type) {
    case "text":
      return typeof value === "string" && value.trim() !== "" ? null : `${field.label} is empty.`;
    case "flag":
      if (typeof value !== "boolean") return `${field.label}: not said.`;
      return value === field.mustBe ? null : `${field.label}: ${value ? "yes" : "no"}.`;
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) return `${field.label}: no number.`;
      if (field.min !== undefined && value < field.min) return `${field.label} is ${value}, at least ${field.min} is needed.`;
      if (field.max !== undefined && value > field.max) return `${field.label} is ${value}, at most ${field.max} is allowed.`;
      return null;
    case "date": {
      const ms = instantMs(value);
      if (ms === null) return `${field.label}: no date.`;
      if (field.mustBe === "past") return ms <= nowMs ? null : `${field.label} lies in the future.`;
      return ms > nowMs ? null : `${field.label} has passed.`;
    }
  }
}

function relationHolds(relation: FieldRelation, details: Details): boolean {
  const [a, b] = [details[relation.a], details[relation.b]];
  switch (relation.rule) {
    case "differs":
      return a !== b;
    case "same":
      return a === b;
    case "at_most":
      return typeof a !== "number" || typeof b !== "number" || a <= b;
    case "not_after": {
      const [first, second] = [instantMs(a), instantMs(b)];
      return first === null || second === null || first <= second;
    }
  }
}

/**
 * What is wrong with what a fact says, field by field; empty when it counts. Missing is wrong: silence is never evidence.
 * Dates "in the past" are judged against the moment given, so a fact that counts now counts later too, except where it names its own end.
 */
export function judgeDetails(spec: Pick<KindSpec, "fields" | "relations">, details: Details, nowMs: number): FieldFault[] {
  const faults = spec.fields.flatMap((field) => {
    const value = details[field.name];
    const message = fieldFault(field, value, nowMs);
    return message === null ? [] : [{ field: field.name, message, isAbsent: isAbsent(value) }];
  });
  const related = spec.relations.flatMap((relation) =>
    isAbsent(details[relation.a]) || isAbsent(details[relation.b]) || relationHolds(relation, details)
      ? []
      : [{ field: relation.a, message: relation.say, isAbsent: false }],
  );
  return [...faults, ...related];
}
