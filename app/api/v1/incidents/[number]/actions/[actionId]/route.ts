import { endIncidentAction } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(endIncidentAction, async ({ app, actor, params: { number, actionId }, body }) => ({
  body: await app.incidents.endIncidentAction(actor, { number, body: { ...body, actionId } }),
}));
