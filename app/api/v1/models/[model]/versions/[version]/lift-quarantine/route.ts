import { liftQuarantine } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(liftQuarantine, async ({ app, actor, params, body }) => ({ body: await app.registry.liftQuarantine(actor, { ...params, ...body }) }));
