import type { Prisma } from "./generated/client.ts";
import { type PersonRecord, WITH_GRANTS, normalEmail, toPerson } from "./person-repository.ts";

type Db = Prisma.TransactionClient;

export type DirectoryGroup = {
  readonly id: string;
  readonly name: string;
  readonly externalId: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly members: readonly { readonly id: string; readonly name: string }[];
};

const WITH_MEMBERS = { members: { include: { user: { select: { id: true, name: true } } }, orderBy: { userId: "asc" } } } as const satisfies Prisma.DirectoryGroupInclude;
const toGroup = ({ members, ...row }: Prisma.DirectoryGroupGetPayload<{ include: typeof WITH_MEMBERS }>): DirectoryGroup => ({
  ...row, members: members.map(({ user }) => user),
});

export type Page = { readonly offset: number; readonly limit: number };

/** Accounts of people by directory id or address; all without either. With the number there are. */
export async function listDirectoryPeople(
  db: Db, by: { readonly userName?: string; readonly externalId?: string }, page: Page,
): Promise<{ readonly total: number; readonly rows: readonly PersonRecord[] }> {
  const where: Prisma.UserWhereInput = {
    kind: "person",
    ...(by.userName === undefined ? {} : { email: normalEmail(by.userName) }),
    ...(by.externalId === undefined ? {} : { externalId: by.externalId }),
  };
  const rows = await db.user.findMany({ where, include: WITH_GRANTS, orderBy: [{ createdAt: "asc" }, { id: "asc" }], skip: page.offset, take: page.limit });
  return { total: await db.user.count({ where }), rows: rows.map(toPerson) };
}

export async function listDirectoryGroups(
  db: Db, by: { readonly name?: string; readonly externalId?: string }, page: Page,
): Promise<{ readonly total: number; readonly rows: readonly DirectoryGroup[] }> {
  const where: Prisma.DirectoryGroupWhereInput = {
    ...(by.name === undefined ? {} : { name: by.name }),
    ...(by.externalId === undefined ? {} : { externalId: by.externalId }),
  };
  const rows = await db.directoryGroup.findMany({ where, include: WITH_MEMBERS, orderBy: { name: "asc" }, skip: page.offset, take: page.limit });
  return { total: await db.directoryGroup.count({ where }), rows: rows.map(toGroup) };
}

export async function findDirectoryGroup(db: Db, by: { readonly id: string } | { readonly name: string }): Promise<DirectoryGroup | null> {
  const row = await db.directoryGroup.findUnique({ where: by, include: WITH_MEMBERS });
  return row && toGroup(row);
}

export async function insertDirectoryGroup(db: Db, group: { readonly id: string; readonly name: string; readonly externalId: string | null }): Promise<void> {
  await db.directoryGroup.create({ data: group });
}

export async function saveDirectoryGroup(db: Db, id: string, change: { readonly name: string; readonly externalId: string | null; readonly updatedAt: Date }): Promise<void> {
  await db.directoryGroup.update({ where: { id }, data: change });
}

export async function deleteDirectoryGroup(db: Db, id: string): Promise<void> {
  await db.directoryMember.deleteMany({ where: { groupId: id } });
  await db.directoryGroup.delete({ where: { id } });
}

/** Makes these the members of a group, and no others. Answers the ids that are no account of a person. */
export async function setMembers(db: Db, groupId: string, userIds: readonly string[]): Promise<readonly string[]> {
  const known = await db.user.findMany({ where: { id: { in: [...userIds] }, kind: "person" }, select: { id: true } });
  await db.directoryMember.deleteMany({ where: { groupId } });
  await db.directoryMember.createMany({ data: known.map(({ id }) => ({ groupId, userId: id })) });
  return userIds.filter((id) => !known.some((one) => one.id === id));
}

export async function groupNamesOf(db: Db, userId: string): Promise<readonly string[]> {
  const rows = await db.directoryMember.findMany({ where: { userId }, include: { group: { select: { name: true } } } });
  return rows.map(({ group }) => group.name).sort();
}

/** Groups of each of these people. */
export async function groupsOfPeople(db: Db, userIds: readonly string[]): Promise<ReadonlyMap<string, readonly { readonly id: string; readonly name: string }[]>> {
  const rows = await db.directoryMember.findMany({ where: { userId: { in: [...userIds] } }, include: { group: { select: { id: true, name: true } } } });
  return new Map([...Map.groupBy(rows, ({ userId }) => userId)].map(([userId, own]) => [userId, own.map(({ group }) => group)]));
}
