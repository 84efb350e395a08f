import { appendAuditEvents } from "#lib/server/audit/append-audit-events.ts";
import type { AuditStore, AuditTransactions } from "#lib/server/audit/audit-store.ts";
import type { AuditEntry } from "../ports.ts";
import { createAuditStore } from "./audit-store.ts";
import type { PrismaClient } from "./generated/client.ts";
import type { TransactionClient } from "./transaction.ts";
import { inTransaction } from "./transaction.ts";

/** The audit store on a Prisma client or in one of its transactions. Statement texts are constants of ours; values travel as parameters. */
export function prismaAuditStore(db: TransactionClient): AuditStore {
  return createAuditStore((text, values) => db.$queryRawUnsafe(text, ...values));
}

/** The trail's append, for `prismaStore`. */
export function appendAuditEntry(
  tx: TransactionClient,
  entry: AuditEntry,
  now: Date,
): Promise<readonly bigint[]> {
  return appendAuditEvents(prismaAuditStore(tx), entry, now);
}

/** READ COMMITTED, as signing needs it; with `snapshot`, one picture for reads that must agree. */
export function auditTransactions(
  client: PrismaClient,
  options: { readonly snapshot?: boolean } = {},
): AuditTransactions {
  return (work) => inTransaction(client, (tx) => work(prismaAuditStore(tx)), options);
}
