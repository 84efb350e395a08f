import { z } from "zod";
import { incidentListQuery, type IncidentListView, type IncidentRow, type IncidentView } from "#lib/contracts/incident-api.ts";
import { allows, allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { nextClock } from "#lib/domain/incident/clocks.ts";
import { closingRefusals, nextIncidentStates } from "#lib/domain/incident/incident.ts";
import type { IncidentFilter, IncidentNames, IncidentRecord } from "../db/incident-repository.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { clocksOfIncident, clockView } from "./incident-clocks.ts";

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
const refOf = (names: ReadonlyMap<string, { readonly id: string; readonly name: string }>, id: string | null) => {
  const found = id === null ? undefined : names.get(id);
  return found === undefined ? null : { id: found.id, name: found.name };
};

function rowOf(incident: IncidentRecord, names: IncidentNames, now: Date): IncidentRow {
  const sector = names.models.get(incident.modelId ?? "")?.sector ?? null;
  const next = nextClock(clocksOfIncident(incident, sector, now));
  return {
    id: incident.id,
    number: incident.number,
    title: incident.title,
    severity: incident.severity,
    state: incident.state,
    source: incident.source,
    awareAt: incident.awareAt.toISOString(),
    openedAt: incident.openedAt.toISOString(),
    openedBy: incident.openedBy,
    closedAt: iso(incident.closedAt),
    model: refOf(names.models, incident.modelId),
    endpoint: refOf(names.endpoints, incident.endpointId),
    environment: refOf(names.environments, incident.environmentId),
    releaseNumber: names.releaseNumbers.get(incident.releaseId ?? "") ?? null,
    owner: names.people.get(incident.ownerId ?? "") ?? null,
    nextClock: next === null ? null : clockView(next),
  };
}

/** Incidents whose clocks are looked through for the count of overdue reports. */
const LOOKED_THROUGH = 500;

async function filterOf(db: ReadModels, input: z.output<typeof incidentListQuery>, allowed: "all" | readonly string[]): Promise<IncidentFilter> {
  const model = input.model === null ? null : await db.models.getModel(input.model);
  const endpoint = input.endpoint === null ? null : await db.endpoints.getEndpoint({ name: input.endpoint });
  const environment = input.environment === null ? null : await db.endpoints.findEnvironment(input.environment);
  const environmentIds = environment === null ? allowed : allowed === "all" || allowed.includes(environment.id) ? [environment.id] : [];
  return {
    ...(input.severity === null ? {} : { severity: input.severity }),
    ...(model === null ? {} : { modelId: model.id }),
    ...(endpoint === null ? {} : { endpointId: endpoint.id }),
    ...(environmentIds === "all" ? {} : { environmentIds }),
  };
}

/** Incidents, newest first, each with the clock that ends first. */
export const listIncidents = query({
  name: "list-incidents",
  permission: "incident:read",
  of: "many",
  input: incidentListQuery,
  async run({ db, actor, input, now }): Promise<IncidentListView> {
    const filter = await filterOf(db, input, environmentsAllowed(actor, "incident:read"));
    const open = await db.incidents.listIncidents({ ...filter, isClosed: false }, LOOKED_THROUGH);
    const openNames = await db.incidents.namesOfIncidents(open);
    const page = await db.incidents.listIncidents(
      {
        ...filter,
        ...(input.state === null ? {} : { isClosed: input.state === "closed" }),
        ...(input.before === null ? {} : { beforeNumber: input.before }),
      },
      input.limit + 1,
    );
    const shown = page.slice(0, input.limit);
    const names = await db.incidents.namesOfIncidents(shown);
    return {
      asOf: now.toISOString(),
      rows: shown.map((incident) => rowOf(incident, names, now)),
      counts: {
        open: await db.incidents.countIncidents({ ...filter, isClosed: false }),
        closed: await db.incidents.countIncidents({ ...filter, isClosed: true }),
        overdueReports: open.filter((incident) => rowOf(incident, openNames, now).nextClock?.state === "overdue").length,
      },
      next: page.length > shown.length ? (shown.at(-1)?.number ?? null) : null,
      mayOpen: allowsSomewhere(actor, "incident:open"),
    };
  },
});

const partsOf = (incident: IncidentRecord, names: IncidentNames) => ({
  entries: incident.entries.map(({ id, at, recordedAt, kind, text, by }) => ({ id, at: at.toISOString(), recordedAt: recordedAt.toISOString(), kind, text, by })),
  people: incident.people.map(({ userId, duty }) => ({ userId, name: names.people.get(userId) ?? "Unknown person", duty })),
  actions: incident.actions.map(({ id, title, ownerId, dueAt, state, note, endedAt }) => ({
    id,
    title,
    owner: names.people.get(ownerId) ?? "Unknown person",
    dueAt: dueAt.toISOString(),
    state,
    note,
    endedAt: iso(endedAt),
  })),
  reports: incident.reports.map(({ incidentId: _incident, writtenAt, sentAt, ...report }) => ({
    ...report,
    writtenAt: writtenAt.toISOString(),
    sentAt: sentAt.toISOString(),
  })),
  preserved: incident.preserved.map(({ id, cause, digest, takenAt, releasedAt, content }) => ({
    id,
    cause,
    digest,
    takenAt: takenAt.toISOString(),
    releasedAt: iso(releasedAt),
    content,
  })),
});

/** One incident with everything about it. */
export const readIncident = query({
  name: "read-incident",
  permission: "incident:read",
  of: "one",
  input: z.strictObject({ number: z.number().int().positive() }),
  async run({ db, actor, input, now, authorise }): Promise<IncidentView> {
    const incident = await db.incidents.getIncident(input.number);
    authorise({ environmentId: incident.environmentId, targets: [{ type: "incident", id: incident.id, name: null, digest: null }] });
    const names = await db.incidents.namesOfIncidents([incident]);
    const sector = names.models.get(incident.modelId ?? "")?.sector ?? null;
    const clocks = clocksOfIncident(incident, sector, now);
    const hasPostMortem = incident.postMortem !== null;
    const runbooks = await db.runbooks.runbooksFor(incident);
    return {
      ...rowOf(incident, names, now),
      ...partsOf(incident, names),
      asOf: now.toISOString(),
      summary: incident.summary,
      harms: incident.harms,
      lawRoles: incident.lawRoles,
      jurisdictions: incident.jurisdictions,
      sector,
      occurredAt: iso(incident.occurredAt),
      window: incident.windowFrom && incident.windowTo ? { from: incident.windowFrom.toISOString(), to: incident.windowTo.toISOString() } : null,
      version: refOf(names.versions, incident.versionId),
      rowVersion: incident.rowVersion,
      clocks: clocks.map(clockView),
      postMortem: incident.postMortem,
      runbooks: runbooks.map(({ name, title }) => ({ name, title })),
      nextStates: [...nextIncidentStates(incident.state)],
      closingRefusals: closingRefusals({ severity: incident.severity, hasPostMortem, actions: incident.actions, clocks }),
      mayEdit: allows(actor, "incident:edit", incident.environmentId),
    };
  },
});
