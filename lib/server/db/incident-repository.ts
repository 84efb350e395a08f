import { z } from "zod";
import { INCIDENT_DUTIES, postMortemBody, REPORT_KINDS } from "#lib/contracts/incident-api.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import { notFound } from "#lib/domain/errors.ts";
import { HARMS, INCIDENT_SOURCES, LAW_ROLES, SEVERITIES } from "#lib/domain/incident/harm.ts";
import { ACTION_STATES, INCIDENT_STATES, type IncidentState } from "#lib/domain/incident/incident.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;

const PARTS = {
  entries: { orderBy: [{ at: "asc" }, { recordedAt: "asc" }] },
  people: { orderBy: { addedAt: "asc" } },
  actions: { orderBy: { createdAt: "asc" } },
  reports: { orderBy: { writtenAt: "asc" } },
  preserved: { orderBy: { takenAt: "asc" } },
} as const satisfies Prisma.IncidentInclude;
type IncidentRow = Prisma.IncidentGetPayload<{ include: typeof PARTS }>;

const signedPostMortem = postMortemBody.extend({ by: z.string(), at: z.iso.datetime() });

function toIncident(row: IncidentRow) {
  return {
    ...row,
    severity: z.enum(SEVERITIES).parse(row.severity),
    state: z.enum(INCIDENT_STATES).parse(row.state),
    source: z.enum(INCIDENT_SOURCES).parse(row.source),
    harms: z.array(z.enum(HARMS)).parse(row.harms),
    lawRoles: z.array(z.enum(LAW_ROLES)).parse(row.lawRoles),
    postMortem: row.postMortem === null ? null : signedPostMortem.parse(row.postMortem),
    people: row.people.map((person) => ({ ...person, duty: z.enum(INCIDENT_DUTIES).parse(person.duty) })),
    actions: row.actions.map((action) => ({ ...action, state: z.enum(ACTION_STATES).parse(action.state) })),
    reports: row.reports.map((report) => ({ ...report, kind: z.enum(REPORT_KINDS).parse(report.kind) })),
    preserved: row.preserved.map((kept) => ({ ...kept, content: kept.content as JsonObject })),
  };
}
export type IncidentRecord = ReturnType<typeof toIncident>;

export type NewIncident = Omit<Prisma.IncidentUncheckedCreateInput, "number" | "postMortem" | "rowVersion" | "openedAt" | "closedAt">;

/** A new incident; answers its number for people. */
export async function insertIncident(db: Db, incident: NewIncident): Promise<number> {
  return (await db.incident.create({ data: incident, select: { number: true } })).number;
}

export async function findIncident(db: Db, number: number): Promise<IncidentRecord | null> {
  const row = await db.incident.findUnique({ where: { number }, include: PARTS });
  return row === null ? null : toIncident(row);
}

export async function getIncident(db: Db, number: number): Promise<IncidentRecord> {
  const incident = await findIncident(db, number);
  if (incident === null) throw notFound();
  return incident;
}

/** The same, locked until the transaction ends. */
export async function lockIncident(db: Db, number: number): Promise<IncidentRecord> {
  await db.$executeRaw`SELECT 1 FROM "Incident" WHERE "number" = ${number} FOR UPDATE`;
  return getIncident(db, number);
}

/** The incident that is open for this alert, or the one that this release's automatic roll back opened; null when none is. */
export async function standingIncident(
  db: Db,
  by: { readonly alertKey: string } | { readonly rolledBackReleaseId: string },
): Promise<{ readonly id: string; readonly number: number; readonly state: IncidentState; readonly rowVersion: number } | null> {
  const where =
    "alertKey" in by ? { alertKey: by.alertKey, state: { not: "closed" } } : { releaseId: by.rolledBackReleaseId, source: "rollback" };
  const row = await db.incident.findFirst({ where, select: { id: true, number: true, state: true, rowVersion: true } });
  return row === null ? null : { ...row, state: z.enum(INCIDENT_STATES).parse(row.state) };
}

export type IncidentChange = Pick<
  Prisma.IncidentUncheckedUpdateInput,
  "severity" | "state" | "harms" | "lawRoles" | "jurisdictions" | "awareAt" | "ownerId" | "postMortem" | "closedAt"
>;

/** The next value of an incident, if nobody was faster. Without a change only its row version rises. */
export async function saveIncident(db: Db, record: IncidentRecord, change: IncidentChange = {}): Promise<void> {
  expectOneRow(
    await db.incident.updateMany({
      where: { id: record.id, rowVersion: record.rowVersion },
      data: { ...change, rowVersion: { increment: 1 } },
    }),
    "incident",
  );
}

export type IncidentFilter = {
  readonly isClosed?: boolean;
  readonly severity?: string;
  readonly modelId?: string;
  readonly endpointId?: string;
  readonly releaseId?: string;
  /** Only these environments, and incidents of none when `withoutEnvironment`. */
  readonly environmentIds?: readonly string[];
  readonly beforeNumber?: number;
};

const whereOf = (filter: IncidentFilter): Prisma.IncidentWhereInput => ({
  ...(filter.isClosed === undefined ? {} : { state: filter.isClosed ? "closed" : { not: "closed" } }),
  ...(filter.severity === undefined ? {} : { severity: filter.severity }),
  ...(filter.modelId === undefined ? {} : { modelId: filter.modelId }),
  ...(filter.endpointId === undefined ? {} : { endpointId: filter.endpointId }),
  ...(filter.releaseId === undefined ? {} : { releaseId: filter.releaseId }),
  ...(filter.environmentIds === undefined ? {} : { environmentId: { in: [...filter.environmentIds] } }),
  ...(filter.beforeNumber === undefined ? {} : { number: { lt: filter.beforeNumber } }),
});

/** Newest first. */
export async function listIncidents(db: Db, filter: IncidentFilter, limit: number): Promise<IncidentRecord[]> {
  const rows = await db.incident.findMany({ where: whereOf(filter), include: PARTS, orderBy: { number: "desc" }, take: limit });
  return rows.map(toIncident);
}

export const countIncidents = (db: Db, filter: IncidentFilter): Promise<number> => db.incident.count({ where: whereOf(filter) });

export async function insertIncidentEntry(
  db: Db,
  entry: { id: string; incidentId: string; at: Date; kind: string; text: string; by: string },
): Promise<void> {
  await db.incidentEntry.create({ data: entry });
}

export async function putIncidentPerson(db: Db, person: { incidentId: string; userId: string; duty: string }): Promise<void> {
  await db.incidentPerson.upsert({
    where: { incidentId_userId: { incidentId: person.incidentId, userId: person.userId } },
    create: person,
    update: { duty: person.duty },
  });
}

export async function insertIncidentAction(
  db: Db,
  action: { id: string; incidentId: string; title: string; ownerId: string; dueAt: Date },
): Promise<void> {
  await db.incidentAction.create({ data: { ...action, state: "open" } });
}

/** False when there is no such open action. */
export async function endIncidentAction(
  db: Db,
  end: { id: string; incidentId: string; state: "done" | "dropped"; note: string; endedAt: Date },
): Promise<boolean> {
  const { id, incidentId, ...data } = end;
  return (await db.incidentAction.updateMany({ where: { id, incidentId, state: "open" }, data })).count === 1;
}

export async function insertIncidentReport(
  db: Db,
  report: Omit<Prisma.IncidentReportUncheckedCreateInput, "writtenAt">,
): Promise<void> {
  await db.incidentReport.create({ data: report });
}

export type NewPreserved = {
  readonly id: string;
  readonly releaseId: string | null;
  readonly endpointId: string;
  readonly incidentId: string | null;
  readonly cause: string;
  readonly content: JsonObject;
  readonly digest: string;
};

/** Kept as it is, on hold, before an act changes what it describes. */
export async function insertPreserved(db: Db, kept: NewPreserved): Promise<void> {
  await db.preservedEvidence.create({ data: { ...kept, content: kept.content as Prisma.InputJsonObject } });
}

/** Evidence of this release that belongs to no incident yet now belongs to this one. */
export async function adoptPreserved(db: Db, releaseId: string, incidentId: string): Promise<number> {
  return (await db.preservedEvidence.updateMany({ where: { releaseId, incidentId: null }, data: { incidentId } })).count;
}

export async function preservedOfRelease(db: Db, releaseId: string) {
  const rows = await db.preservedEvidence.findMany({ where: { releaseId }, orderBy: { takenAt: "asc" } });
  return rows.map((kept) => ({ ...kept, content: kept.content as JsonObject }));
}

/** First and newest number of the trail that names this release. */
export async function trailRangeOf(db: Db, releaseId: string): Promise<{ fromSeq: number | null; toSeq: number | null }> {
  const [row] = await db.$queryRaw<{ from: bigint | null; to: bigint | null }[]>`
    SELECT min("seq") AS "from", max("seq") AS "to" FROM "AuditTarget" WHERE "type" = 'release' AND "targetId" = ${releaseId}`;
  const plain = (seq: bigint | null | undefined): number | null => (seq === null || seq === undefined ? null : Number(seq));
  return { fromSeq: plain(row?.from), toSeq: plain(row?.to) };
}

type Names = { readonly id: string; readonly name: string };
export type IncidentNames = {
  readonly models: ReadonlyMap<string, Names & { readonly sector: string | null; readonly jurisdictions: readonly string[] }>;
  readonly versions: ReadonlyMap<string, Names>;
  readonly endpoints: ReadonlyMap<string, Names>;
  readonly environments: ReadonlyMap<string, Names>;
  readonly releaseNumbers: ReadonlyMap<string, number>;
  readonly people: ReadonlyMap<string, string>;
};

const given = (ids: readonly (string | null)[]): string[] => [...new Set(ids.filter((id) => id !== null))];
const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> => new Map(rows.map((row) => [row.id, row]));

/** What the ids in these incidents are called. */
export async function namesOfIncidents(db: Db, incidents: readonly IncidentRecord[]): Promise<IncidentNames> {
  const select = { id: true, name: true } as const;
  const inIds = (ids: readonly (string | null)[]) => ({ where: { id: { in: given(ids) } } });
  const models = await db.model.findMany({ ...inIds(incidents.map(({ modelId }) => modelId)), select: { ...select, sector: true, jurisdictions: true } });
  const versions = await db.version.findMany({ ...inIds(incidents.map(({ versionId }) => versionId)), select });
  const endpoints = await db.endpoint.findMany({ ...inIds(incidents.map(({ endpointId }) => endpointId)), select });
  const environments = await db.environment.findMany({ ...inIds(incidents.map(({ environmentId }) => environmentId)), select });
  const releases = await db.release.findMany({ ...inIds(incidents.map(({ releaseId }) => releaseId)), select: { id: true, number: true } });
  const userIds = incidents.flatMap(({ ownerId, people, actions }) => [
    ownerId,
    ...people.map(({ userId }) => userId),
    ...actions.map((action) => action.ownerId),
  ]);
  const people = await db.user.findMany({ ...inIds(userIds), select });
  return {
    models: byId(models),
    versions: byId(versions),
    endpoints: byId(endpoints),
    environments: byId(environments),
    releaseNumbers: new Map(releases.map(({ id, number }) => [id, number])),
    people: new Map(people.map(({ id, name }) => [id, name])),
  };
}
