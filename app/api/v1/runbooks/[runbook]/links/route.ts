import { linkRunbook } from "#lib/contracts/api/runbook-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(linkRunbook, async ({ app, actor, params, body }) => ({
  body: await app.runbooks.linkRunbook(actor, { runbook: params.runbook, body }),
}));
