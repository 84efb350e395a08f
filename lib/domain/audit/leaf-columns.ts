import type { AuditLeaf } from "./leaf.ts";

/** What the filter columns of an entry must be, given its leaf: the rule that audit_append follows, said once more to check it by. */
export function leafColumns(leaf: AuditLeaf): Readonly<Record<LeafColumn, string | null>> {
  const first = (type: string): string | null =>
    leaf.targets.find((target) => target.type === type)?.id ?? null;
  return {
    id: leaf.id,
    occurredAt: leaf.ts,
    action: leaf.action,
    crud: leaf.crud,
    outcome: leaf.outcome,
    actorType: leaf.actor.type,
    actorId: leaf.actor.id,
    actorName: leaf.actor.name,
    modelId: first("model"),
    versionId: first("version"),
    endpointId: first("endpoint"),
    environmentId: first("environment"),
    releaseId: first("release"),
    requestId: leaf.context.requestId,
    idempotencyKey: leaf.idempotencyKey,
  };
}

export const LEAF_COLUMNS = [
  "id",
  "occurredAt",
  "action",
  "crud",
  "outcome",
  "actorType",
  "actorId",
  "actorName",
  "modelId",
  "versionId",
  "endpointId",
  "environmentId",
  "releaseId",
  "requestId",
  "idempotencyKey",
] as const;

export type LeafColumn = (typeof LEAF_COLUMNS)[number];
