import { pauseBatchJob } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(pauseBatchJob, async ({ app, actor, params, body }) => ({
  body: await app.batch.pauseBatchJob(actor, { ...params, ...body }),
}));
