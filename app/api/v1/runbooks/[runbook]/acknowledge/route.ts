import { acknowledgeRunbook } from "#lib/contracts/api/runbook-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(acknowledgeRunbook, async ({ app, actor, params, body }) => ({
  body: await app.runbooks.acknowledgeRunbook(actor, { runbook: params.runbook, body }),
}));
