import type { RecordClass } from "#lib/domain/governance/retention/record-classes.ts";
import { RECORD_CLASSES } from "#lib/domain/governance/retention/record-classes.ts";
import type { AuditStore, Pruned } from "../audit/audit-store.ts";
import type { Prisma } from "./generated/client.ts";
import { prismaAuditStore } from "./prisma-audit-store.ts";

type Db = Prisma.TransactionClient;

export type RetentionRuleRecord = {
  readonly recordClass: RecordClass;
  readonly days: number;
  readonly reason: string;
  readonly setByName: string;
  readonly setAt: Date;
};

const recordClassOf = (name: string): RecordClass | null => RECORD_CLASSES.find((one) => one === name) ?? null;

/** The rule in force of each class that has one. */
export async function retentionRules(db: Db): Promise<RetentionRuleRecord[]> {
  const rows = await db.retentionRule.findMany({ distinct: ["recordClass"], orderBy: [{ recordClass: "asc" }, { setAt: "desc" }, { id: "desc" }] });
  return rows.flatMap(({ recordClass, days, reason, setByName, setAt }) => {
    const known = recordClassOf(recordClass);
    return known === null ? [] : [{ recordClass: known, days, reason, setByName, setAt }];
  });
}

export async function insertRetentionRule(db: Db, rule: { id: string; recordClass: string; days: number; reason: string; setById: string; setByName: string }): Promise<void> {
  await db.retentionRule.create({ data: rule });
}

export type LegalHoldRecord = {
  readonly id: string;
  readonly name: string;
  readonly recordClass: RecordClass | null;
  readonly modelId: string | null;
  readonly modelName: string | null;
  readonly reason: string;
  readonly placedByName: string;
  readonly placedAt: Date;
  readonly liftedByName: string | null;
  readonly liftedAt: Date | null;
  readonly liftReason: string | null;
};

/** Newest first; with `inForce` only those nobody has lifted. */
export async function legalHolds(db: Db, filter: { readonly inForce?: boolean } = {}): Promise<LegalHoldRecord[]> {
  const rows = await db.legalHold.findMany({ where: filter.inForce === true ? { liftedAt: null } : {}, include: { model: { select: { name: true } } }, orderBy: { placedAt: "desc" }, take: 500 });
  return rows.map(({ model, recordClass, ...row }) => ({ ...row, recordClass: recordClass === null ? null : recordClassOf(recordClass), modelName: model?.name ?? null }));
}

export async function insertLegalHold(
  db: Db,
  hold: { id: string; name: string; recordClass: string | null; modelId: string | null; reason: string; placedById: string; placedByName: string },
): Promise<void> {
  await db.legalHold.create({ data: hold });
}

/** False when somebody was faster. */
export async function liftLegalHold(db: Db, id: string, lift: { liftedByName: string; liftedAt: Date; liftReason: string }): Promise<boolean> {
  return (await db.legalHold.updateMany({ where: { id, liftedAt: null }, data: lift })).count === 1;
}

export const findLegalHold = (db: Db, id: string) => db.legalHold.findUnique({ where: { id } });

/** When the oldest record of each class that is still there was made; null for none. */
export async function oldestRecords(db: Db): Promise<Readonly<Record<RecordClass, Date | null>>> {
  const [row] = await db.$queryRaw<Record<"trail" | "evidence" | "hourly" | "daily", Date | null>[]>`
    SELECT (SELECT min("occurredAt") FROM "AuditEvent") AS "trail", (SELECT min("producedAt") FROM "Evidence") AS "evidence",
      (SELECT min("periodStart") FROM "MetricRollup" WHERE "grainSeconds" = 3600) AS "hourly",
      (SELECT min("periodStart") FROM "MetricRollup" WHERE "grainSeconds" = 86400) AS "daily"`;
  return { audit_trail: row?.trail ?? null, evidence: row?.evidence ?? null, hourly_counts: row?.hourly ?? null, daily_counts: row?.daily ?? null };
}

/** Classification in force of every model that has one, with what of the model matters to a floor. */
export async function classifiedModels(db: Db): Promise<{ actClass: string; answers: unknown; sector: string | null; jurisdictions: string[] }[]> {
  return db.$queryRaw`
    SELECT DISTINCT ON (c."modelId") c."actClass", c."answers", m."sector", m."jurisdictions"
    FROM "ModelClassification" c JOIN "Model" m ON m."id" = c."modelId" ORDER BY c."modelId", c."decidedAt" DESC, c."id" DESC`;
}

const PRUNINGS_SHOWN = 50;

/** Prunes texts of the audit trail in this transaction; the database itself checks age, floor, checkpoint and holds. */
export const pruneTexts = (db: Db, terms: Parameters<AuditStore["prune"]>[0]): Promise<Pruned | null> => prismaAuditStore(db).prune(terms);

/** How many texts are past their time and may go: what `audit_prune` would take. */
export async function prunableTexts(db: Db, days: number, kept: readonly string[]): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(*)::bigint AS "count" FROM "AuditEvent" e
    WHERE e."pruningId" IS NULL AND e."occurredAt" < now() - make_interval(days => ${days}::int)
      AND e."action" <> ALL (${[...kept]}::text[]) AND e."action" NOT LIKE 'audit.%'
      AND e."seq" < (SELECT max(c."size") FROM "AuditCheckpoint" c) AND e."seq" < (SELECT h."size" - 1 FROM "AuditHead" h WHERE h."id" = 1)`;
  return Number(row?.count ?? 0n);
}

/** Acts of pruning, newest first. */
export async function prunings(db: Db): Promise<{ id: string; fromSeq: number; toSeq: number; texts: number; rule: string; prunedAt: Date }[]> {
  const rows = await db.auditPruning.findMany({ orderBy: { prunedAt: "desc" }, take: PRUNINGS_SHOWN });
  return rows.map(({ id, fromSeq, toSeq, texts, rule, prunedAt }) => ({ id, fromSeq: Number(fromSeq), toSeq: Number(toSeq), texts, rule, prunedAt }));
}
