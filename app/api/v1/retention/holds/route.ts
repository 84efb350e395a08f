import { placeHold } from "#lib/contracts/api/retention-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(placeHold, async ({ app, actor, body }) => ({ body: await app.retention.placeHold(actor, body) }));
