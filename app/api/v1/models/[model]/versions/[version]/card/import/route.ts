import { importCard } from "#lib/contracts/api/card-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(importCard, async ({ app, actor, params, body }) => ({ body: await app.cards.importCard(actor, { ...params, body }) }));
