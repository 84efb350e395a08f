import { notFound } from "#lib/domain/errors.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

const PARTS = { results: { orderBy: [{ at: "asc" }, { id: "asc" }] }, findings: { orderBy: { number: "asc" } } } as const satisfies Prisma.WorkPaperInclude;
export type WorkPaperRecord = Prisma.WorkPaperGetPayload<{ include: typeof PARTS }>;
export type FindingRecord = Prisma.FindingGetPayload<object>;

export async function insertWorkPaper(db: Db, paper: Omit<Prisma.WorkPaperUncheckedCreateInput, "number">): Promise<number> {
  return (await db.workPaper.create({ data: paper, select: { number: true } })).number;
}

export async function getWorkPaper(db: Db, number: number): Promise<WorkPaperRecord> {
  const row = await db.workPaper.findUnique({ where: { number }, include: PARTS });
  if (row === null) throw notFound();
  return row;
}

export const listWorkPapers = (db: Db, limit: number): Promise<WorkPaperRecord[]> =>
  db.workPaper.findMany({ include: PARTS, orderBy: { number: "desc" }, take: limit });

export async function insertResults(db: Db, results: readonly Prisma.WorkPaperResultCreateManyInput[]): Promise<void> {
  await db.workPaperResult.createMany({ data: [...results] });
}

export async function insertFinding(db: Db, finding: Omit<Prisma.FindingUncheckedCreateInput, "number">): Promise<number> {
  return (await db.finding.create({ data: finding, select: { number: true } })).number;
}

export async function getFinding(db: Db, number: number): Promise<FindingRecord> {
  const row = await db.finding.findUnique({ where: { number } });
  if (row === null) throw notFound();
  return row;
}

/** False when it was closed already. */
export async function closeFinding(db: Db, number: number, close: { answer: string; closedBy: string; closedAt: Date }): Promise<boolean> {
  return (await db.finding.updateMany({ where: { number, state: "open" }, data: { ...close, state: "closed" } })).count === 1;
}

export const listFindings = (db: Db, limit: number): Promise<FindingRecord[]> => db.finding.findMany({ orderBy: { number: "desc" }, take: limit });

/** The numbers of the work papers with these ids. */
export async function workPaperNumbers(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.workPaper.findMany({ where: { id: { in: [...ids] } }, select: { id: true, number: true } });
  return new Map(rows.map(({ id, number }) => [id, number]));
}
