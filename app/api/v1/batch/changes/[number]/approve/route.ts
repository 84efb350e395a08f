import { approveBatchChange } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(approveBatchChange, async ({ app, actor, params, body }) => ({
  body: await app.batch.approveBatchChange(actor, { ...params, ...body }),
}));
