import { viewVersion } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewVersion, async ({ app, actor, params }) => ({
  body: await app.views.readVersionView(actor, params),
}));
