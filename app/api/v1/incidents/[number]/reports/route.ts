import { sendIncidentReport } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(sendIncidentReport, async ({ app, actor, params, body }) => ({
  body: await app.incidents.sendIncidentReport(actor, { number: params.number, body }),
}));
