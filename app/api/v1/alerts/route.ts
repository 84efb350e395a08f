import { listAlerts } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listAlerts, async ({ app, actor, query }) => {
  const { alerts, next } = await app.monitoring.readAlerts(actor, query);
  return { body: { alerts, next } };
});
