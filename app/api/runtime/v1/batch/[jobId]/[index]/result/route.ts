import { postBatchResult } from "#lib/contracts/api/batch-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postBatchResult, async ({ app, actor, params, body }) => ({ body: await app.batch.recordBatchResult(actor, params, body) }));
