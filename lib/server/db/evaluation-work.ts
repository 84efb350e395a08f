import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

/** How long a runtime may be silent about an evaluation before another may take it. Seconds. */
export const EVALUATION_LEASE_SECONDS = 30;
/** Runtimes that may end while they carry one out before it is given up. */
export const MAX_EVALUATION_ATTEMPTS = 3;

export type LeasedEvaluation = { readonly evaluationId: string; readonly leaseToken: string };

/** Gives the oldest open evaluation that nobody works on to this boot; one whose holder went silent or started again counts as such. */
export async function leaseEvaluation(db: Db, bootId: string, leaseToken: string): Promise<LeasedEvaluation | null> {
  const rows = await db.$queryRaw<LeasedEvaluation[]>`
    UPDATE "EvaluationWork" SET "leaseToken" = ${leaseToken}::uuid, "bootId" = ${bootId}::uuid, "rowsDone" = 0, "attempts" = "attempts" + 1,
      "startedAt" = now(), "leasedUntil" = now() + ${EVALUATION_LEASE_SECONDS} * interval '1 second'
    WHERE "evaluationId" = (
      SELECT w."evaluationId" FROM "EvaluationWork" w JOIN "Evaluation" e ON e."id" = w."evaluationId"
      WHERE e."state" = 'open' AND w."attempts" < ${MAX_EVALUATION_ATTEMPTS}
        AND (w."leaseToken" IS NULL OR w."leasedUntil" < now() OR NOT EXISTS (SELECT 1 FROM "Runtime" r WHERE r."bootId" = w."bootId"))
      ORDER BY e."number" LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
    RETURNING "evaluationId"::text, "leaseToken"::text`;
  return rows[0] ?? null;
}

/** Renews a lease and notes progress; false when it is another's, or the evaluation has ended. */
export async function renewEvaluation(db: Db, at: { evaluationId: string; leaseToken: string; rowsDone: number }): Promise<boolean> {
  const renewed = await db.$executeRaw`
    UPDATE "EvaluationWork" w SET "leasedUntil" = now() + ${EVALUATION_LEASE_SECONDS} * interval '1 second', "rowsDone" = ${at.rowsDone}
    FROM "Evaluation" e WHERE e."id" = w."evaluationId" AND e."state" = 'open'
      AND w."evaluationId" = ${at.evaluationId}::uuid AND w."leaseToken" = ${at.leaseToken}::uuid`;
  return renewed === 1;
}

/** When the holder of this lease began; null for anybody else. */
export async function leaseBegan(db: Db, at: { evaluationId: string; leaseToken: string }): Promise<Date | null> {
  const row = await db.evaluationWork.findUnique({ where: { evaluationId: at.evaluationId } });
  return row?.leaseToken === at.leaseToken ? row.startedAt : null;
}

/** Whether an open evaluation waits for a runtime. */
export async function isEvaluationWaiting(db: Db): Promise<boolean> {
  const rows = await db.$queryRaw<{ waiting: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "EvaluationWork" w JOIN "Evaluation" e ON e."id" = w."evaluationId"
      WHERE e."state" = 'open' AND w."leaseToken" IS NULL) AS "waiting"`;
  return rows[0]?.waiting ?? false;
}

/** Open evaluations that ended as many runtimes as may be tried. */
export async function stuckEvaluations(db: Db): Promise<number[]> {
  const rows = await db.$queryRaw<{ number: number }[]>`
    SELECT e."number" FROM "EvaluationWork" w JOIN "Evaluation" e ON e."id" = w."evaluationId"
    WHERE e."state" = 'open' AND w."attempts" >= ${MAX_EVALUATION_ATTEMPTS}
      AND (w."leasedUntil" < now() OR NOT EXISTS (SELECT 1 FROM "Runtime" r WHERE r."bootId" = w."bootId")) LIMIT 20`;
  return rows.map(({ number }) => number);
}
