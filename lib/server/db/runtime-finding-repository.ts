import { z } from "zod";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export const runtimeFindingKinds = ["quarantine", "answers_differ"] as const;
export type RuntimeFindingKind = (typeof runtimeFindingKinds)[number];

export type RuntimeFinding = {
  readonly id: string;
  readonly kind: RuntimeFindingKind;
  readonly runtimeId: string;
  readonly runtimeName: string;
  readonly versionId: string;
  readonly sentence: string;
  readonly raisedAt: Date;
  readonly clearedAt: Date | null;
  readonly liftedAt: Date | null;
  readonly liftedBy: string | null;
  readonly liftReason: string | null;
};

const kind = z.enum(runtimeFindingKinds);
const toFinding = ({ details: _details, ...row }: Prisma.RuntimeFindingGetPayload<object>): RuntimeFinding => ({ ...row, kind: kind.parse(row.kind) });

/** Findings that are not over, of all versions or of these. */
export async function openFindings(db: Db, versionIds: readonly string[] | "all"): Promise<RuntimeFinding[]> {
  const where = { clearedAt: null, ...(versionIds === "all" ? {} : { versionId: { in: [...versionIds] } }) };
  return (await db.runtimeFinding.findMany({ where, orderBy: { raisedAt: "asc" } })).map(toFinding);
}

/** The newest findings about these versions, open ones and others. */
export async function recentFindings(db: Db, versionIds: readonly string[], limit: number): Promise<RuntimeFinding[]> {
  return (await db.runtimeFinding.findMany({ where: { versionId: { in: [...versionIds] } }, orderBy: { raisedAt: "desc" }, take: limit })).map(toFinding);
}

export async function findFinding(db: Db, id: string): Promise<RuntimeFinding | null> {
  const row = await db.runtimeFinding.findUnique({ where: { id } });
  return row === null ? null : toFinding(row);
}

/** False when there is an open one of this kind about this version on this runtime already. */
export async function raiseFinding(
  db: Db,
  finding: Pick<RuntimeFinding, "id" | "kind" | "runtimeId" | "runtimeName" | "versionId" | "sentence"> & { readonly details: Prisma.InputJsonValue },
): Promise<boolean> {
  // Two replicas may see the same acks at once; the lock lasts as long as the transaction.
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`finding ${finding.kind} ${finding.runtimeId} ${finding.versionId}`}, 0))`;
  const { kind: ofKind, runtimeId, versionId } = finding;
  if ((await db.runtimeFinding.count({ where: { kind: ofKind, runtimeId, versionId, clearedAt: null } })) > 0) return false;
  await db.runtimeFinding.create({ data: finding });
  return true;
}

/** It is over. False when it was already. */
export async function clearFinding(db: Db, id: string, at: Date): Promise<boolean> {
  return (await db.runtimeFinding.updateMany({ where: { id, clearedAt: null }, data: { clearedAt: at } })).count === 1;
}

/** Another attempt at a quarantined version. False when it was lifted already. */
export async function liftFinding(db: Db, id: string, lift: { readonly at: Date; readonly by: string; readonly reason: string }): Promise<boolean> {
  const { count } = await db.runtimeFinding.updateMany({ where: { id, liftedAt: null, clearedAt: null }, data: { liftedAt: lift.at, liftedBy: lift.by, liftReason: lift.reason } });
  return count === 1;
}

/** How often a quarantine of each version was lifted: the number of its load attempt. Versions without one are left out. */
export async function loadAttempts(db: Db, versionIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.runtimeFinding.groupBy({ by: ["versionId"], where: { versionId: { in: [...versionIds] }, liftedAt: { not: null } }, _count: true });
  return new Map(rows.map(({ versionId, _count }) => [versionId, _count]));
}
