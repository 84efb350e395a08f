import { switchBatchSchedule } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(switchBatchSchedule, async ({ app, actor, params, body }) => ({
  body: await app.batch.switchBatchSchedule(actor, { ...params, ...body }),
}));
