import { cancelBatchJob } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(cancelBatchJob, async ({ app, actor, params, body }) => ({
  body: await app.batch.cancelBatchJob(actor, { ...params, ...body }),
}));
