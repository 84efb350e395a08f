import { viewEndpoints } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewEndpoints, async ({ app, actor, query }) => ({
  body: await app.views.readEndpointList(actor, query),
}));
