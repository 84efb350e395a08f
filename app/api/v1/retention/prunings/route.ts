import { pruneTexts } from "#lib/contracts/api/retention-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(pruneTexts, async ({ app, actor, body }) => ({ body: await app.retention.pruneTexts(actor, body) }));
