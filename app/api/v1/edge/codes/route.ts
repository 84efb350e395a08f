import { createDeviceCode } from "#lib/contracts/api/edge-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(createDeviceCode, async ({ app, actor, body }) => ({ body: await app.edge.createDeviceCode(actor, body) }));
