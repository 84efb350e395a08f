import { viewAlerts } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewAlerts, async ({ app, actor, query }) => ({
  body: await app.monitoring.readAlerts(actor, query),
}));
