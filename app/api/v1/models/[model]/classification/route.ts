import { classifyModel } from "#lib/contracts/api/governance-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(classifyModel, async ({ app, actor, params, body }) => ({
  body: await app.governance.classifyModel(actor, { model: params.model, body }),
}));
