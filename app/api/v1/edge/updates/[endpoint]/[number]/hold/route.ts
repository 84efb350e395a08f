import { holdDeviceUpdate } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(holdDeviceUpdate, async ({ app, actor, params, body }) => ({
  body: await app.edge.holdDeviceUpdate(actor, { ...params, ...body }),
}));
