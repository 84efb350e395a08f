import { revertBatchChange } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(revertBatchChange, async ({ app, actor, params, body }) => ({
  body: await app.batch.revertBatchChange(actor, { ...params, ...body }),
}));
