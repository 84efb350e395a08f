import { getModel } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getModel, async ({ app, actor, params }) => ({
  body: await app.registry.readModel(actor, params),
}));
