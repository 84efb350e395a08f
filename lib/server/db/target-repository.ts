import { z } from "zod";
import { jsonMapping, targetKind } from "#lib/contracts/upstream.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { ServedVersion, TargetKind } from "#lib/domain/serving/target-kinds.ts";
import { bumpDesiredRevision } from "./desired-state.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type TargetRecord = {
  readonly id: string;
  readonly name: string;
  readonly environmentId: string;
  readonly kind: TargetKind;
  readonly url: string;
  readonly managementUrl: string | null;
  readonly timeoutMs: number;
  readonly sealedHeaders: Uint8Array<ArrayBuffer> | null;
  readonly isIsolated: boolean;
  readonly createdBy: string;
  readonly createdAt: Date;
};

const DRIFTS = ["unread", "none", "unreachable", "missing", "foreign"] as const;
export type DriftState = (typeof DRIFTS)[number];

export type BindingRecord = {
  readonly id: string;
  readonly versionId: string;
  readonly target: TargetRecord;
  readonly remoteModel: string;
  readonly remoteVersion: string | null;
  readonly mapping: z.output<typeof jsonMapping> | null;
  readonly boundBy: string;
  readonly boundAt: Date;
  readonly readAt: Date | null;
  readonly served: readonly ServedVersion[] | null;
  readonly drift: DriftState;
  readonly driftProblem: string | null;
  readonly driftSince: Date | null;
};

const served = z.array(z.object({ version: z.string(), state: z.enum(["ready", "loading", "unavailable"]), isDefault: z.boolean() }));

const toTarget = (row: Prisma.TargetGetPayload<object>): TargetRecord => ({ ...row, kind: targetKind.parse(row.kind) });

const WITH_TARGET = { target: true } as const;
const toBinding = (row: Prisma.TargetBindingGetPayload<{ include: typeof WITH_TARGET }>): BindingRecord => ({
  ...row,
  target: toTarget(row.target),
  mapping: row.mapping === null ? null : jsonMapping.parse(row.mapping),
  served: row.served === null ? null : served.parse(row.served),
  drift: z.enum(DRIFTS).parse(row.drift),
});

export async function insertTarget(db: Db, target: Omit<TargetRecord, "createdAt">): Promise<void> {
  await db.target.create({ data: target });
}

export async function findTarget(db: Db, name: string): Promise<TargetRecord | null> {
  const row = await db.target.findUnique({ where: { name } });
  return row ? toTarget(row) : null;
}

export async function getTarget(db: Db, name: string): Promise<TargetRecord> {
  return (await findTarget(db, name)) ?? Promise.reject(notFound());
}

export async function listTargets(db: Db): Promise<TargetRecord[]> {
  return (await db.target.findMany({ orderBy: { name: "asc" } })).map(toTarget);
}

/** Another way to the same server: what it serves is unread again, and runtimes learn of it. */
export async function updateConnection(db: Db, id: string, connection: Pick<TargetRecord, "url" | "managementUrl" | "timeoutMs" | "sealedHeaders">): Promise<void> {
  await db.target.update({ where: { id }, data: connection });
  await db.targetBinding.updateMany({ where: { targetId: id }, data: { readAt: null, drift: "unread", driftProblem: null, driftSince: null } });
  await bumpDesiredRevision(db);
}

type NewBinding = { id: string; versionId: string; targetId: string; remoteModel: string; remoteVersion: string | null; mapping: z.output<typeof jsonMapping> | null; boundBy: string };

/** Says that a server runs this version. A version is bound once: another server is another version. */
export async function insertBinding(db: Db, { mapping, ...binding }: NewBinding): Promise<void> {
  await db.targetBinding.create({ data: { ...binding, ...(mapping === null ? {} : { mapping }) } });
  await bumpDesiredRevision(db);
}

export async function bindingOfVersion(db: Db, versionId: string): Promise<BindingRecord | null> {
  const row = await db.targetBinding.findUnique({ where: { versionId }, include: WITH_TARGET });
  return row ? toBinding(row) : null;
}

export async function listBindings(db: Db): Promise<BindingRecord[]> {
  const rows = await db.targetBinding.findMany({ include: WITH_TARGET, orderBy: { boundAt: "asc" } });
  return rows.map(toBinding);
}

export async function getBinding(db: Db, id: string): Promise<BindingRecord> {
  const row = await db.targetBinding.findUnique({ where: { id }, include: WITH_TARGET });
  if (!row) throw notFound();
  return toBinding(row);
}

/** Whether the version has answered requests or been put on an endpoint: then where it runs does not change any more. */
export async function isVersionDeployed(db: Db, versionId: string): Promise<boolean> {
  return (await db.deployment.count({ where: { versionId } })) > 0;
}

/** Names of the endpoints that each of these versions is on now. */
export async function endpointsOfVersions(db: Db, versionIds: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const rows = await db.deployment.findMany({
    where: { versionId: { in: [...versionIds] }, endedAt: null },
    select: { versionId: true, endpoint: { select: { name: true } } },
  });
  const places = new Map<string, string[]>();
  for (const { versionId, endpoint } of rows) places.set(versionId, [...(places.get(versionId) ?? []), endpoint.name]);
  return places;
}

/** Makes every binding due to be read at once. */
export async function forgetReadings(db: Db): Promise<void> {
  await db.targetBinding.updateMany({ data: { readAt: null } });
}
