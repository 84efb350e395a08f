import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** How long a runtime may be silent about a load test before it counts as lost. Seconds. */
export const LOAD_TEST_LEASE_SECONDS = 30;

export type LeasedLoadTest = { readonly loadTestId: string; readonly leaseToken: string };

/** Gives the oldest open load test that no runtime has had yet to this boot. One that a runtime went silent over is not tried again: the load may be why. */
export async function leaseLoadTest(db: Db, bootId: string, leaseToken: string): Promise<LeasedLoadTest | null> {
  const rows = await db.$queryRaw<LeasedLoadTest[]>`
    UPDATE "LoadTestWork" SET "leaseToken" = ${leaseToken}::uuid, "bootId" = ${bootId}::uuid,
      "startedAt" = now(), "leasedUntil" = now() + ${LOAD_TEST_LEASE_SECONDS} * interval '1 second'
    WHERE "loadTestId" = (
      SELECT w."loadTestId" FROM "LoadTestWork" w JOIN "LoadTest" t ON t."id" = w."loadTestId"
      WHERE t."state" = 'open' AND w."leaseToken" IS NULL
      ORDER BY t."number" LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
    RETURNING "loadTestId"::text, "leaseToken"::text`;
  return rows[0] ?? null;
}

/** Renews a lease and notes progress; false when it is another's, or the test has ended. */
export async function renewLoadTest(db: Db, at: { loadTestId: string; leaseToken: string; sent: number }): Promise<boolean> {
  const renewed = await db.$executeRaw`
    UPDATE "LoadTestWork" w SET "leasedUntil" = now() + ${LOAD_TEST_LEASE_SECONDS} * interval '1 second', "sent" = ${at.sent}
    FROM "LoadTest" t WHERE t."id" = w."loadTestId" AND t."state" = 'open'
      AND w."loadTestId" = ${at.loadTestId}::uuid AND w."leaseToken" = ${at.leaseToken}::uuid`;
  return renewed === 1;
}

/** When the holder of this lease began; null for anybody else. */
export async function leaseBegan(db: Db, at: { loadTestId: string; leaseToken: string }): Promise<Date | null> {
  const row = await db.loadTestWork.findUnique({ where: { loadTestId: at.loadTestId } });
  return row?.leaseToken === at.leaseToken ? row.startedAt : null;
}

/** Whether an open load test waits for a runtime. */
export async function isLoadTestWaiting(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<{ waiting: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "LoadTestWork" w JOIN "LoadTest" t ON t."id" = w."loadTestId"
      WHERE t."state" = 'open' AND w."leaseToken" IS NULL) AS "waiting"`;
  return rows[0]?.waiting ?? false;
}

/** Open load tests whose runtime went silent or started again. */
export async function lostLoadTests(db: Db): Promise<number[]> {
  const rows = await db.$queryRaw<{ number: number }[]>`
    SELECT t."number" FROM "LoadTestWork" w JOIN "LoadTest" t ON t."id" = w."loadTestId"
    WHERE t."state" = 'open' AND w."leaseToken" IS NOT NULL
      AND (w."leasedUntil" < now() OR NOT EXISTS (SELECT 1 FROM "Runtime" r WHERE r."bootId" = w."bootId")) LIMIT 20`;
  return rows.map(({ number }) => number);
}
