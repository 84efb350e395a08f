import { withdrawBatchChange } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(withdrawBatchChange, async ({ app, actor, params, body }) => ({
  body: await app.batch.withdrawBatchChange(actor, { ...params, ...body }),
}));
