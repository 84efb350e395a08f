import { z } from "zod";
import type { Pair, TrackingArtifact, TrackingExperiment, TrackingModel, TrackingRun } from "#lib/domain/mlflow/records.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

const pairs = z.array(z.object({ key: z.string(), value: z.string() }));
const points = z.array(z.object({ key: z.string(), value: z.number(), timestamp: z.number(), step: z.number() }));

type ExperimentRow = Prisma.TrackingExperimentGetPayload<object>;
const toExperiment = (row: ExperimentRow): TrackingExperiment => ({ ...row, tags: pairs.parse(row.tags) });

export async function findExperiment(db: Db, by: { readonly id: number } | { readonly name: string }): Promise<TrackingExperiment | null> {
  const row = await db.trackingExperiment.findUnique({ where: by });
  return row && toExperiment(row);
}

export async function listExperiments(db: Db, limit: number): Promise<TrackingExperiment[]> {
  return (await db.trackingExperiment.findMany({ orderBy: { id: "desc" }, take: limit })).map(toExperiment);
}

export async function insertExperiment(db: Db, name: string, tags: readonly Pair[]): Promise<number> {
  return (await db.trackingExperiment.create({ data: { name, tags: [...tags] } })).id;
}

type RunRow = Prisma.TrackingRunGetPayload<object>;
const toRun = ({ createdById: _creator, ...row }: RunRow): TrackingRun => ({
  ...row,
  startTimeMs: Number(row.startTimeMs),
  endTimeMs: row.endTimeMs === null ? null : Number(row.endTimeMs),
  params: pairs.parse(row.params),
  metrics: points.parse(row.metrics),
  tags: pairs.parse(row.tags),
});

export async function findRun(db: Db, id: string): Promise<TrackingRun | null> {
  const row = await db.trackingRun.findUnique({ where: { id } });
  return row && toRun(row);
}

export async function listRuns(db: Db, experimentIds: readonly number[], limit: number): Promise<TrackingRun[]> {
  const rows = await db.trackingRun.findMany({ where: { experimentId: { in: [...experimentIds] } }, orderBy: [{ startTimeMs: "desc" }, { id: "asc" }], take: limit });
  return rows.map(toRun);
}

export async function insertRun(db: Db, run: TrackingRun & { readonly createdById: string }): Promise<void> {
  const { params, metrics, tags, startTimeMs, endTimeMs, ...row } = run;
  await db.trackingRun.create({
    data: { ...row, startTimeMs: BigInt(startTimeMs), endTimeMs: endTimeMs === null ? null : BigInt(endTimeMs), params: [...params], metrics: [...metrics], tags: [...tags] },
  });
}

/** The run, locked until the end of the transaction: clients log from several threads at once. */
export async function lockRun(db: Db, id: string): Promise<TrackingRun | null> {
  await db.$queryRaw`SELECT 1 FROM "TrackingRun" WHERE "id" = ${id} FOR UPDATE`;
  return findRun(db, id);
}

export async function saveRun(db: Db, { id, name, status, endTimeMs, params, metrics, tags }: TrackingRun): Promise<void> {
  await db.trackingRun.update({
    where: { id },
    data: { name, status, endTimeMs: endTimeMs === null ? null : BigInt(endTimeMs), params: [...params], metrics: [...metrics], tags: [...tags] },
  });
}

type ModelRow = Prisma.TrackingModelGetPayload<object>;
const toModel = ({ createdById: _creator, ...row }: ModelRow): TrackingModel => ({ ...row, params: pairs.parse(row.params), tags: pairs.parse(row.tags) });

export async function findLoggedModel(db: Db, id: string): Promise<TrackingModel | null> {
  const row = await db.trackingModel.findUnique({ where: { id } });
  return row && toModel(row);
}

export async function listLoggedModels(
  db: Db,
  by: { readonly experimentIds: readonly number[]; readonly name: string | null; readonly runId: string | null; readonly limit: number },
): Promise<TrackingModel[]> {
  const rows = await db.trackingModel.findMany({
    where: { experimentId: { in: [...by.experimentIds] }, ...(by.name === null ? {} : { name: by.name }), ...(by.runId === null ? {} : { runId: by.runId }) },
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: by.limit,
  });
  return rows.map(toModel);
}

export async function insertLoggedModel(db: Db, model: Omit<TrackingModel, "createdAt" | "updatedAt"> & { readonly createdById: string }): Promise<void> {
  await db.trackingModel.create({ data: { ...model, params: [...model.params], tags: [...model.tags] } });
}

export async function lockLoggedModel(db: Db, id: string): Promise<TrackingModel | null> {
  await db.$queryRaw`SELECT 1 FROM "TrackingModel" WHERE "id" = ${id} FOR UPDATE`;
  return findLoggedModel(db, id);
}

export async function saveLoggedModel(db: Db, { id, status, params, tags }: TrackingModel, now: Date): Promise<void> {
  await db.trackingModel.update({ where: { id }, data: { status, params: [...params], tags: [...tags], updatedAt: now } });
}

const toArtifact = ({ path, digest, sizeBytes }: { path: string; digest: string; sizeBytes: bigint }): TrackingArtifact => ({ path, digest, sizeBytes: Number(sizeBytes) });

export async function putArtifact(db: Db, { path, digest, sizeBytes }: TrackingArtifact, createdById: string): Promise<void> {
  const data = { digest, sizeBytes: BigInt(sizeBytes), createdById };
  await db.trackingArtifact.upsert({ where: { path }, create: { path, ...data }, update: data });
}

export async function findArtifact(db: Db, path: string): Promise<TrackingArtifact | null> {
  const row = await db.trackingArtifact.findUnique({ where: { path } });
  return row && toArtifact(row);
}

/** Files at or below a folder, by path. At most 2000. */
export async function listArtifacts(db: Db, folder: string): Promise<TrackingArtifact[]> {
  const rows = await db.trackingArtifact.findMany({ where: folder === "" ? {} : { path: { startsWith: `${folder}/` } }, orderBy: { path: "asc" }, take: 2000 });
  return rows.map(toArtifact);
}

/** Removes a file, or everything below a folder. The bytes go when nothing else names them. */
export async function deleteArtifacts(db: Db, path: string): Promise<number> {
  return (await db.trackingArtifact.deleteMany({ where: { OR: [{ path }, { path: { startsWith: `${path}/` } }] } })).count;
}
