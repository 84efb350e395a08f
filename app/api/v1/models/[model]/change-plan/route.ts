import { registerChangePlan } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(registerChangePlan, async ({ app, actor, params, body }) => ({
  body: await app.governance.registerEnvelope(actor, { model: params.model, body }),
}));
