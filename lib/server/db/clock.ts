import type { Prisma } from "./generated/client.ts";

/** Time at which the current transaction (or, outside one, this statement) began, by the database clock. */
export async function databaseNow(db: Prisma.TransactionClient): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT now() AS "now"`;
  if (row === undefined) throw new Error("The database did not tell the time.");
  return row.now;
}
