import { z } from "zod";
import { completeRules, ruleKeys, severities, signalClasses, type AlertRule, type AlertSeverity, type RuleKey, type SignalClass } from "#lib/domain/drift/alert-rules.ts";
import { alertRule } from "#lib/contracts/monitoring-api.ts";
import { notFound } from "#lib/domain/errors.ts";
import { asJson } from "../content-digest.ts";
import type { Prisma } from "./generated/client.ts";
import { expectOneRow } from "./optimistic.ts";

type Db = Prisma.TransactionClient;
const json = (value: unknown): Prisma.InputJsonValue => asJson(value) as Prisma.InputJsonValue;

export type EndpointRules = { readonly rules: readonly AlertRule[]; readonly rowVersion: number; readonly isDefault: boolean };

// A kind that this version does not know is left out, not refused.
const toRules = (stored: unknown): readonly AlertRule[] =>
  completeRules((Array.isArray(stored) ? stored : []).flatMap((one: unknown) => alertRule.safeParse(one).data ?? []));

/** The rules of every endpoint where they are not the defaults. */
export async function changedRules(db: Db): Promise<Map<string, readonly AlertRule[]>> {
  const rows = await db.alertRules.findMany();
  return new Map(rows.map(({ endpointId, rules }) => [endpointId, toRules(rules)]));
}

/** The rules of an endpoint; the defaults where nobody has changed them. */
export async function rulesOf(db: Db, endpointId: string): Promise<EndpointRules> {
  const row = await db.alertRules.findUnique({ where: { endpointId } });
  if (row === null) return { rules: completeRules([]), rowVersion: 0, isDefault: true };
  return { rules: toRules(row.rules), rowVersion: row.rowVersion, isDefault: false };
}

/** Puts new rules in place of those that were read with this row version. */
export async function saveRules(db: Db, endpointId: string, rules: readonly AlertRule[], seen: EndpointRules, by: string): Promise<number> {
  if (seen.isDefault) {
    await db.alertRules.create({ data: { endpointId, rules: json(rules), updatedById: by, rowVersion: 1 } });
    return 1;
  }
  const data = { rules: json(rules), updatedById: by, updatedAt: new Date(), rowVersion: { increment: 1 } };
  expectOneRow(await db.alertRules.updateMany({ where: { endpointId, rowVersion: seen.rowVersion }, data }), "alert rules");
  return seen.rowVersion + 1;
}

export type AlertRecord = {
  readonly id: string;
  readonly number: number;
  readonly endpointId: string;
  readonly environmentId: string;
  readonly modelId: string;
  readonly versionId: string;
  readonly ruleKey: RuleKey;
  readonly signalClass: SignalClass;
  readonly severity: AlertSeverity;
  readonly title: string;
  readonly sentence: string;
  readonly value: number | null;
  readonly limit: number | null;
  readonly subjects: readonly string[];
  readonly firedAt: Date;
  readonly refiredAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedById: string | null;
  readonly acknowledgement: string | null;
  readonly incidentId: string | null;
  readonly rowVersion: number;
};

const facts = z.object({ ruleKey: z.enum(ruleKeys), signalClass: z.enum(signalClasses), severity: z.enum(severities), subjects: z.array(z.string()) });
const toAlert = (row: Prisma.AlertGetPayload<object>): AlertRecord => ({ ...row, ...facts.parse(row) });

export async function getAlert(db: Db, by: { readonly id: string } | { readonly number: number }): Promise<AlertRecord> {
  const row = await db.alert.findUnique({ where: by });
  if (row === null) throw notFound();
  return toAlert(row);
}

export type NewAlert = Pick<
  AlertRecord,
  "id" | "endpointId" | "environmentId" | "modelId" | "versionId" | "ruleKey" | "signalClass" | "severity" | "title" | "sentence" | "value" | "limit" | "subjects" | "firedAt"
>;

/** A new alert; answers its number. */
export async function insertAlert(db: Db, alert: NewAlert): Promise<number> {
  const row = await db.alert.create({ data: { ...alert, subjects: json(alert.subjects) }, select: { number: true } });
  return row.number;
}

export type AlertChange = Partial<Pick<AlertRecord, "sentence" | "value" | "limit" | "subjects" | "refiredAt" | "resolvedAt" | "acknowledgedAt" | "acknowledgedById" | "acknowledgement" | "incidentId">>;

export async function changeAlert(db: Db, alert: AlertRecord, { subjects, ...change }: AlertChange): Promise<void> {
  const data = { ...change, ...(subjects === undefined ? {} : { subjects: json(subjects) }), rowVersion: { increment: 1 } };
  expectOneRow(await db.alert.updateMany({ where: { id: alert.id, rowVersion: alert.rowVersion }, data }), "alert");
}

/** Alerts that have not been resolved, of these endpoints or of all, newest first. */
export async function openAlerts(db: Db, endpointIds: readonly string[] | "all", limit = 500): Promise<AlertRecord[]> {
  const rows = await db.alert.findMany({
    where: { resolvedAt: null, ...(endpointIds === "all" ? {} : { endpointId: { in: [...endpointIds] } }) },
    orderBy: { firedAt: "desc" },
    take: limit,
  });
  return rows.map(toAlert);
}

/** The newest alert of one rule on one version; null when it never fired. */
export async function newestAlert(db: Db, where: { readonly endpointId: string; readonly versionId: string; readonly ruleKey: RuleKey }): Promise<AlertRecord | null> {
  const row = await db.alert.findFirst({ where, orderBy: { firedAt: "desc" } });
  return row === null ? null : toAlert(row);
}

export type AlertFilter = {
  readonly environments: "all" | readonly string[];
  readonly endpointId?: string | undefined;
  readonly show: "open" | "closed" | "all";
  /** Numbers below this one: the page that follows. */
  readonly before: number | null;
};

/** One page of alerts, newest first. */
export async function listAlerts(db: Db, { environments, endpointId, show, before }: AlertFilter, limit: number): Promise<AlertRecord[]> {
  const rows = await db.alert.findMany({
    where: {
      ...(environments === "all" ? {} : { environmentId: { in: [...environments] } }),
      ...(endpointId === undefined ? {} : { endpointId }),
      ...(show === "all" ? {} : { resolvedAt: show === "open" ? null : { not: null } }),
      ...(before === null ? {} : { number: { lt: before } }),
    },
    orderBy: { number: "desc" },
    take: limit,
  });
  return rows.map(toAlert);
}

export async function countOpenAlerts(db: Db, environments: "all" | readonly string[]): Promise<number> {
  return db.alert.count({ where: { resolvedAt: null, acknowledgedAt: null, ...(environments === "all" ? {} : { environmentId: { in: [...environments] } }) } });
}

export type SilenceRecord = {
  readonly id: string;
  readonly endpointId: string;
  readonly ruleKey: string | null;
  readonly reason: string;
  readonly until: Date;
  readonly createdAt: Date;
  readonly createdById: string;
};

export async function insertSilence(db: Db, silence: Omit<SilenceRecord, "createdAt">): Promise<void> {
  await db.alertSilence.create({ data: silence });
}

/** Silences of an endpoint that are in force. */
export async function silencesOf(db: Db, endpointId: string, now: Date): Promise<SilenceRecord[]> {
  return db.alertSilence.findMany({ where: { endpointId, endedAt: null, until: { gt: now } }, orderBy: { createdAt: "desc" } });
}

export async function findSilence(db: Db, id: string): Promise<SilenceRecord | null> {
  return db.alertSilence.findUnique({ where: { id } });
}

export async function endSilence(db: Db, id: string, now: Date): Promise<boolean> {
  const ended = await db.alertSilence.updateMany({ where: { id, endedAt: null, until: { gt: now } }, data: { endedAt: now } });
  return ended.count > 0;
}

/** Printed names of people by user id. */
export async function namesOf(db: Db, userIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.user.findMany({ where: { id: { in: [...new Set(userIds)] } }, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Numbers of incidents by id. */
export async function incidentNumbers(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.incident.findMany({ where: { id: { in: [...new Set(ids)] } }, select: { id: true, number: true } });
  return new Map(rows.map(({ id, number }) => [id, number]));
}
