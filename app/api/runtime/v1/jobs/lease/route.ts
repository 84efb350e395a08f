import { leaseJob } from "#lib/contracts/api/runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(leaseJob, async ({ app, actor, body }) => ({
  body: await app.runtimes.leaseNextJob(actor, body.bootId),
}));
