import { decideControl } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(decideControl, async ({ app, actor, params, body }) => ({
  body: await app.governance.decideControl(actor, { model: params.model, body }),
}));
