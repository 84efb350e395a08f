import { z } from "zod";
import { RUNBOOK_DUTIES } from "#lib/contracts/runbook-api.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { Prisma } from "./generated/client.ts";

type Db = Prisma.TransactionClient;

const PARTS = {
  versions: { orderBy: { number: "desc" }, include: { acknowledgements: true } },
  assignments: { orderBy: [{ duty: "asc" }, { assignedAt: "asc" }] },
  links: true,
} as const satisfies Prisma.RunbookInclude;
type RunbookRow = Prisma.RunbookGetPayload<{ include: typeof PARTS }>;

const toRunbook = (row: RunbookRow) => ({
  ...row,
  assignments: row.assignments.map((one) => ({ ...one, duty: z.enum(RUNBOOK_DUTIES).parse(one.duty) })),
});
export type RunbookRecord = ReturnType<typeof toRunbook>;

export async function findRunbook(db: Db, name: string): Promise<RunbookRecord | null> {
  const row = await db.runbook.findUnique({ where: { name }, include: PARTS });
  return row === null ? null : toRunbook(row);
}

export async function getRunbook(db: Db, name: string): Promise<RunbookRecord> {
  const runbook = await findRunbook(db, name);
  if (runbook === null) throw notFound();
  return runbook;
}

export async function listRunbooks(db: Db): Promise<RunbookRecord[]> {
  return (await db.runbook.findMany({ include: PARTS, orderBy: { name: "asc" } })).map(toRunbook);
}

/** Runbooks that apply to an endpoint, by its own link or its model's. */
export async function runbooksFor(
  db: Db,
  place: { readonly endpointId: string | null; readonly modelId: string | null },
): Promise<RunbookRecord[]> {
  const links = [
    ...(place.endpointId === null ? [] : [{ endpointId: place.endpointId }]),
    ...(place.modelId === null ? [] : [{ modelId: place.modelId }]),
  ];
  if (links.length === 0) return [];
  const rows = await db.runbook.findMany({ where: { links: { some: { OR: links } } }, include: PARTS, orderBy: { name: "asc" } });
  return rows.map(toRunbook);
}

export async function insertRunbook(db: Db, runbook: { id: string; name: string; title: string }): Promise<void> {
  await db.runbook.create({ data: runbook });
}

export async function insertRunbookVersion(
  db: Db,
  version: { id: string; runbookId: string; number: number; text: string; digest: string; writtenBy: string },
): Promise<void> {
  await db.runbookVersion.create({ data: version });
}

export async function putRunbookAssignment(
  db: Db,
  assignment: { runbookId: string; userId: string; duty: string; assignedBy: string },
): Promise<void> {
  const { runbookId, userId, duty, assignedBy } = assignment;
  await db.runbookAssignment.upsert({
    where: { runbookId_userId: { runbookId, userId } },
    create: assignment,
    update: { duty, assignedBy },
  });
}

export async function insertRunbookLink(
  db: Db,
  link: { id: string; runbookId: string; endpointId: string | null; modelId: string | null },
): Promise<void> {
  await db.runbookLink.create({ data: link });
}

/** False when this person had acknowledged this version before. */
export async function insertRunbookAcknowledgement(db: Db, one: { versionId: string; userId: string }): Promise<boolean> {
  return (await db.runbookAcknowledgement.createMany({ data: [one], skipDuplicates: true })).count === 1;
}

export type RunbookNames = {
  readonly people: ReadonlyMap<string, { readonly name: string; readonly email: string; readonly isAble: boolean }>;
  readonly endpoints: ReadonlyMap<string, string>;
  readonly models: ReadonlyMap<string, string>;
};

export async function namesOfRunbooks(db: Db, runbooks: readonly RunbookRecord[]): Promise<RunbookNames> {
  const links = runbooks.flatMap((runbook) => runbook.links);
  const ids = (all: readonly (string | null)[]) => ({ where: { id: { in: [...new Set(all.filter((id) => id !== null))] } } });
  const people = await db.user.findMany(ids(runbooks.flatMap(({ assignments }) => assignments.map(({ userId }) => userId))));
  const endpoints = await db.endpoint.findMany(ids(links.map(({ endpointId }) => endpointId)));
  const models = await db.model.findMany(ids(links.map(({ modelId }) => modelId)));
  return {
    people: new Map(people.map(({ id, name, email, disabledAt }) => [id, { name, email, isAble: disabledAt === null }])),
    endpoints: new Map(endpoints.map(({ id, name }) => [id, name])),
    models: new Map(models.map(({ id, name }) => [id, name])),
  };
}
