import { listDevices } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listDevices, async ({ app, actor, query }) => ({ body: await app.edge.readDevices(actor, query) }));
