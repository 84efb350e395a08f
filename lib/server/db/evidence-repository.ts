import { z } from "zod";
import { evidenceKind } from "#lib/contracts/environment-policy.ts";
import { SUBJECT_TYPES, type SubjectType } from "#lib/domain/governance/evidence/kind.ts";
import type { Fact } from "#lib/domain/governance/evidence/standing.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type EvidenceRecord = {
  readonly id: string;
  readonly kind: string;
  readonly subjectType: SubjectType;
  readonly subjectId: string;
  readonly subjectDigest: string;
  readonly verdict: "passed" | "failed" | "noted";
  /** One sentence with the figures. */
  readonly summary: string;
  readonly details: JsonObject;
  readonly producer: string;
  readonly producerVersion: string;
  /** sha256 of what it was made from. */
  readonly inputsHash: string;
  readonly producedAt: Date;
  readonly expiresAt: Date | null;
  /** Who signed it, where a person did; and the document it rests on. */
  readonly recordedById?: string | null;
  readonly documentDigest?: string | null;
};

const facts = z.object({
  kind: evidenceKind,
  subjectType: z.enum(SUBJECT_TYPES),
  verdict: z.enum(["passed", "failed", "noted"]),
});

export const toEvidence = (row: Prisma.EvidenceGetPayload<object>): EvidenceRecord => ({
  ...row,
  ...facts.parse(row),
  details: row.details as JsonObject,
});

/** `kind`: any id of the catalogue. */
export async function insertEvidence(db: Db, evidence: Omit<EvidenceRecord, "producedAt" | "kind"> & { readonly kind: string }): Promise<void> {
  await db.evidence.create({ data: { ...evidence, details: evidence.details as Prisma.InputJsonObject } });
}

/** All evidence about a subject, newest first. The newest of a kind is the one that counts. */
export async function evidenceOf(
  db: Db,
  subjectType: EvidenceRecord["subjectType"],
  subjectId: string,
): Promise<EvidenceRecord[]> {
  const rows = await db.evidence.findMany({
    where: { subjectType, subjectId },
    orderBy: [{ producedAt: "desc" }, { id: "desc" }],
  });
  return rows.map(toEvidence);
}

/** What was last written down about an endpoint, of any kind, newest first. */
export async function endpointEvidence(
  db: Db,
  endpointId: string,
  kinds: readonly string[],
): Promise<Pick<Prisma.EvidenceGetPayload<object>, "kind" | "verdict" | "summary" | "details" | "subjectDigest" | "producedAt">[]> {
  return db.evidence.findMany({
    where: { subjectType: "endpoint", subjectId: endpointId, kind: { in: [...kinds] } },
    orderBy: { producedAt: "desc" },
    take: 200,
    select: { kind: true, verdict: true, summary: true, details: true, subjectDigest: true, producedAt: true },
  });
}

export const toFact = (record: EvidenceRecord): Fact => ({
  id: record.id,
  kind: record.kind,
  subjectType: record.subjectType,
  subjectId: record.subjectId,
  subjectDigest: record.subjectDigest,
  verdict: record.verdict,
  summary: record.summary,
  details: record.details,
  producer: record.producer,
  producedAtMs: record.producedAt.getTime(),
  expiresAtMs: record.expiresAt?.getTime() ?? null,
});

/** Of each subject, kind and digest the newest fact: all that a derivation looks at. */
export async function newestAbout(db: Db, subjectIds: readonly string[]): Promise<EvidenceRecord[]> {
  if (subjectIds.length === 0) return [];
  const rows = await db.$queryRaw<Prisma.EvidenceGetPayload<object>[]>`
    SELECT DISTINCT ON ("subjectId", "kind", "subjectDigest") * FROM "Evidence"
    WHERE "subjectId" = ANY(${[...new Set(subjectIds)]}::uuid[])
    ORDER BY "subjectId", "kind", "subjectDigest", "producedAt" DESC, "id" DESC`;
  return rows.map(toEvidence);
}

export type EvidenceFilter = {
  readonly kind?: string | undefined;
  readonly subjectType?: SubjectType | undefined;
  readonly subjectId?: string | undefined;
  readonly verdict?: EvidenceRecord["verdict"] | undefined;
};

/** One page, newest first; `before` is the last row of the page before. */
export async function listEvidence(
  db: Db,
  filter: EvidenceFilter,
  limit: number,
  before: { readonly producedAt: Date; readonly id: string } | null,
): Promise<EvidenceRecord[]> {
  const { kind, subjectType, subjectId, verdict } = filter;
  const rows = await db.evidence.findMany({
    where: {
      ...(kind === undefined ? {} : { kind }),
      ...(subjectType === undefined ? {} : { subjectType }),
      ...(subjectId === undefined ? {} : { subjectId }),
      ...(verdict === undefined ? {} : { verdict }),
      ...(before === null ? {} : { OR: [{ producedAt: { lt: before.producedAt } }, { producedAt: before.producedAt, id: { lt: before.id } }] }),
    },
    orderBy: [{ producedAt: "desc" }, { id: "desc" }],
    take: limit,
  });
  return rows.map(toEvidence);
}

export async function findEvidence(db: Db, id: string): Promise<EvidenceRecord | null> {
  const row = await db.evidence.findUnique({ where: { id } });
  return row ? toEvidence(row) : null;
}

export type WaiverRecord = {
  readonly id: string;
  readonly requirement: string;
  readonly reason: string;
  readonly signedById: string;
  readonly signedName: string;
  readonly signedAt: Date;
  readonly expiresAt: Date;
};

/** Waivers of an environment that are in force at this moment. */
export async function waiversInForce(db: Db, environmentId: string, now: Date): Promise<WaiverRecord[]> {
  return db.$queryRaw<WaiverRecord[]>`
    SELECT w."id"::text, w."requirement", w."reason", w."signedById"::text, coalesce(u."name", 'Unknown person') AS "signedName", w."signedAt", w."expiresAt"
    FROM "Waiver" w LEFT JOIN "User" u ON u."id" = w."signedById"
    WHERE w."environmentId" = ${environmentId}::uuid AND w."revokedAt" IS NULL AND w."expiresAt" > ${now}
    ORDER BY w."signedAt"`;
}

export async function insertWaiver(
  db: Db,
  waiver: { id: string; environmentId: string; requirement: string; reason: string; signedById: string; expiresAt: Date },
): Promise<void> {
  await db.waiver.create({ data: waiver });
}
