import { viewModel } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewModel, async ({ app, actor, params }) => ({
  body: await app.views.readModelView(actor, params),
}));
