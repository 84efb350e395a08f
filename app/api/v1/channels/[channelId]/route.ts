import { changeChannel, removeChannel } from "#lib/contracts/api/monitoring-operations.ts";
import { route } from "#lib/api/route.ts";

export const PATCH = route(changeChannel, async ({ app, actor, params, body }) => ({
  body: await app.outgoing.changeChannel(actor, { ...params, ...body }),
}));

export const DELETE = route(removeChannel, async ({ app, actor, params }) => ({
  body: await app.outgoing.removeChannel(actor, params),
}));
