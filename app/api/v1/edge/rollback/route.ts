import { rollBackDevices } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(rollBackDevices, async ({ app, actor, body }) => ({ body: await app.edge.rollBackDevices(actor, body) }));
