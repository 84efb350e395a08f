import type { Prisma } from "./generated/client.ts";

/** Time at which the current transaction (or, outside one, this statement) began, by the database clock. */
export async function databaseNow(db: Prisma.TransactionClient): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT now() AS "now"`;
  if (row === undefined) throw new Error("The database did not tell the time.");
  return row.now;
}

/** Whether the connected role is another than the one that owns the audit tables: then the log is protected by rights too. */
export async function rolesSeparated(db: Prisma.TransactionClient): Promise<boolean> {
  const [row] = await db.$queryRaw<{ owns: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'AuditEvent' AND pg_has_role(c.relowner, 'MEMBER')) AS "owns"`;
  return row?.owns === false;
}
