import { tickBatch } from "#lib/contracts/api/batch-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(tickBatch, async ({ app, actor, params, body }) => ({ body: await app.batch.tickBatch(actor, params, body) }));
