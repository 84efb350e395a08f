import { assignRunbook } from "#lib/contracts/api/runbook-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(assignRunbook, async ({ app, actor, params, body }) => ({
  body: await app.runbooks.assignRunbook(actor, { runbook: params.runbook, body }),
}));
