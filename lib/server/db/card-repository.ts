import { z } from "zod";
import type { Claim } from "#lib/domain/card/contradictions.ts";
import type { CardFactGroup } from "#lib/domain/card/facts.ts";
import { isSectionName, type Sections } from "#lib/domain/card/sections.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

const written = z.object({
  text: z.string(),
  by: z.string(),
  personId: z.string(),
  at: z.string(),
  origin: z.enum(["typed", "imported"]),
});
const claims = z.array(z.object({ metric: z.string(), value: z.number(), slice: z.string().nullable(), source: z.string() }));
const states = ["draft", "published", "replaced"] as const;

const WITH_SIGNATURES = { signatures: { orderBy: { signedAt: "asc" } } } as const satisfies Prisma.CardRevisionInclude;
type Row = Prisma.CardRevisionGetPayload<{ include: typeof WITH_SIGNATURES }>;

const toRevision = (row: Row) => ({
  ...row,
  state: z.enum(states).parse(row.state),
  sections: sectionsOf(row.sections),
  claims: claims.parse(row.claims) as readonly Claim[],
  // Written by publishCard from the same type and by nothing else.
  facts: row.facts as unknown as readonly CardFactGroup[] | null,
});
export type CardRevisionRecord = ReturnType<typeof toRevision>;
export type CardSignatureRecord = CardRevisionRecord["signatures"][number];

const sectionsOf = (json: unknown): Sections =>
  Object.fromEntries(Object.entries(z.record(z.string(), written).parse(json)).filter(([name]) => isSectionName(name)));

const json = (value: unknown): Prisma.InputJsonValue => JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;

/** All revisions of a version's card, newest first. */
export async function cardRevisions(db: Db, versionId: string): Promise<CardRevisionRecord[]> {
  const rows = await db.cardRevision.findMany({ where: { versionId }, include: WITH_SIGNATURES, orderBy: { number: "desc" } });
  return rows.map(toRevision);
}

/** The same, with the draft locked until the transaction ends. */
export async function lockCard(db: Db, versionId: string): Promise<CardRevisionRecord[]> {
  await db.$executeRaw`SELECT 1 FROM "CardRevision" WHERE "versionId" = ${versionId}::uuid ORDER BY "number" FOR UPDATE`;
  return cardRevisions(db, versionId);
}

export async function insertCardRevision(
  db: Db,
  revision: { id: string; versionId: string; number: number; sections: Sections; claims: readonly Claim[]; createdBy: string },
): Promise<void> {
  await db.cardRevision.create({ data: { ...revision, state: "draft", sections: json(revision.sections), claims: json(revision.claims) } });
}

/** The next value of a revision, if nobody was faster. */
export async function saveCardRevision(
  db: Db,
  record: CardRevisionRecord,
  change: {
    readonly sections?: Sections;
    readonly claims?: readonly Claim[];
    readonly state?: (typeof states)[number];
    readonly facts?: readonly CardFactGroup[];
    readonly digest?: string;
    readonly publishedAt?: Date;
    readonly publishedBy?: string;
  },
): Promise<void> {
  const { sections, claims: claimed, facts, ...plain } = change;
  expectOneRow(
    await db.cardRevision.updateMany({
      where: { id: record.id, rowVersion: record.rowVersion },
      data: {
        ...plain,
        ...(sections === undefined ? {} : { sections: json(sections) }),
        ...(claimed === undefined ? {} : { claims: json(claimed) }),
        ...(facts === undefined ? {} : { facts: json(facts) }),
        rowVersion: { increment: 1 },
      },
    }),
    "model card",
  );
}

export async function insertCardSignature(
  db: Db,
  signature: { id: string; revisionId: string; userId: string; personId: string; signedName: string; meaning: string; reason: string; digest: string; method: string },
): Promise<void> {
  await db.cardSignature.create({ data: signature });
}

/** Voids the signatures of a revision that still count; answers whose they were. They stay, struck through. */
export async function voidCardSignatures(db: Db, revisionId: string, voidReason: string, now: Date): Promise<string[]> {
  const standing = await db.cardSignature.findMany({ where: { revisionId, voidedAt: null }, select: { signedName: true } });
  await db.cardSignature.updateMany({ where: { revisionId, voidedAt: null }, data: { voidedAt: now, voidReason } });
  return standing.map(({ signedName }) => signedName);
}

/** Signatures on releases of this version, for the card's approvals. */
export async function approvalsOfVersion(db: Db, versionId: string) {
  return db.approval.findMany({
    where: { release: { candidateVersionId: versionId }, decision: "approved" },
    select: { id: true, signedName: true, role: true, meaning: true, signedAt: true, voidedAt: true, release: { select: { number: true } } },
    orderBy: { signedAt: "asc" },
    take: 50,
  });
}

/** Sums of the windows of a version since a moment, by endpoint. */
export async function trafficOfVersion(db: Db, versionId: string, since: Date) {
  const sums = await db.metricWindow.groupBy({
    by: ["endpointId"],
    where: { versionId, windowStart: { gte: since } },
    _sum: { requests: true, errors: true, refused: true },
    _max: { windowStart: true },
  });
  const endpoints = await db.endpoint.findMany({ where: { id: { in: sums.map(({ endpointId }) => endpointId) } }, select: { id: true, name: true } });
  const names = new Map(endpoints.map(({ id, name }) => [id, name]));
  return sums.map(({ endpointId, _sum, _max }) => ({
    endpointName: names.get(endpointId) ?? endpointId,
    requests: _sum.requests ?? 0,
    errors: _sum.errors ?? 0,
    refused: _sum.refused ?? 0,
    newest: _max.windowStart,
  }));
}

/** Deployments of a version that have not ended. */
export async function liveDeployments(db: Db, versionId: string) {
  return db.deployment.findMany({
    where: { versionId, endedAt: null },
    select: { id: true, startedAt: true, startedBy: true, endpoint: { select: { id: true, name: true, environment: { select: { name: true } } } } },
    orderBy: { startedAt: "asc" },
  });
}
