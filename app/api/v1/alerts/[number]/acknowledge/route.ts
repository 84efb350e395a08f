import { acknowledgeAlert } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(acknowledgeAlert, async ({ app, actor, params, body }) => ({
  body: await app.monitoring.acknowledgeAlert(actor, { ...params, ...body }),
}));
