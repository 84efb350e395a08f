import { getEndpoint } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getEndpoint, async ({ app, actor, params, query }) => ({
  body: await app.registry.readEndpoint(actor, { ...params, ...query }),
}));
