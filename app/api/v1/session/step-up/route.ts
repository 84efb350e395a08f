import { stepUp } from "#lib/contracts/api/session-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(stepUp, async ({ app, actor, body }) => ({ body: await app.auth.stepUp(actor, body) }));
