import { getCard } from "#lib/contracts/api/card-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getCard, async ({ app, actor, params, query }) => ({ body: await app.cards.readCard(actor, { ...params, ...query }) }));
