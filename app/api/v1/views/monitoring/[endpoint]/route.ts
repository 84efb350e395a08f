import { viewMonitoring } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewMonitoring, async ({ app, actor, params, query }) => ({
  body: await app.monitoring.readMonitoring(actor, { ...params, ...query }),
}));
