import { getRunbook } from "#lib/contracts/api/runbook-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getRunbook, async ({ app, actor, params, query }) => ({
  body: await app.runbooks.readRunbook(actor, { ...params, ...query }),
}));
