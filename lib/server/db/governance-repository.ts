import type { ChangeEnvelope } from "#lib/domain/governance/envelope/types.ts";
import type { ActClass, Answers } from "#lib/domain/governance/frameworks/profile.ts";
import type { ControlDecision } from "#lib/domain/governance/frameworks/derive-control.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

const json = (value: unknown): Prisma.InputJsonValue => JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;

export type ClassificationRecord = {
  readonly id: string;
  readonly modelId: string;
  readonly answers: Answers;
  readonly actClass: ActClass;
  readonly because: readonly string[];
  readonly rationale: string;
  readonly catalogueVersion: string;
  readonly modelDigest: string;
  readonly decidedById: string;
  readonly decidedByName: string;
  readonly decidedAt: Date;
};

type ClassificationRow = Prisma.ModelClassificationGetPayload<object>;
// Written by insertClassification from values that were parsed at the edge, and by nothing else.
const toClassification = (row: ClassificationRow): ClassificationRecord => ({ ...row, answers: row.answers as unknown as Answers, actClass: row.actClass as ActClass });

export async function insertClassification(db: Db, record: Omit<ClassificationRecord, "decidedAt">): Promise<void> {
  await db.modelClassification.create({ data: { ...record, because: [...record.because], answers: json(record.answers) } });
}

/** All classifications of a model, newest first; the first is in force. */
export async function classificationsOf(db: Db, modelId: string): Promise<ClassificationRecord[]> {
  const rows = await db.modelClassification.findMany({ where: { modelId }, orderBy: [{ decidedAt: "desc" }, { id: "desc" }] });
  return rows.map(toClassification);
}

export async function classificationInForce(db: Db, modelId: string): Promise<ClassificationRecord | null> {
  const row = await db.modelClassification.findFirst({ where: { modelId }, orderBy: [{ decidedAt: "desc" }, { id: "desc" }] });
  return row ? toClassification(row) : null;
}

export type Responsibility = { readonly area: string; readonly party: string };
export type DeliveryRecord = {
  readonly id: string;
  readonly modelId: string;
  readonly kind: "internal" | "third_party" | "hybrid";
  readonly client: string | null;
  readonly provider: string | null;
  readonly custodian: string;
  readonly responsibilities: readonly Responsibility[];
  readonly recordedById: string;
  readonly recordedByName: string;
  readonly recordedAt: Date;
};

export async function insertDelivery(db: Db, record: Omit<DeliveryRecord, "recordedAt">): Promise<void> {
  await db.deliveryContext.create({ data: { ...record, responsibilities: json(record.responsibilities) } });
}

export async function deliveryInForce(db: Db, modelId: string): Promise<DeliveryRecord | null> {
  const row = await db.deliveryContext.findFirst({ where: { modelId }, orderBy: [{ recordedAt: "desc" }, { id: "desc" }] });
  if (row === null) return null;
  return { ...row, kind: row.kind as DeliveryRecord["kind"], responsibilities: row.responsibilities as unknown as readonly Responsibility[] };
}

export type DecisionOnControl = Omit<ControlDecision, "signedAtMs" | "untilMs"> & {
  readonly modelId: string;
  readonly signedById: string;
  readonly signedAt: Date;
  readonly expiresAt: Date;
};

export async function insertControlDecision(db: Db, decision: Omit<DecisionOnControl, "signedAt">): Promise<void> {
  await db.controlDecision.create({ data: decision });
}

/** Signed words on controls of a model that are in force at this moment. */
export async function controlDecisions(db: Db, modelId: string, now: Date): Promise<DecisionOnControl[]> {
  const rows = await db.controlDecision.findMany({ where: { modelId, revokedAt: null, expiresAt: { gt: now } }, orderBy: { signedAt: "asc" } });
  return rows.map((row) => ({ ...row, decision: row.decision as ControlDecision["decision"] }));
}

export type EnvelopeRecord = {
  readonly id: string;
  readonly modelId: string;
  readonly planVersion: string;
  readonly status: string;
  readonly document: ChangeEnvelope;
  readonly digest: string;
  readonly registeredById: string;
  readonly registeredByName: string;
  readonly registeredAt: Date;
};

export async function insertEnvelope(db: Db, record: Omit<EnvelopeRecord, "registeredAt">): Promise<void> {
  await db.changeEnvelope.create({ data: { ...record, document: json(record.document) } });
}

export async function envelopeInForce(db: Db, modelId: string): Promise<EnvelopeRecord | null> {
  const row = await db.changeEnvelope.findFirst({ where: { modelId }, orderBy: [{ registeredAt: "desc" }, { id: "desc" }] });
  return row ? { ...row, document: row.document as unknown as ChangeEnvelope } : null;
}

export type CatalogueRecord = {
  readonly id: string;
  readonly version: string;
  readonly digest: string;
  readonly reason: string;
  readonly chosenById: string | null;
  readonly chosenByName: string;
  readonly chosenAt: Date;
};

export async function insertCatalogueChoice(db: Db, choice: Omit<CatalogueRecord, "chosenAt">): Promise<void> {
  await db.catalogueChoice.create({ data: choice });
}

/** Newest first; none means that nobody has chosen and the newest shipped one counts. */
export async function catalogueChoices(db: Db, limit: number): Promise<CatalogueRecord[]> {
  return db.catalogueChoice.findMany({ orderBy: [{ chosenAt: "desc" }, { id: "desc" }], take: limit });
}

export async function pinCatalogue(db: Db, pin: { releaseId: string; version: string; digest: string }): Promise<void> {
  await db.releaseCatalogue.create({ data: pin });
}

export async function pinnedCatalogue(db: Db, releaseId: string): Promise<{ version: string; digest: string; pinnedAt: Date } | null> {
  return db.releaseCatalogue.findUnique({ where: { releaseId }, omit: { releaseId: true } });
}

export type FirstInferenceRecord = {
  readonly versionId: string;
  readonly endpointId: string;
  readonly modelId: string;
  readonly environmentId: string;
  readonly arm: string;
  readonly at: Date;
};

/** True when this was news. */
export async function insertFirstInference(db: Db, record: FirstInferenceRecord): Promise<boolean> {
  const inserted = await db.$executeRaw`
    INSERT INTO "FirstInference" ("versionId", "endpointId", "modelId", "environmentId", "arm", "at")
    VALUES (${record.versionId}::uuid, ${record.endpointId}::uuid, ${record.modelId}::uuid, ${record.environmentId}::uuid, ${record.arm}, ${record.at})
    ON CONFLICT DO NOTHING`;
  return inserted === 1;
}

export async function firstInferences(db: Db, where: { modelId: string } | { versionId: string } | Record<string, never>): Promise<FirstInferenceRecord[]> {
  return db.firstInference.findMany({ where, omit: { recordedAt: true }, orderBy: { at: "asc" }, take: 10_000 });
}

/** Versions that have answered a caller on an endpoint and are not in the record yet, with the window that counted first. */
export async function unrecordedFirstInferences(db: Db): Promise<FirstInferenceRecord[]> {
  return db.$queryRaw<FirstInferenceRecord[]>`
    SELECT DISTINCT ON (w."versionId", w."endpointId") w."versionId"::text, w."endpointId"::text, e."modelId"::text, e."environmentId"::text, w."arm", w."windowStart" AS "at"
    FROM "Deployment" d JOIN "Endpoint" e ON e."id" = d."endpointId"
      JOIN "MetricWindow" w ON w."endpointId" = d."endpointId" AND w."versionId" = d."versionId" AND w."windowStart" >= d."startedAt" - interval '1 minute'
    WHERE w."requests" > 0 AND w."arm" IN ('stable', 'candidate') AND w."windowStart" > now() - interval '7 days'
      AND (d."endedAt" IS NULL OR d."endedAt" > now() - interval '7 days')
      AND NOT EXISTS (SELECT 1 FROM "FirstInference" f WHERE f."versionId" = d."versionId" AND f."endpointId" = d."endpointId")
    ORDER BY w."versionId", w."endpointId", w."windowStart"
    LIMIT 100`;
}

export async function insertDocument(
  db: Db,
  document: { digest: string; mediaType: string; fileName: string; bytes: Uint8Array; uploadedById: string },
): Promise<void> {
  const { digest, mediaType, fileName, bytes, uploadedById } = document;
  await db.$executeRaw`
    INSERT INTO "EvidenceDocument" ("digest", "mediaType", "fileName", "sizeBytes", "bytes", "uploadedById")
    VALUES (${digest}, ${mediaType}, ${fileName}, ${bytes.byteLength}, ${Buffer.from(bytes)}, ${uploadedById}::uuid) ON CONFLICT DO NOTHING`;
}

export async function findDocument(db: Db, digest: string): Promise<{ mediaType: string; fileName: string; bytes: Uint8Array } | null> {
  return db.evidenceDocument.findUnique({ where: { digest }, select: { mediaType: true, fileName: true, bytes: true } });
}
