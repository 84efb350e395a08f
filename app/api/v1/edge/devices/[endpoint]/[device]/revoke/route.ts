import { revokeDevice } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(revokeDevice, async ({ app, actor, params, body }) => ({
  body: await app.edge.revokeDevice(actor, { ...params, ...body }),
}));
