import { getIncident } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getIncident, async ({ app, actor, params }) => ({ body: await app.incidents.readIncident(actor, params) }));
