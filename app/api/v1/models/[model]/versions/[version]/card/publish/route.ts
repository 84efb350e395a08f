import { publishCard } from "#lib/contracts/api/card-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(publishCard, async ({ app, actor, params, body }) => ({ body: await app.cards.publishCard(actor, { ...params, body }) }));
