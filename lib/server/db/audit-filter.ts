import type { AuditFilter } from "#lib/server/audit/audit-store.ts";

type Conditions = { readonly text: string; readonly values: readonly unknown[] };

/** The parts of a filter that compare one column with one value. */
const EQUAL = [
  "actorId",
  "modelId",
  "versionId",
  "endpointId",
  "environmentId",
  "releaseId",
  "requestId",
] as const satisfies readonly (keyof AuditFilter)[];

/** A filter as an SQL condition on `"AuditEvent" e`. Values only ever travel as parameters. */
export function filterConditions(filter: AuditFilter): Conditions {
  const parts: string[] = ["true"];
  const values: unknown[] = [];
  const add = (condition: (parameter: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    parts.push(condition(`$${values.length}`));
  };
  add((p) => `e."action" = ANY(${p}::text[])`, filter.actions);
  add((p) => `e."outcome" = ANY(${p}::text[])`, filter.outcomes);
  add((p) => `e."actorType" = ANY(${p}::text[])`, filter.actorTypes);
  for (const column of EQUAL) add((p) => `e."${column}" = ${p}::text`, filter[column]);
  add((p) => `e."occurredAt" >= ${p}::timestamptz`, filter.from?.toISOString());
  add((p) => `e."occurredAt" < ${p}::timestamptz`, filter.to?.toISOString());
  add((p) => `e."seq" >= ${p}::bigint`, filter.fromSeq);
  add((p) => `e."seq" <= ${p}::bigint`, filter.toSeq);
  if (filter.target !== undefined) {
    values.push(filter.target.id, filter.target.type ?? null);
    const [id, type] = [`$${values.length - 1}::text`, `$${values.length}::text`];
    parts.push(
      `e."seq" IN (SELECT t."seq" FROM "AuditTarget" t WHERE t."targetId" = ${id} AND (${type} IS NULL OR t."type" = ${type}))`,
    );
  }
  return { text: parts.join(" AND "), values };
}
