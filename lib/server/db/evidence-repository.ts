import { z } from "zod";
import { evidenceKind } from "#lib/contracts/environment-policy.ts";
import type { EvidenceKind } from "#lib/contracts/environment-policy.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type EvidenceRecord = {
  readonly id: string;
  readonly kind: EvidenceKind;
  readonly subjectType: "version" | "release" | "endpoint" | "environment";
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
};

const facts = z.object({
  kind: evidenceKind,
  subjectType: z.enum(["version", "release", "endpoint", "environment"]),
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

export type WaiverRecord = {
  readonly id: string;
  readonly requirement: string;
  readonly reason: string;
  readonly signedById: string;
  readonly signedAt: Date;
  readonly expiresAt: Date;
};

/** Waivers of an environment that are in force at this moment. */
export async function waiversInForce(db: Db, environmentId: string, now: Date): Promise<WaiverRecord[]> {
  return db.waiver.findMany({
    where: { environmentId, revokedAt: null, expiresAt: { gt: now } },
    orderBy: { signedAt: "asc" },
  });
}

export async function insertWaiver(
  db: Db,
  waiver: { id: string; environmentId: string; requirement: string; reason: string; signedById: string; expiresAt: Date },
): Promise<void> {
  await db.waiver.create({ data: waiver });
}
