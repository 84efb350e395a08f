import { draftIncidentReport } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(draftIncidentReport, async ({ app, actor, params, query }) => ({
  body: await app.incidents.draftIncidentReport(actor, { number: params.number, ...query }),
}));
