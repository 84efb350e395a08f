import { setRetention } from "#lib/contracts/api/retention-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(setRetention, async ({ app, actor, body }) => ({ body: await app.retention.setRetention(actor, body) }));
