import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export type InstallRecord = { readonly installId: string; readonly demo: boolean; readonly createdAt: Date };

export async function findInstall(db: Db): Promise<InstallRecord | null> {
  const row = await db.install.findUnique({ where: { id: 1 } });
  return row ? { installId: row.installId, demo: row.demo, createdAt: row.createdAt } : null;
}

/** Writes the one row and the first desired revision; false when somebody else has done so. */
export async function insertInstall(db: Db, installId: string, demo: boolean): Promise<boolean> {
  const inserted = await db.$executeRaw`
    INSERT INTO "Install" ("id", "installId", "demo") VALUES (1, ${installId}::uuid, ${demo}) ON CONFLICT DO NOTHING`;
  await db.$executeRaw`INSERT INTO "DesiredRevision" ("id", "revision") VALUES (1, 0) ON CONFLICT DO NOTHING`;
  return inserted === 1;
}
