import { viewAlertRules } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewAlertRules, async ({ app, actor, params }) => ({
  body: await app.monitoring.readAlertRules(actor, params),
}));
