import { getJob } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getJob, async ({ app, actor, params }) => ({
  body: { ...(await app.registry.readJob(actor, params)) },
}));
