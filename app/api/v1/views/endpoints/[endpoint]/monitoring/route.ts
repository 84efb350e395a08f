import { viewEndpointMonitoring } from "#lib/contracts/api/registry-view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewEndpointMonitoring, async ({ app, actor, params, query }) => ({
  body: await app.views.readEndpointMonitoring(actor, { ...params, ...query }),
}));
