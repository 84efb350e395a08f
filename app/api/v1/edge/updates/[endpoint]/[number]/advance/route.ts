import { advanceDeviceUpdate } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(advanceDeviceUpdate, async ({ app, actor, params, body }) => ({
  body: await app.edge.advanceDeviceUpdate(actor, { ...params, ...body }),
}));
