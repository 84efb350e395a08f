import { createBatchChange } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(createBatchChange, async ({ app, actor, body }) => ({ body: await app.startBatchChange(actor, body) }));
