import { resumeBatchJob } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(resumeBatchJob, async ({ app, actor, params, body }) => ({
  body: await app.batch.resumeBatchJob(actor, { ...params, ...body }),
}));
