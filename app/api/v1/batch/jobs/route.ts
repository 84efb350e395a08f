import { createBatchJob, listBatchJobs } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listBatchJobs, async ({ app, actor, query }) => {
  const { jobs, next } = await app.batch.readBatchList(actor, query);
  return { body: { data: jobs, next } };
});

export const POST = route(createBatchJob, async ({ app, actor, body }) => ({ body: await app.startBatchJob(actor, body) }));
