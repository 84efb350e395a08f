import { createChannel } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(createChannel, async ({ app, actor, body }) => ({
  body: await app.messages.createChannel(actor, body),
}));
