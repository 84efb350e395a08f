import { writeRunbook } from "#lib/contracts/api/runbook-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(writeRunbook, async ({ app, actor, params, body }) => ({
  body: await app.runbooks.writeRunbook(actor, { runbook: params.runbook, body }),
}));
