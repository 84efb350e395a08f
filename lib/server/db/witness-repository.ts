import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type WitnessStanding = Prisma.AuditWitnessGetPayload<object>;

/** Attempts kept of each witness. */
const KEPT = 500;

/** Every witness that was ever configured, by name. */
export const witnessStandings = (db: Db): Promise<WitnessStanding[]> => db.auditWitness.findMany({ orderBy: { name: "asc" } });

/** The newest attempts of all witnesses, newest first. */
export const witnessDeliveries = (db: Db, limit: number) => db.auditWitnessDelivery.findMany({ orderBy: [{ at: "desc" }, { id: "desc" }], take: limit });

/** A witness that is new here begins at `from`; one whose place was changed keeps its standing. */
export async function nameWitness(db: Db, witness: { readonly name: string; readonly kind: string; readonly place: string }, from: number): Promise<void> {
  const { name, ...rest } = witness;
  await db.auditWitness.upsert({ where: { name }, create: { ...witness, deliveredSize: BigInt(from) }, update: rest });
}

/** Takes a witness for this replica, if it is due and nobody else has it; answers what it has, or null. */
export async function claimWitness(db: Db, name: string, seconds: number): Promise<WitnessStanding | null> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    UPDATE "AuditWitness" SET "claimedUntil" = clock_timestamp() + make_interval(secs => ${seconds})
    WHERE "name" = ${name} AND ("claimedUntil" IS NULL OR "claimedUntil" < clock_timestamp()) AND ("retryAt" IS NULL OR "retryAt" <= clock_timestamp())
    RETURNING "name"`;
  return rows.length === 0 ? null : db.auditWitness.findUnique({ where: { name } });
}

export async function releaseWitness(db: Db, name: string): Promise<void> {
  await db.auditWitness.update({ where: { name }, data: { claimedUntil: null } });
}

export type WitnessAttempt = { readonly id: string; readonly witness: string; readonly size: number; readonly reason: string; readonly tookMs: number; readonly problem: string | null };

/** Writes an attempt into the log and moves the standing; the oldest attempts go. `retrySeconds` counts where it failed. */
export async function recordWitnessAttempt(db: Db, attempt: WitnessAttempt, retrySeconds: (failures: number) => number, now: Date): Promise<void> {
  const { witness: name, problem } = attempt;
  const size = BigInt(attempt.size);
  await db.auditWitnessDelivery.create({ data: { ...attempt, size, at: now } });
  const { failures } = await db.auditWitness.findUniqueOrThrow({ where: { name } });
  await db.auditWitness.update({
    where: { name },
    data:
      problem === null
        ? { deliveredSize: size, deliveredAt: now, failures: 0, lastProblem: null, retryAt: null }
        : { failures: failures + 1, lastProblem: problem, retryAt: new Date(now.getTime() + retrySeconds(failures) * 1000) },
  });
  await db.$executeRaw`
    DELETE FROM "AuditWitnessDelivery" WHERE "witness" = ${name} AND "at" < (
      SELECT min(k."at") FROM (SELECT "at" FROM "AuditWitnessDelivery" WHERE "witness" = ${name} ORDER BY "at" DESC LIMIT ${KEPT}) k)`;
}

export async function recordWitnessAnswer(db: Db, name: string, answer: { readonly verdict: string; readonly heldSize: number | null; readonly message: string }, now: Date): Promise<void> {
  await db.auditWitness.update({ where: { name }, data: { ...answer, heldSize: answer.heldSize === null ? null : BigInt(answer.heldSize), askedAt: now } });
}
