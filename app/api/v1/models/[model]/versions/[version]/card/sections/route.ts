import { writeCardSection } from "#lib/contracts/api/card-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(writeCardSection, async ({ app, actor, params, body }) => ({ body: await app.cards.writeCardSection(actor, { ...params, body }) }));
