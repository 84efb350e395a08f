import { z } from "zod";
import { HARMS, INCIDENT_SOURCES, LAW_ROLES, SEVERITIES } from "#lib/domain/incident/harm.ts";
import { ACTION_STATES, INCIDENT_STATES } from "#lib/domain/incident/incident.ts";
import { jurisdictions, slug, versionName } from "./registry-api.ts";

const text = (least: number, most: number, message: string) => z.string().trim().min(least, message).max(most);
const instant = z.iso.datetime({ offset: false });
const reason = text(10, 2000, "Say why in at least 10 characters.");
const email = z.string().trim().min(3).max(254);

/** What a person or a program says when something went wrong. Everything but title, summary and severity may come later. */
export const openIncidentBody = z.strictObject({
  title: text(5, 200, "Name it in at least 5 characters."),
  summary: text(10, 4000, "Say what happened in at least 10 characters."),
  severity: z.enum(SEVERITIES),
  harms: z.array(z.enum(HARMS)).max(HARMS.length).default([]),
  lawRoles: z.array(z.enum(LAW_ROLES)).max(LAW_ROLES.length).default([...LAW_ROLES]),
  /** Left out: those of the model. */
  jurisdictions: z.array(z.enum(jurisdictions)).max(jurisdictions.length).optional(),
  occurredAt: instant.nullable().default(null),
  /** When somebody here knew; left out, now. Regulatory clocks count from it. */
  awareAt: instant.optional(),
  endpoint: slug.optional(),
  model: slug.optional(),
  version: versionName.optional(),
  release: z.number().int().positive().optional(),
  windowFrom: instant.nullable().default(null),
  windowTo: instant.nullable().default(null),
});
export type OpenIncidentBody = z.input<typeof openIncidentBody>;

export const changeIncidentBody = z.strictObject({
  severity: z.enum(SEVERITIES).optional(),
  harms: z.array(z.enum(HARMS)).max(HARMS.length).optional(),
  lawRoles: z.array(z.enum(LAW_ROLES)).max(LAW_ROLES.length).optional(),
  jurisdictions: z.array(z.enum(jurisdictions)).max(jurisdictions.length).optional(),
  awareAt: instant.optional(),
  reason,
});

export const moveIncidentBody = z.strictObject({ state: z.enum(INCIDENT_STATES), reason });

export const addIncidentEntryBody = z.strictObject({ text: text(3, 4000, "Write at least 3 characters."), at: instant.optional() });

export const INCIDENT_DUTIES = ["lead", "communications", "expert", "observer"] as const;
export const addIncidentPersonBody = z.strictObject({ person: email, duty: z.enum(INCIDENT_DUTIES) });

export const addIncidentActionBody = z.strictObject({
  title: text(5, 400, "Say what shall be done in at least 5 characters."),
  owner: email,
  dueAt: instant,
});
export const endIncidentActionBody = z.strictObject({ state: z.enum(["done", "dropped"]), note: text(5, 2000, "Say in a sentence what was done, or why not.") });

export const REPORT_KINDS = ["initial", "complete", "follow_up"] as const;
export const sendIncidentReportBody = z.strictObject({
  kind: z.enum(REPORT_KINDS),
  /** The clock it answers; null for none. */
  clockId: z.string().max(32).nullable().default(null),
  recipient: text(2, 200, "Name who received it."),
  text: text(40, 60_000, "The report is empty."),
  sentAt: instant,
  reference: z.string().trim().max(200).nullable().default(null),
});

export const postMortemBody = z.strictObject({
  whatHappened: text(20, 8000, "Write at least 20 characters."),
  rootCause: text(10, 8000, "Write at least 10 characters."),
  whatWorked: text(3, 8000, "Write at least 3 characters."),
  whatDidNot: text(3, 8000, "Write at least 3 characters."),
  lessons: text(10, 8000, "Write at least 10 characters."),
});

export const incidentListQuery = z.strictObject({
  state: z.enum(["open", "closed"]).nullable().default(null),
  severity: z.enum(SEVERITIES).nullable().default(null),
  model: slug.nullable().default(null),
  endpoint: slug.nullable().default(null),
  environment: z.string().max(64).nullable().default(null),
  before: z.coerce.number().int().positive().nullable().default(null),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const clockView = z.object({
  id: z.string(),
  citation: z.string(),
  law: z.string(),
  duty: z.string(),
  length: z.string(),
  also: z.string(),
  recipient: z.string(),
  confidence: z.enum(["primary", "memory"]),
  endsAt: instant,
  state: z.enum(["running", "overdue", "met", "met_late", "informational"]),
  metAt: instant.nullable(),
});
export type ClockView = z.output<typeof clockView>;

const namedRef = z.object({ id: z.string(), name: z.string() });

export const incidentRow = z.object({
  id: z.string(),
  number: z.number().int(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(INCIDENT_STATES),
  source: z.enum(INCIDENT_SOURCES),
  awareAt: instant,
  openedAt: instant,
  openedBy: z.string(),
  closedAt: instant.nullable(),
  model: namedRef.nullable(),
  endpoint: namedRef.nullable(),
  environment: namedRef.nullable(),
  releaseNumber: z.number().int().nullable(),
  owner: z.string().nullable(),
  /** The clock that ends first of those that want a report. */
  nextClock: clockView.nullable(),
});
export type IncidentRow = z.output<typeof incidentRow>;

export const incidentListView = z.object({
  asOf: instant,
  rows: z.array(incidentRow),
  counts: z.object({ open: z.number().int(), closed: z.number().int(), overdueReports: z.number().int() }),
  next: z.number().int().nullable(),
  mayOpen: z.boolean(),
});
export type IncidentListView = z.output<typeof incidentListView>;

export const preservedView = z.object({
  id: z.string(),
  cause: z.string(),
  digest: z.string(),
  takenAt: instant,
  /** Null while it is on hold. */
  releasedAt: instant.nullable(),
  content: z.record(z.string(), z.unknown()),
});

export const incidentView = incidentRow.extend({
  asOf: instant,
  summary: z.string(),
  harms: z.array(z.enum(HARMS)),
  lawRoles: z.array(z.enum(LAW_ROLES)),
  jurisdictions: z.array(z.string()),
  sector: z.string().nullable(),
  occurredAt: instant.nullable(),
  window: z.object({ from: instant, to: instant }).nullable(),
  version: namedRef.nullable(),
  rowVersion: z.number().int(),
  clocks: z.array(clockView),
  entries: z.array(z.object({ id: z.string(), at: instant, recordedAt: instant, kind: z.string(), text: z.string(), by: z.string() })),
  people: z.array(z.object({ userId: z.string(), name: z.string(), duty: z.enum(INCIDENT_DUTIES) })),
  actions: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      owner: z.string(),
      dueAt: instant,
      state: z.enum(ACTION_STATES),
      note: z.string().nullable(),
      endedAt: instant.nullable(),
    }),
  ),
  reports: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(REPORT_KINDS),
      clockId: z.string().nullable(),
      recipient: z.string(),
      text: z.string(),
      digest: z.string(),
      writtenBy: z.string(),
      writtenAt: instant,
      sentAt: instant,
      reference: z.string().nullable(),
    }),
  ),
  preserved: z.array(preservedView),
  postMortem: postMortemBody.extend({ by: z.string(), at: instant }).nullable(),
  runbooks: z.array(z.object({ name: z.string(), title: z.string() })),
  /** States it may go to, and what stops closing. */
  nextStates: z.array(z.enum(INCIDENT_STATES)),
  closingRefusals: z.array(z.string()),
  mayEdit: z.boolean(),
});
export type IncidentView = z.output<typeof incidentView>;
