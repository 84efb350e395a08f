import { buildLeaf } from "#lib/domain/audit/leaf.ts";
import { newId } from "../new-id.ts";
import type { AuditEntry } from "../ports.ts";
import type { AuditStore } from "./audit-store.ts";
import { sha256 } from "./sha256.ts";

/**
 * Appends the entries of one transaction, in order, as its last statement: it takes the lock that orders the whole trail.
 * Answers their sequence numbers. Rejects with CanonicalJsonError when a draft holds what JSON cannot, and the transaction must then fall.
 */
export async function appendAuditEvents(
  store: Pick<AuditStore, "append">,
  entry: AuditEntry,
  now: Date,
): Promise<readonly bigint[]> {
  const texts = entry.drafts.map((draft) => {
    const keyed = {
      ...draft,
      idempotencyKey: draft.idempotencyKey ?? entry.context.idempotencyKey,
    };
    const { text } = buildLeaf(keyed, {
      id: newId(now.getTime()),
      occurredAt: now,
      actor: entry.actor,
      context: entry.context,
      hash: sha256,
    });
    return text;
  });
  const first = await store.append(texts, entry.forceCheckpoint);
  return texts.map((_, index) => BigInt(first + index));
}
