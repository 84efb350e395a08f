import { dependencyLock } from "#lib/contracts/dependencies.ts";
import type { DependencyLock } from "#lib/domain/dependencies/lock.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type LockRecord = DependencyLock & { readonly versionId: string; readonly fileName: string; readonly digest: string; readonly sizeBytes: number };

/** The files of dependencies that came with a version, by name. */
export async function locksOf(db: Db, versionId: string): Promise<LockRecord[]> {
  const rows = await db.versionLock.findMany({ where: { versionId }, orderBy: { fileName: "asc" } });
  return rows.map(({ fileName, digest, sizeBytes, ...row }) => ({
    versionId,
    fileName,
    digest,
    sizeBytes,
    ...dependencyLock.parse({ kind: row.kind, packages: row.packages, elsewhere: row.elsewhere }),
  }));
}

export async function insertLock(db: Db, { packages, elsewhere, ...row }: LockRecord): Promise<void> {
  await db.versionLock.create({
    data: { ...row, elsewhere: [...elsewhere], packages: JSON.parse(JSON.stringify(packages)) as Prisma.InputJsonValue },
  });
}
