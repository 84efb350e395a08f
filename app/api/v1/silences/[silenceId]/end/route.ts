import { endSilence } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(endSilence, async ({ app, actor, params }) => ({
  body: await app.monitoring.endSilence(actor, params),
}));
