import { changeIncident } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(changeIncident, async ({ app, actor, params, body }) => ({
  body: await app.incidents.changeIncident(actor, { number: params.number, body }),
}));
