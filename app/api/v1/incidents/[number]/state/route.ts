import { moveIncident } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(moveIncident, async ({ app, actor, params, body }) => ({
  body: await app.incidents.moveIncident(actor, { number: params.number, body }),
}));
