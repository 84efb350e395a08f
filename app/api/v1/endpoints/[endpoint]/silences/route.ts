import { silenceAlerts } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(silenceAlerts, async ({ app, actor, params, body }) => ({
  body: await app.monitoring.silenceAlerts(actor, { ...params, ...body }),
}));
