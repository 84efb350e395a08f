import { z } from "zod";
import { evaluationReport, evaluationSettings, type EvaluationReport, type EvaluationSettings } from "#lib/contracts/evaluation.ts";
import { notFound } from "#lib/domain/errors.ts";
import { bumpDesiredRevision } from "./desired-state.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

export const EVALUATION_STATES = ["open", "succeeded", "failed", "cancelled"] as const;
export type EvaluationState = (typeof EVALUATION_STATES)[number];

export type EvaluationRecord = {
  readonly id: string;
  readonly number: number;
  readonly versionId: string;
  readonly dataDigest: string;
  readonly settings: EvaluationSettings;
  readonly state: EvaluationState;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly problem: string | null;
  readonly report: EvaluationReport | null;
  readonly faults: readonly string[];
  readonly rowVersion: number;
  /** How far it is. */
  readonly rowsDone: number;
  readonly isTaken: boolean;
};

const WITH_WORK = { work: { select: { rowsDone: true, leaseToken: true } } } as const;
const faults = z.array(z.string());

const toEvaluation = ({ work, ...row }: Prisma.EvaluationGetPayload<{ include: typeof WITH_WORK }>): EvaluationRecord => ({
  ...row,
  settings: evaluationSettings.parse(row.settings),
  state: z.enum(EVALUATION_STATES).parse(row.state),
  report: row.report === null ? null : evaluationReport.parse(row.report),
  faults: row.faults === null ? [] : faults.parse(row.faults),
  rowsDone: work?.rowsDone ?? 0,
  isTaken: work?.leaseToken !== null && work?.leaseToken !== undefined,
});

type NewEvaluation = { readonly id: string; readonly versionId: string; readonly dataDigest: string; readonly settings: EvaluationSettings; readonly createdById: string | null; readonly createdBy: string };

/** Puts an evaluation up for runtimes to take. Answers its number. */
export async function insertEvaluation(db: Db, evaluation: NewEvaluation, now: Date): Promise<number> {
  const { number } = await db.evaluation.create({ data: { ...evaluation, state: "open", createdAt: now } });
  await db.evaluationWork.create({ data: { evaluationId: evaluation.id } });
  await bumpDesiredRevision(db);
  return number;
}

export async function getEvaluation(db: Db, by: { id: string } | { number: number }): Promise<EvaluationRecord> {
  const row = await db.evaluation.findUnique({ where: by, include: WITH_WORK });
  if (!row) throw notFound();
  return toEvaluation(row);
}

/** Newest first. */
export async function evaluationsOf(db: Db, versionId: string, limit: number): Promise<EvaluationRecord[]> {
  const rows = await db.evaluation.findMany({ where: { versionId }, include: WITH_WORK, orderBy: { number: "desc" }, take: limit });
  return rows.map(toEvaluation);
}

export const countOpenEvaluations = (db: Db, versionId: string): Promise<number> => db.evaluation.count({ where: { versionId, state: "open" } });

type Ending = {
  readonly state: Exclude<EvaluationState, "open">;
  readonly startedAt: Date | null;
  readonly finishedAt: Date;
  readonly problem?: string;
  readonly report?: EvaluationReport;
  readonly faults?: readonly string[];
};

/** Ends an evaluation that is open; what comes after is another one. */
export async function endEvaluation(db: Db, evaluation: Pick<EvaluationRecord, "id" | "rowVersion">, { report, faults: wrong, ...ending }: Ending): Promise<void> {
  const done = await db.evaluation.updateMany({
    where: { id: evaluation.id, rowVersion: evaluation.rowVersion, state: "open" },
    data: { ...ending, ...(report === undefined ? {} : { report }), ...(wrong === undefined ? {} : { faults: [...wrong] }), rowVersion: { increment: 1 } },
  });
  expectOneRow(done, "evaluation");
  await db.evaluationWork.updateMany({ where: { evaluationId: evaluation.id }, data: { leaseToken: null, leasedUntil: null } });
}

/** Whether an evaluation names these bytes, so that they are not swept. */
export async function isEvaluationFile(db: Db, digest: string): Promise<boolean> {
  const rows = await db.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "Evaluation" WHERE "dataDigest" = ${digest} OR "settings" ->> 'training' = ${digest}) AS "found"`;
  return rows[0]?.found ?? false;
}
