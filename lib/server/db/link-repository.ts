import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

export const linkPurposes = ["sign_in", "first_administrator", "invitation"] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

export async function insertLink(
  db: Db,
  link: {
    readonly tokenHash: string;
    readonly purpose: LinkPurpose;
    readonly userId: string | null;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await db.oneTimeLink.create({ data: link });
}

/** What an unspent link is for; null when there is none, it was used, or its time is over. Does not use it. */
export async function findLink(
  db: Db,
  tokenHash: string,
  now: Date,
): Promise<{ purpose: LinkPurpose; userId: string | null; expiresAt: Date } | null> {
  const row = await db.oneTimeLink.findFirst({ where: { tokenHash, usedAt: null, expiresAt: { gt: now } } });
  const purpose = linkPurposes.find((known) => known === row?.purpose);
  return row && purpose ? { purpose, userId: row.userId, expiresAt: row.expiresAt } : null;
}

/** Uses a link up: of any number of callers at once exactly one gets it. */
export async function spendLink(
  db: Db,
  tokenHash: string,
  purposes: readonly LinkPurpose[],
  now: Date,
): Promise<{ purpose: LinkPurpose; userId: string | null } | null> {
  const link = await findLink(db, tokenHash, now);
  if (link === null || !purposes.includes(link.purpose)) return null;
  const { count } = await db.oneTimeLink.updateMany({ where: { tokenHash, usedAt: null }, data: { usedAt: now } });
  return count === 1 ? { purpose: link.purpose, userId: link.userId } : null;
}

/** A newer link for the same purpose makes the older ones worthless. */
export async function voidLinks(db: Db, purpose: LinkPurpose, userId: string | null, now: Date): Promise<void> {
  await db.oneTimeLink.updateMany({ where: { purpose, userId, usedAt: null }, data: { usedAt: now } });
}
