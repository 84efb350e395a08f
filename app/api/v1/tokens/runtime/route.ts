import { toCreatedTokenView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { createRuntimeToken } from "#lib/contracts/api/token-operations.ts";

export const POST = route(createRuntimeToken, async ({ app, actor, body }) => ({
  body: toCreatedTokenView(await app.tokens.createRuntimeToken(actor, body)),
}));
