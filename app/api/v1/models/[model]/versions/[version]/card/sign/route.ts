import { signCard } from "#lib/contracts/api/card-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(signCard, async ({ app, actor, params, body }) => ({ body: await app.cards.signCard(actor, { ...params, body }) }));
