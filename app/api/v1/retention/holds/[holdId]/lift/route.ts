import { liftHold } from "#lib/contracts/api/retention-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(liftHold, async ({ app, actor, params, body }) => ({ body: await app.retention.liftHold(actor, { ...params, ...body }) }));
