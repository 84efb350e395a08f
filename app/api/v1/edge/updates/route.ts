import { startDeviceUpdate } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(startDeviceUpdate, async ({ app, actor, body }) => ({ body: await app.edge.startDeviceUpdate(actor, body) }));
