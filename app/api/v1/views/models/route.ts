import { viewModels } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewModels, async ({ app, actor, query }) => ({
  body: await app.views.readModelList(actor, query),
}));
