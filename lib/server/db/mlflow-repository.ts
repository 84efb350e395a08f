import type { FilterClause, OrderTerm } from "#lib/domain/mlflow/search-filter.ts";
import type { MlflowModel, MlflowTag, MlflowVersion } from "#lib/domain/mlflow/records.ts";
import { servedAliases } from "#lib/domain/mlflow/names.ts";
import { Prisma } from "./generated/client.ts";
import { END_STATES } from "#lib/domain/release/states.ts";
import { entryWhere, modelWhere, orderSql } from "./mlflow-search-sql.ts";

type Db = Prisma.TransactionClient;

type ModelRow = { modelId: string; name: string; slug: string; description: string | null; createdAt: Date; updatedAt: Date };
type EntryRow = Omit<MlflowVersion, "tags" | "aliases">;

const MODEL_COLUMNS = Prisma.sql`r."modelId"::text AS "modelId", r."name", m."name" AS "slug", r."description", r."createdAt", r."updatedAt"`;
const MODEL_FROM = Prisma.sql`FROM "RegistryModel" r JOIN "Model" m ON m."id" = r."modelId"`;
const ENTRY_COLUMNS = Prisma.sql`e."id"::text, e."modelId"::text AS "modelId", r."name" AS "modelName", e."number", e."versionId"::text AS "versionId",
  e."status", e."statusMessage", e."source", e."runId", e."runLink", e."description", coalesce(u."name", '') AS "userName", e."createdAt", e."updatedAt"`;
const ENTRY_FROM = Prisma.sql`FROM "RegistryEntry" e JOIN "RegistryModel" r ON r."modelId" = e."modelId" LEFT JOIN "User" u ON u."id" = e."createdById"`;
const LIVE = Prisma.sql`e."withdrawnAt" IS NULL AND r."withdrawnAt" IS NULL`;

async function tagsOf(db: Db, ids: readonly string[]): Promise<Map<string, MlflowTag[]>> {
  const rows = ids.length === 0 ? [] : await db.registryTag.findMany({ where: { subjectId: { in: [...ids] } }, orderBy: { key: "asc" } });
  return Map.groupBy(rows, ({ subjectId }) => subjectId);
}

type AliasRow = { readonly modelId: string; readonly alias: string; readonly entryId: string; readonly number: number };

/** Stored aliases and those that follow from what endpoints serve. */
async function aliasesOf(db: Db, modelIds: readonly string[]): Promise<AliasRow[]> {
  if (modelIds.length === 0) return [];
  const ids = [...modelIds];
  const stored = await db.$queryRaw<AliasRow[]>`
    SELECT a."modelId"::text AS "modelId", a."alias", a."entryId"::text AS "entryId", e."number"
    FROM "RegistryAlias" a JOIN "RegistryEntry" e ON e."id" = a."entryId" WHERE a."modelId" = ANY(${ids}::uuid[]) ORDER BY a."alias"`;
  const endpoints = await db.endpoint.findMany({
    where: { modelId: { in: ids } },
    include: { environment: { select: { name: true } }, model: { select: { name: true } } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  const served = [...Map.groupBy(endpoints, ({ modelId }) => modelId)].flatMap(([modelId, own]) =>
    servedAliases(own[0]?.model.name ?? "", own.map((one) => ({ name: one.name, environment: one.environment.name, stableVersionId: one.stableVersionId })))
      .map((alias) => ({ ...alias, modelId })),
  );
  const entries = await db.registryEntry.findMany({ where: { versionId: { in: served.map(({ versionId }) => versionId) } } });
  const governed = served.flatMap(({ alias, versionId, modelId }) => {
    const entry = entries.find((one) => one.versionId === versionId);
    return entry === undefined ? [] : [{ modelId, alias, entryId: entry.id, number: entry.number }];
  });
  return [...stored.filter(({ modelId, alias }) => !governed.some((one) => one.modelId === modelId && one.alias === alias)), ...governed];
}

async function completeEntries(db: Db, rows: readonly EntryRow[], known: readonly AliasRow[] | null = null): Promise<MlflowVersion[]> {
  const tags = await tagsOf(db, rows.map(({ id }) => id));
  const aliases = known ?? (await aliasesOf(db, [...new Set(rows.map(({ modelId }) => modelId))]));
  return rows.map((row) => ({
    ...row,
    tags: tags.get(row.id) ?? [],
    aliases: aliases.filter(({ entryId }) => entryId === row.id).map(({ alias }) => alias),
  }));
}

async function completeModels(db: Db, rows: readonly ModelRow[]): Promise<MlflowModel[]> {
  const ids = rows.map(({ modelId }) => modelId);
  const [tags, aliases] = [await tagsOf(db, ids), await aliasesOf(db, ids)];
  const newest = ids.length === 0 ? [] : await db.$queryRaw<EntryRow[]>`
    SELECT DISTINCT ON (e."modelId") ${ENTRY_COLUMNS} ${ENTRY_FROM}
    WHERE e."modelId" = ANY(${ids}::uuid[]) AND ${LIVE} ORDER BY e."modelId", e."number" DESC`;
  const latest = await completeEntries(db, newest, aliases);
  return rows.map((row) => ({
    ...row,
    tags: tags.get(row.modelId) ?? [],
    aliases: aliases.filter(({ modelId }) => modelId === row.modelId).map(({ alias, number }) => ({ alias, number })),
    latest: latest.find(({ modelId }) => modelId === row.modelId) ?? null,
  }));
}

export async function findRegisteredModel(db: Db, name: string): Promise<MlflowModel | null> {
  const rows = await db.$queryRaw<ModelRow[]>`SELECT ${MODEL_COLUMNS} ${MODEL_FROM} WHERE r."name" = ${name} AND r."withdrawnAt" IS NULL`;
  return (await completeModels(db, rows))[0] ?? null;
}

export async function findModelVersion(db: Db, modelId: string, number: number): Promise<MlflowVersion | null> {
  const rows = await db.$queryRaw<EntryRow[]>`
    SELECT ${ENTRY_COLUMNS} ${ENTRY_FROM} WHERE e."modelId" = ${modelId}::uuid AND e."number" = ${number} AND ${LIVE}`;
  return (await completeEntries(db, rows))[0] ?? null;
}

type Search = { readonly clauses: readonly FilterClause[]; readonly order: readonly OrderTerm[]; readonly limit: number; readonly offset: number };

export async function searchRegisteredModels(db: Db, { clauses, order, limit, offset }: Search): Promise<MlflowModel[]> {
  const rows = await db.$queryRaw<ModelRow[]>`
    SELECT ${MODEL_COLUMNS} ${MODEL_FROM} WHERE r."withdrawnAt" IS NULL AND ${modelWhere(clauses)}
    ORDER BY ${orderSql(order, "model")} LIMIT ${limit} OFFSET ${offset}`;
  return completeModels(db, rows);
}

export async function searchModelVersions(db: Db, { clauses, order, limit, offset }: Search): Promise<MlflowVersion[]> {
  const rows = await db.$queryRaw<EntryRow[]>`
    SELECT ${ENTRY_COLUMNS} ${ENTRY_FROM} WHERE ${LIVE} AND ${entryWhere(clauses)}
    ORDER BY ${orderSql(order, "version")} LIMIT ${limit} OFFSET ${offset}`;
  return completeEntries(db, rows);
}

/** The number that the next version of this model gets. Locks the model, so that it stays true until the end of the transaction. */
export async function nextNumber(db: Db, modelId: string): Promise<number> {
  await db.$queryRaw`SELECT 1 FROM "RegistryModel" WHERE "modelId" = ${modelId}::uuid FOR UPDATE`;
  return (await newestNumber(db, modelId)) + 1;
}

export async function updateRegistryModel(
  db: Db,
  modelId: string,
  change: { readonly name?: string; readonly description?: string | null; readonly withdrawnAt?: Date; readonly updatedAt: Date },
): Promise<void> {
  await db.registryModel.update({ where: { modelId }, data: change });
}

export async function insertEntry(
  db: Db,
  entry: { readonly id: string; readonly modelId: string; readonly number: number; readonly status: string; readonly statusMessage: string | null; readonly createdById: string },
): Promise<void> {
  await db.registryEntry.create({ data: entry });
}

export async function updateEntry(
  db: Db,
  id: string,
  change: {
    readonly source?: string; readonly runId?: string | null; readonly runLink?: string | null; readonly description?: string | null;
    readonly withdrawnAt?: Date; readonly updatedAt: Date;
  },
): Promise<void> {
  await db.registryEntry.update({ where: { id }, data: change });
}

export async function setTag(db: Db, subjectId: string, key: string, value: string): Promise<void> {
  await db.registryTag.upsert({ where: { subjectId_key: { subjectId, key } }, create: { subjectId, key, value }, update: { value } });
}

export async function deleteTag(db: Db, subjectId: string, key: string): Promise<boolean> {
  return (await db.registryTag.deleteMany({ where: { subjectId, key } })).count === 1;
}

export async function setAlias(db: Db, modelId: string, alias: string, entryId: string): Promise<void> {
  await db.registryAlias.upsert({ where: { modelId_alias: { modelId, alias } }, create: { modelId, alias, entryId }, update: { entryId } });
}

export async function deleteAlias(db: Db, modelId: string, alias: string): Promise<boolean> {
  return (await db.registryAlias.deleteMany({ where: { modelId, alias } })).count === 1;
}

export async function deleteAliasesOf(db: Db, where: { readonly modelId: string } | { readonly entryId: string }): Promise<void> {
  await db.registryAlias.deleteMany({ where });
}

/** Names of all environments, which are governed aliases too. */
export async function environmentNames(db: Db): Promise<string[]> {
  return (await db.environment.findMany({ select: { name: true } })).map(({ name }) => name);
}

/** The endpoints of a model, oldest first. */
export async function endpointsOfModel(db: Db, modelId: string) {
  const rows = await db.endpoint.findMany({ where: { modelId }, include: { environment: { select: { name: true } } }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] });
  return rows.map((row) => ({ name: row.name, environment: row.environment.name, stableVersionId: row.stableVersionId }));
}

/** Whether an endpoint serves one of these versions, or a release that is not over names one. */
export async function isAnyInUse(db: Db, where: { readonly modelId: string } | { readonly versionId: string }): Promise<boolean> {
  const version = "versionId" in where ? { id: where.versionId } : { modelId: where.modelId };
  const found = await db.deployment.findFirst({ where: { endedAt: null, version }, select: { id: true } });
  return found !== null;
}

/** Name of the version that an entry stands for. */
export async function versionNameOf(db: Db, versionId: string): Promise<string | null> {
  return (await db.version.findUnique({ where: { id: versionId }, select: { name: true } }))?.name ?? null;
}

/** Files of a version by name. */
export async function filesOfVersion(db: Db, versionId: string) {
  const rows = await db.versionFile.findMany({ where: { versionId }, orderBy: { name: "asc" } });
  return rows.map(({ name, role, digest, sizeBytes }) => ({ name, role, digest, sizeBytes: Number(sizeBytes) }));
}

/** The highest number given so far in this model; 0 before the first. */
export async function newestNumber(db: Db, modelId: string): Promise<number> {
  return (await db.registryEntry.findFirst({ where: { modelId }, orderBy: { number: "desc" }, select: { number: true } }))?.number ?? 0;
}

/** The number that a version has in its model. */
export async function numberOfVersion(db: Db, versionId: string): Promise<number> {
  return (await db.registryEntry.findUniqueOrThrow({ where: { versionId }, select: { number: true } })).number;
}

/** The release of this endpoint that is not over; null when there is none. */
export async function openReleaseOf(db: Db, endpointName: string): Promise<{ readonly number: number; readonly candidateVersionId: string } | null> {
  return db.release.findFirst({
    where: { endpoint: { name: endpointName }, state: { notIn: [...END_STATES] } },
    select: { number: true, candidateVersionId: true },
  });
}
