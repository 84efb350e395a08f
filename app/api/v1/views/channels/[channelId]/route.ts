import { viewChannel } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewChannel, async ({ app, actor, params, query }) => ({
  body: await app.outgoing.readChannel(actor, { ...params, ...query }),
}));
