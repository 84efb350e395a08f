import { z } from "zod";
import * as incident from "#lib/contracts/incident-api.ts";
import { operation } from "#lib/contracts/operation.ts";
import { INCIDENT_STATES } from "#lib/domain/incident/incident.ts";

const none = z.strictObject({});
const byNumber = z.strictObject({ number: z.coerce.number().int().positive().max(2_000_000_000) });
const standing = z.object({ id: z.string(), number: z.number().int(), state: z.enum(INCIDENT_STATES), rowVersion: z.number().int() });

export const openIncident = operation({
  name: "openIncident",
  method: "POST",
  path: "/api/v1/incidents",
  summary: "Open an incident; regulatory clocks count from its recorded awareness",
  permission: "incident:open",
  params: none,
  query: none,
  body: incident.openIncidentBody,
  response: standing,
  status: 201,
});

export const listIncidents = operation({
  name: "listIncidents",
  method: "GET",
  path: "/api/v1/incidents",
  summary: "Incidents, newest first, with the regulatory clock that ends first",
  permission: "incident:read",
  params: none,
  query: incident.incidentListQuery,
  body: null,
  response: incident.incidentListView,
  status: 200,
});

export const getIncident = operation({
  name: "getIncident",
  method: "GET",
  path: "/api/v1/incidents/{number}",
  summary: "One incident: timeline, clocks, preserved evidence, reports, actions",
  permission: "incident:read",
  params: byNumber,
  query: none,
  body: null,
  response: incident.incidentView,
  status: 200,
});

/** Acts on one incident differ in body only. */
const act = <const N extends string, const P extends string, const B extends z.ZodType>(name: N, verb: P, summary: string, body: B) =>
  operation({
    name,
    method: "POST",
    path: `/api/v1/incidents/{number}/${verb}`,
    summary,
    permission: "incident:edit",
    params: byNumber,
    query: none,
    body,
    response: standing,
    status: 200,
  });

export const changeIncident = act("changeIncident", "facts", "Correct severity, harms, roles or the moment of awareness, with a reason", incident.changeIncidentBody);
export const moveIncident = act("moveIncident", "state", "Contain, resolve, close or open it again", incident.moveIncidentBody);
export const addIncidentEntry = act("addIncidentEntry", "entries", "Add a line to its timeline", incident.addIncidentEntryBody);
export const addIncidentPerson = act("addIncidentPerson", "people", "Bring a person in", incident.addIncidentPersonBody);
export const addIncidentAction = act("addIncidentAction", "actions", "Add a corrective action with owner and date", incident.addIncidentActionBody);
export const sendIncidentReport = act("sendIncidentReport", "reports", "Record a report that was sent; it stops the clock it answers", incident.sendIncidentReportBody);
export const writePostMortem = act("writePostMortem", "post-mortem", "Write the post-mortem", incident.postMortemBody);

export const endIncidentAction = operation({
  name: "endIncidentAction",
  method: "POST",
  path: "/api/v1/incidents/{number}/actions/{actionId}",
  summary: "Say that a corrective action is done, or dropped and why",
  permission: "incident:edit",
  params: byNumber.extend({ actionId: z.uuid() }),
  query: none,
  body: incident.endIncidentActionBody,
  response: standing,
  status: 200,
});

export const draftIncidentReport = operation({
  name: "draftIncidentReport",
  method: "GET",
  path: "/api/v1/incidents/{number}/report",
  summary: "The initial or complete report as Markdown, made from what is recorded",
  permission: "incident:read",
  params: byNumber,
  query: z.strictObject({ kind: z.enum(["initial", "complete"]).default("initial"), clock: z.string().max(32).nullable().default(null) }),
  body: null,
  response: z.object({ kind: z.enum(["initial", "complete"]), text: z.string() }),
  status: 200,
});
