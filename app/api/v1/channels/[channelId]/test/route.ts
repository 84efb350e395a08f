import { testChannel } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(testChannel, async ({ app, actor, params }) => ({
  body: await app.messages.testChannel(actor, params.channelId),
}));
