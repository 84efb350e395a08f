import { auditActionLabel } from "#lib/domain/audit/actions.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { AuditFilter } from "./audit-store.ts";

/** A filter in words and as JSON: what every export says about itself. */

/** Whether the filter lets every entry through. */
export function isWholeTrail(filter: AuditFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

/** One sentence, times in UTC. `names` gives ids a name that people know; ids it lacks are shown as they are. */
export function describeFilter(
  filter: AuditFilter,
  names: ReadonlyMap<string, string> = new Map(),
): string {
  if (isWholeTrail(filter)) return "Every entry.";
  const named = (id: string): string => names.get(id) ?? id;
  const list = (values: readonly string[]): string => values.join(" or ");
  const parts = [
    filter.actions && `action is ${list(filter.actions.map((action) => auditActionLabel(action)))}`,
    filter.outcomes && `outcome is ${list(filter.outcomes)}`,
    filter.actorTypes && `actor is a ${list(filter.actorTypes)}`,
    filter.actorId && `actor is ${named(filter.actorId)}`,
    filter.modelId && `model is ${named(filter.modelId)}`,
    filter.versionId && `version is ${named(filter.versionId)}`,
    filter.endpointId && `endpoint is ${named(filter.endpointId)}`,
    filter.environmentId && `environment is ${named(filter.environmentId)}`,
    filter.releaseId && `release is ${named(filter.releaseId)}`,
    filter.requestId && `request is ${filter.requestId}`,
    filter.target &&
      `it is about ${filter.target.type === undefined ? "" : `${filter.target.type} `}${named(filter.target.id)}`,
    filter.from && `time is at or after ${filter.from.toISOString()}`,
    filter.to && `time is before ${filter.to.toISOString()}`,
    filter.fromSeq === undefined ? undefined : `number is ${filter.fromSeq} or higher`,
    filter.toSeq === undefined ? undefined : `number is ${filter.toSeq} or lower`,
  ].filter((part) => part !== undefined);
  return `Entries where ${parts.join(", and ")}.`;
}

/** The filter for programs: the same members, times as RFC 3339. */
export function filterQuery(filter: AuditFilter): JsonObject {
  const plain: unknown = JSON.parse(JSON.stringify(filter));
  return isJsonObject(plain) ? plain : {};
}

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
