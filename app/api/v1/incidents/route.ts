import { listIncidents, openIncident } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listIncidents, async ({ app, actor, query }) => ({ body: await app.incidents.listIncidents(actor, query) }));

export const POST = route(openIncident, async ({ app, actor, body }) => {
  const opened = await app.incidents.openIncident(actor, body);
  return { body: opened, headers: { location: `/api/v1/incidents/${opened.number}` } };
});
