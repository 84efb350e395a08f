import { replayDelivery } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(replayDelivery, async ({ app, actor, params }) => ({
  body: await app.outgoing.replayDelivery(actor, params),
}));
