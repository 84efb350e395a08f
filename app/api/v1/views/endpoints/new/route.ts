import { viewNewEndpoint } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewNewEndpoint, async ({ app, actor, query }) => ({
  body: await app.views.readNewEndpoint(actor, query),
}));
