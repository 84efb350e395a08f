import { viewChannels } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewChannels, async ({ app, actor }) => ({
  body: await app.outgoing.readChannels(actor, { hasMail: app.messages.hasMail }),
}));
