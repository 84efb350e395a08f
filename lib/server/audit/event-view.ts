import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { AUDIT_CRUD, auditActionLabel } from "#lib/domain/audit/actions.ts";
import { toHex } from "#lib/domain/audit/bytes.ts";
import { ACTOR_TYPES, AUDIT_OUTCOMES, parseLeaf } from "#lib/domain/audit/leaf.ts";
import type { PrunedText, StoredCheckpoint, StoredLeaf } from "./audit-store.ts";

/** An entry as pages and programs see it. The stored bytes are the truth; this is only their reading. */
export function eventView(stored: StoredLeaf): AuditEventView {
  if (stored.leaf.length === 0 && stored.pruned) return prunedView(stored, stored.pruned);
  const leaf = parseLeaf(Buffer.from(stored.leaf).toString("utf8"));
  if (leaf === null) throw new Error(`Entry ${stored.seq} of the audit trail cannot be read.`);
  return {
    seq: stored.seq,
    id: leaf.id,
    occurredAt: leaf.ts,
    action: leaf.action,
    label: auditActionLabel(leaf.action),
    crud: leaf.crud,
    outcome: leaf.outcome,
    actor: { ...leaf.actor },
    targets: leaf.targets.map((target) => ({ ...target })),
    before: leaf.before,
    after: leaf.after,
    reason: leaf.reason,
    requestId: leaf.context.requestId,
    leafHash: toHex(stored.leafHash),
  };
}

/** What is left of an entry whose text was pruned. It says so where its reason stood, so that every list and export does. */
function prunedView({ seq, leafHash }: StoredLeaf, { id, occurredAt, action, crud, outcome, actorType, rule, at }: PrunedText): AuditEventView {
  const kind = { crud: AUDIT_CRUD.find((one) => one === crud), outcome: AUDIT_OUTCOMES.find((one) => one === outcome), type: ACTOR_TYPES.find((one) => one === actorType) };
  if (kind.crud === undefined || kind.outcome === undefined || kind.type === undefined) throw new Error(`Entry ${seq} of the audit trail cannot be read.`);
  return {
    seq,
    id,
    occurredAt,
    action,
    label: auditActionLabel(action),
    crud: kind.crud,
    outcome: kind.outcome,
    actor: { type: kind.type, id: null, name: "Name pruned", authMethod: null },
    targets: [],
    before: null,
    after: null,
    reason: `Text pruned on ${at.slice(0, 10)} under the rule: ${rule}. The hash of the entry stands and is proven.`,
    requestId: null,
    leafHash: toHex(leafHash),
    textPruned: { rule, at },
  };
}

export const checkpointOf = (checkpoint: StoredCheckpoint) => ({
  size: checkpoint.size,
  root: toHex(checkpoint.root),
  signedAt: checkpoint.signedAt.toISOString(),
  reason: checkpoint.reason,
  note: checkpoint.note,
});
