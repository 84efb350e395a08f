import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { auditActionLabel } from "#lib/domain/audit/actions.ts";
import { toHex } from "#lib/domain/audit/bytes.ts";
import { parseLeaf } from "#lib/domain/audit/leaf.ts";
import type { StoredCheckpoint, StoredLeaf } from "./audit-store.ts";

/** An entry as pages and programs see it. The stored bytes are the truth; this is only their reading. */
export function eventView(stored: StoredLeaf): AuditEventView {
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

export const checkpointOf = (checkpoint: StoredCheckpoint) => ({
  size: checkpoint.size,
  root: toHex(checkpoint.root),
  signedAt: checkpoint.signedAt.toISOString(),
  reason: checkpoint.reason,
  note: checkpoint.note,
});
