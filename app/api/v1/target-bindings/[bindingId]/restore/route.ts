import { restoreBinding } from "#lib/contracts/api/target-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(restoreBinding, async ({ app, actor, params, body }) => ({ body: await app.restoreBinding(actor, { ...params, ...body }) }));
