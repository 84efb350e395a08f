import { rejectBatchChange } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(rejectBatchChange, async ({ app, actor, params, body }) => ({
  body: await app.batch.rejectBatchChange(actor, { ...params, ...body }),
}));
