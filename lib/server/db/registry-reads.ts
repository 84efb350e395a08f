import { type VersionState, versionStates } from "#lib/contracts/registry-api.ts";
import { z } from "zod";
import type { Prisma } from "./generated/client.ts";
import { type EvidenceRecord, toEvidence } from "./evidence-repository.ts";
import { type StoredRoute, toRoute } from "./endpoint-repository.ts";

type Db = Prisma.TransactionClient;

/** What lists need of a version: nothing of its documents, which may be large. */
export type VersionHead = {
  readonly id: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly name: string;
  readonly digest: string;
  readonly format: string;
  readonly state: VersionState;
  readonly sizeBytes: number;
  readonly notes: string | null;
  readonly parentId: string | null;
  readonly authorId: string;
  readonly createdAt: Date;
};

const HEAD = {
  id: true,
  modelId: true,
  name: true,
  digest: true,
  format: true,
  state: true,
  sizeBytes: true,
  notes: true,
  parentId: true,
  authorId: true,
  createdAt: true,
  model: { select: { name: true } },
} as const satisfies Prisma.VersionSelect;

const toHead = ({ model, ...row }: Prisma.VersionGetPayload<{ select: typeof HEAD }>): VersionHead => ({
  ...row,
  modelName: model.name,
  sizeBytes: Number(row.sizeBytes),
  state: z.enum(versionStates).parse(row.state),
});

/** Versions newest first: of one model, of some ids, or children of one version. */
export async function versionHeads(
  db: Db,
  where: { modelId: string } | { ids: readonly string[] } | { parentId: string },
  limit: number,
): Promise<VersionHead[]> {
  const rows = await db.version.findMany({
    where: "ids" in where ? { id: { in: [...new Set(where.ids)] } } : where,
    select: HEAD,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: limit,
  });
  return rows.map(toHead);
}

export type ModelTally = { readonly modelId: string; readonly versions: number; readonly newest: VersionHead | null };

/** Of every model that has one: how many versions, and the newest. */
export async function modelTallies(db: Db): Promise<Map<string, ModelTally>> {
  const counts = await db.version.groupBy({ by: ["modelId"], _count: { _all: true } });
  const ids = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT ON ("modelId") "id"::text FROM "Version" ORDER BY "modelId", "createdAt" DESC, "id" DESC`;
  const newest = await db.version.findMany({ where: { id: { in: ids.map(({ id }) => id) } }, select: HEAD });
  const heads = new Map(newest.map((row) => [row.modelId, toHead(row)]));
  return new Map(
    counts.map(({ modelId, _count }) => [
      modelId,
      { modelId, versions: _count._all, newest: heads.get(modelId) ?? null },
    ]),
  );
}

/** The route table in force on each of these endpoints. */
export async function currentRoutes(db: Db, endpointIds: readonly string[]): Promise<Map<string, StoredRoute>> {
  // An endpoint's epoch is that of its newest table.
  const ids = await db.$queryRaw<{ id: string }[]>`
    SELECT r."id"::text FROM "Endpoint" e JOIN "RouteTable" r ON r."endpointId" = e."id" AND r."epoch" = e."epoch"
    WHERE e."id" = ANY(${[...endpointIds]}::uuid[])`;
  const rows = await db.routeTable.findMany({ where: { id: { in: ids.map(({ id }) => id) } } });
  return new Map(rows.map((row) => [row.endpointId, toRoute(row)]));
}

export type OpenDeployment = {
  readonly endpointId: string;
  readonly versionId: string;
  readonly releaseId: string | null;
  readonly startedAt: Date;
  readonly startedBy: string;
};

/** What is on these endpoints now. */
export async function openDeployments(db: Db, endpointIds: readonly string[]): Promise<OpenDeployment[]> {
  return db.deployment.findMany({
    where: { endpointId: { in: [...endpointIds] }, endedAt: null },
    select: { endpointId: true, versionId: true, releaseId: true, startedAt: true, startedBy: true },
    orderBy: { startedAt: "asc" },
  });
}

/** Numbers of releases by id. */
export async function releaseNumbers(db: Db, ids: readonly (string | null)[]): Promise<Map<string, number>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await db.release.findMany({ where: { id: { in: wanted } }, select: { id: true, number: true } });
  return new Map(rows.map(({ id, number }) => [id, number]));
}

/** Names of users by id. */
export async function userNames(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.user.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, name: true },
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The newest evidence of one kind about each of these versions. */
export async function newestEvidence(
  db: Db,
  versionIds: readonly string[],
  kind: EvidenceRecord["kind"],
): Promise<Map<string, EvidenceRecord>> {
  const ids = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT ON ("subjectId") "id"::text FROM "Evidence"
    WHERE "subjectType" = 'version' AND "kind" = ${kind} AND "subjectId" = ANY(${[...versionIds]}::uuid[])
    ORDER BY "subjectId", "producedAt" DESC, "id" DESC`;
  const rows = await db.evidence.findMany({ where: { id: { in: ids.map(({ id }) => id) } } });
  return new Map(rows.map((row) => [row.subjectId, toEvidence(row)]));
}

export type ProfileJob = {
  readonly state: string;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly result: unknown;
};

/** The newest profile run of a version, or null. */
export async function newestProfileJob(db: Db, versionId: string): Promise<ProfileJob | null> {
  return db.job.findFirst({
    where: { versionId, kind: "profile_version" },
    select: { state: true, attempts: true, createdAt: true, finishedAt: true, result: true },
    orderBy: { createdAt: "desc" },
  });
}

/** How many route tables an endpoint has had. */
export async function countRoutes(db: Db, endpointId: string): Promise<number> {
  return db.routeTable.count({ where: { endpointId } });
}
