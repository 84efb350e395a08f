import { route } from "#lib/api/route.ts";
import { revokeToken } from "#lib/contracts/api/token-operations.ts";

export const POST = route(revokeToken, async ({ app, actor, params }) => ({
  body: await app.tokens.revokeToken(actor, params),
}));
