import { viewEndpoint } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewEndpoint, async ({ app, actor, params, query }) => ({
  body: await app.views.readEndpointView(actor, { ...params, ...query }),
}));
