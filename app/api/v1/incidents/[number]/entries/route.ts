import { addIncidentEntry } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(addIncidentEntry, async ({ app, actor, params, body }) => ({
  body: await app.incidents.addIncidentEntry(actor, { number: params.number, body }),
}));
