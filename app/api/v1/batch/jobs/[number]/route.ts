import { getBatchJob } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getBatchJob, async ({ app, actor, params }) => ({ body: await app.batch.readBatchJob(actor, params) }));
