import { addIncidentAction } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(addIncidentAction, async ({ app, actor, params, body }) => ({
  body: await app.incidents.addIncidentAction(actor, { number: params.number, body }),
}));
