import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/**
 * Takes or renews a lease; answers its fencing token, or null while another holder's lease runs.
 * The token rises whenever the holder changes or had let it run out. Times are the database's.
 */
export async function holdLease(db: Db, name: string, holder: string, seconds: number): Promise<bigint | null> {
  const rows = await db.$queryRaw<{ token: bigint }[]>`
    INSERT INTO "Lease" AS l ("name", "holder", "token", "expiresAt")
    VALUES (${name}, ${holder}, 1, now() + ${seconds} * interval '1 second')
    ON CONFLICT ("name") DO UPDATE SET
      "holder" = excluded."holder",
      "token" = l."token" + CASE WHEN l."holder" <> excluded."holder" OR l."expiresAt" < now() THEN 1 ELSE 0 END,
      "expiresAt" = excluded."expiresAt"
    WHERE l."holder" = excluded."holder" OR l."expiresAt" < now()
    RETURNING l."token"`;
  return rows[0]?.token ?? null;
}

/** Lets go at once, so that another replica need not wait for the lease to run out. */
export async function releaseLease(db: Db, name: string, holder: string): Promise<void> {
  await db.$executeRaw`UPDATE "Lease" SET "expiresAt" = now() - interval '1 second' WHERE "name" = ${name} AND "holder" = ${holder}`;
}

/** True while this holder's token is the newest: asked inside the transaction that acts, it fences off a stale leader. */
export async function isFenced(db: Db, name: string, holder: string, token: bigint): Promise<boolean> {
  const row = await db.lease.findUnique({ where: { name } });
  return row === null || row.holder !== holder || row.token !== token;
}
