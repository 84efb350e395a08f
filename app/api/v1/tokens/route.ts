import { toCreatedTokenView, toTokenView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { createToken, listTokens } from "#lib/contracts/api/token-operations.ts";

export const GET = route(listTokens, async ({ app, actor }) => ({
  body: { tokens: (await app.tokens.listTokens(actor, {})).map(toTokenView) },
}));

export const POST = route(createToken, async ({ app, actor, body }) => ({
  body: toCreatedTokenView(await app.tokens.createToken(actor, body)),
}));
