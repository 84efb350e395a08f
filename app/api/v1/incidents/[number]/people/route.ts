import { addIncidentPerson } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(addIncidentPerson, async ({ app, actor, params, body }) => ({
  body: await app.incidents.addIncidentPerson(actor, { number: params.number, body }),
}));
