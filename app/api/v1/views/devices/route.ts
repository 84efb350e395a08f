import { viewDevices } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewDevices, async ({ app, actor }) => ({ body: await app.edge.readDeviceFleets(actor, {}) }));
