import type { AuditEntry } from "../ports.ts";
import type { Store } from "../store.ts";
import type { PrismaClient } from "./generated/client.ts";
import { publishTopics } from "./notifications.ts";
import { readModels } from "./read-models.ts";
import { type TransactionClient, inTransaction } from "./transaction.ts";
import { telemetryOf, unitOfWork } from "./unit-of-work.ts";

type AppendAudit = (tx: TransactionClient, entry: AuditEntry, now: Date) => Promise<readonly bigint[]>;

/** The one implementation of `Store`: a writing pool, a pool on which the server refuses writes, and the audit trail's append. */
export function prismaStore(writer: PrismaClient, reader: PrismaClient, appendAudit: AppendAudit): Store {
  return {
    write: (body) =>
      inTransaction(writer, (tx, now) =>
        body({
          uow: unitOfWork(tx),
          now,
          appendAudit: (entry) => appendAudit(tx, entry, now),
          publish: (topics) => publishTopics(tx, topics),
        }),
      ),
    telemetry: (body) =>
      inTransaction(writer, (tx, now) => body(telemetryOf(tx), now, (topics) => publishTopics(tx, topics))),
    read: async (body) => body(readModels(reader)),
    readSnapshot: (body) => inTransaction(reader, (tx, now) => body(readModels(tx), now), { snapshot: true }),
  };
}
