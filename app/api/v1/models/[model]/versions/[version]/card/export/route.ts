import { exportCard } from "#lib/contracts/api/card-operations.ts";
import { fileResponse } from "#lib/api/download-response.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(exportCard, async ({ app, actor, params, query }) => fileResponse(await app.cards.exportCard(actor, { ...params, ...query })));
