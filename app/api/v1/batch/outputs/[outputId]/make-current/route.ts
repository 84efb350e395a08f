import { makeOutputCurrent } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(makeOutputCurrent, async ({ app, actor, params, body }) => ({
  body: await app.batch.makeOutputCurrent(actor, { ...params, ...body }),
}));
