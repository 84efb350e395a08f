import { recordDelivery } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(recordDelivery, async ({ app, actor, params, body }) => ({
  body: await app.governance.recordDelivery(actor, { model: params.model, body }),
}));
