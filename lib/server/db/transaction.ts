import { setTimeout as pause } from "node:timers/promises";
import { databaseNow } from "./clock.ts";
import { asRefusal, databaseFault } from "./database-errors.ts";
import type { Prisma, PrismaClient } from "./generated/client.ts";

export type TransactionClient = Prisma.TransactionClient;

const MAX_WAIT_MS = 10_000;
const TIMEOUT_MS = 15_000;
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 10;

type Options = {
  /** One picture of the database for several reads. Never for writes: the audit append needs READ COMMITTED. */
  readonly snapshot?: boolean;
};

/**
 * Runs `body` in one transaction and gives it the database's clock. After a deadlock or a serialisation failure the whole body runs again,
 * at most five times, so it must have no effect outside its transaction. Any other failure rolls everything back.
 */
export async function inTransaction<R>(
  client: PrismaClient,
  body: (tx: TransactionClient, now: Date) => Promise<R>,
  options: Options = {},
): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.$transaction(async (tx) => body(tx, await databaseNow(tx)), {
        maxWait: MAX_WAIT_MS,
        timeout: TIMEOUT_MS,
        isolationLevel: options.snapshot === true ? "RepeatableRead" : "ReadCommitted",
      });
    } catch (error) {
      if (databaseFault(error) !== "conflict" || attempt >= MAX_ATTEMPTS) throw asRefusal(error);
      await pause(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}
