import { createBatchSchedule } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(createBatchSchedule, async ({ app, actor, body }) => ({ body: await app.batch.createBatchSchedule(actor, body) }));
