import { type BoundAll, bindAll } from "./bind.ts";
import type { TransactionClient } from "./transaction.ts";

/**
 * Reads for pages, lists and decisions outside a command. Their connections refuse writes.
 * To add one: a module of functions `(db: Prisma.TransactionClient, ...)` that answer exactly what the page shows.
 */
const modules = {} as const;

export type ReadModels = BoundAll<TransactionClient, typeof modules>;

export const readModels = (db: TransactionClient): ReadModels => bindAll(db, modules);
